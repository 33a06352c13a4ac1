public import Metrics

/// What calls to Jira count, over all tenants.
public struct JiraCallMetrics: Sendable {
    /// How a call ended: with what Jira answered, or without an answer.
    private enum Outcome: String, CaseIterable {
        /// 2xx; also a redirect, which is not followed.
        case success
        case unauthorized, forbidden
        case notFound = "not_found"
        case rateLimited = "rate_limited"
        /// Any other 4xx.
        case clientError = "client_error"
        case serverError = "server_error"
        /// No connection, or no answer in time.
        case unreachable
        /// An address that must not be called; nothing was sent.
        case refusedAddress = "refused_address"
        /// An answer beyond all size.
        case malformed
        case cancelled

        init(status: UInt) {
            switch status {
            case ..<400: self = .success
            case 401: self = .unauthorized
            case 403: self = .forbidden
            case 404: self = .notFound
            case 429: self = .rateLimited
            case ..<500: self = .clientError
            default: self = .serverError
            }
        }

        init(_ error: JiraError) {
            switch error {
            case .refusedAddress: self = .refusedAddress
            case .malformedAnswer: self = .malformed
            case .cancelled: self = .cancelled
            default: self = .unreachable
            }
        }
    }

    private let calls: [Outcome: Counter]
    private let duration: Metrics.Timer

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        calls = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                (
                    $0,
                    Counter(
                        label: "consilod_jira_calls_total", dimensions: [("outcome", $0.rawValue)], factory: factory)
                )
            })
        duration = Metrics.Timer(label: "consilod_jira_call_duration_seconds", factory: factory)
    }

    func answered(_ status: UInt, in duration: Duration) {
        calls[Outcome(status: status)]?.increment()
        self.duration.record(duration: duration)
    }

    func failed(_ error: JiraError) { calls[Outcome(error)]?.increment() }
}
