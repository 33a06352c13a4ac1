import Domain
public import Metrics

/// What the sending of mails about accounts counts, over all tenants.
public struct AccountMailMetrics: Sendable {
    private struct Key: Hashable {
        var kind: AccountMailKind
        var outcome: String
    }

    private let attempts: [Key: Counter]

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        var attempts: [Key: Counter] = [:]
        for kind in AccountMailKind.allCases {
            for outcome in ["sent", "retry", "dead", "left_out"] {
                attempts[Key(kind: kind, outcome: outcome)] = Counter(
                    label: "consilod_account_mails_total",
                    dimensions: [("kind", kind.rawValue), ("outcome", outcome)], factory: factory)
            }
        }
        self.attempts = attempts
    }

    func count(_ outcome: AccountMailOutcome, of kind: AccountMailKind) {
        let name =
            switch outcome {
            case .sent: "sent"
            case .retry: "retry"
            case .dead: "dead"
            case .leftOut: "left_out"
            }
        attempts[Key(kind: kind, outcome: name)]?.increment()
    }
}
