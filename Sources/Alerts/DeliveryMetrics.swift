import Domain
public import Metrics

/// What the delivery of alerts counts, over all tenants.
public struct DeliveryMetrics: Sendable {
    private struct Key: Hashable {
        var kind: AlertChannel.Kind
        var outcome: String
    }

    private let attempts: [Key: Counter]

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        var attempts: [Key: Counter] = [:]
        for kind in AlertChannel.Kind.allCases {
            for outcome in ["delivered", "retry", "dead", "unsubscribed"] {
                attempts[Key(kind: kind, outcome: outcome)] = Counter(
                    label: "consilod_alert_deliveries_total",
                    dimensions: [("channel", kind.rawValue), ("outcome", outcome)], factory: factory)
            }
        }
        self.attempts = attempts
    }

    func count(_ outcome: DeliveryOutcome, over kind: AlertChannel.Kind) {
        let name =
            switch outcome {
            case .delivered: "delivered"
            case .retry: "retry"
            case .dead: "dead"
            case .unsubscribed: "unsubscribed"
            // Nothing was tried.
            case .postponed: ""
            }
        attempts[Key(kind: kind, outcome: name)]?.increment()
    }
}
