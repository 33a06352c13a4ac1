public import Metrics

/// What is counted of Stripe.
public struct StripeMetrics: Sendable {
    /// What became of a request to the endpoint for events. All but the first three are refusals, named as the answer's `code`.
    public enum EventOutcome: String, CaseIterable, Sendable {
        case stored, ignored, duplicate
        case badSignature = "invalid_signature"
        case stale = "outside_tolerance"
        case otherMode = "mode_mismatch"
        case malformed = "malformed_event"
        case tooLarge = "body_too_large"
        case overloaded, unavailable
    }

    /// How a call to Stripe ended.
    enum CallOutcome: String, CaseIterable, Sendable {
        case success
        /// The key is not valid, or lacks a permission.
        case unauthorized
        /// Any other 4xx.
        case refused
        case rateLimited = "rate_limited"
        case serverError = "server_error"
        /// No connection, or no answer in time.
        case unreachable
    }

    private let events: [EventOutcome: Counter]
    private let calls: [CallOutcome: Counter]

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        events = Dictionary(
            uniqueKeysWithValues: EventOutcome.allCases.map {
                (
                    $0,
                    Counter(
                        label: "consilod_stripe_events_total", dimensions: [("outcome", $0.rawValue)], factory: factory)
                )
            })
        calls = Dictionary(
            uniqueKeysWithValues: CallOutcome.allCases.map {
                (
                    $0,
                    Counter(
                        label: "consilod_stripe_calls_total", dimensions: [("outcome", $0.rawValue)], factory: factory)
                )
            })
    }

    /// Counts a request to the endpoint.
    public func count(_ outcome: EventOutcome) { events[outcome]?.increment() }

    func count(_ outcome: CallOutcome) { calls[outcome]?.increment() }
}
