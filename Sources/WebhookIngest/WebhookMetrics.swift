public import Metrics

/// What the door counts, over all tenants. A count is one atomic addition; nothing is allocated for a request.
public struct WebhookMetrics: Sendable {
    /// What became of a delivery. All but the first two are refusals, named as the answer's `code`.
    enum Outcome: String, CaseIterable, Sendable {
        case stored, duplicate
        case unknownTenant = "tenant_not_found"
        case tooLarge = "body_too_large"
        case badSignature = "invalid_signature"
        case notJSONMedia = "not_json"
        case encoded = "unsupported_encoding"
        case notJSON = "malformed_json"
        case unsupportedEvent = "unsupported_event"
        case rateLimited = "rate_limited"
        case overloaded, unavailable
    }

    private let deliveries: [Outcome: Counter]
    private let commitDuration: Metrics.Timer

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        // All of them from the start: a rate needs the zero before the first.
        deliveries = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                (
                    $0,
                    Counter(label: "consilod_webhooks_total", dimensions: [("outcome", $0.rawValue)], factory: factory)
                )
            })
        commitDuration = Metrics.Timer(label: "consilod_webhook_commit_duration_seconds", factory: factory)
    }

    func count(_ outcome: Outcome) { deliveries[outcome]?.increment() }

    /// - Parameter duration: from a request's head to the commit on disk of what it brought.
    func committed(after duration: Duration) { commitDuration.record(duration: duration) }
}
