public import Metrics

/// What the store counts.
public struct StoreMetrics: Sendable {
    let commits: Counter
    let commitFailures: Counter

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        commits = Counter(label: "consilod_store_commits_total", factory: factory)
        commitFailures = Counter(label: "consilod_store_commit_failures_total", factory: factory)
    }
}
