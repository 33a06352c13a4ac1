public import Metrics

/// What writes to Jira count, over all tenants.
public struct WriteBackMetrics: Sendable {
    /// How a write ended.
    enum Result: String, CaseIterable {
        /// Jira has the values.
        case written
        /// Jira has no values any more, as the issue is done.
        case cleared
        /// Jira refused it: a field, the issue, or the account's permissions.
        case refused
        /// Jira did not answer, or asked for patience.
        case unavailable
    }

    private let writes: [Result: Counter]

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        writes = Dictionary(
            uniqueKeysWithValues: Result.allCases.map {
                (
                    $0,
                    Counter(
                        label: "consilod_jira_writes_total", dimensions: [("result", $0.rawValue)], factory: factory)
                )
            })
    }

    func count(_ result: Result) { writes[result]?.increment() }
}
