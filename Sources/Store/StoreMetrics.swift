import Domain
public import Metrics

/// What the store counts.
public struct StoreMetrics: Sendable {
    let commits: Counter
    let commitFailures: Counter
    private let duration: Metrics.Timer

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        commits = Counter(label: "consilod_store_commits_total", factory: factory)
        commitFailures = Counter(label: "consilod_store_commit_failures_total", factory: factory)
        duration = Metrics.Timer(label: "consilod_store_transaction_duration_seconds", factory: factory)
    }

    /// Notes how long a transaction that writes had the connection.
    func wrote(in duration: Duration) { self.duration.record(duration: duration) }

    /// Counts what became of a transaction that writes.
    func counting<Result>(_ commit: () async throws -> Result) async throws -> Result {
        do {
            let result = try await commit()
            commits.increment()
            return result
        } catch let error as StorageError {
            // The others are the caller's: a transaction that found a lease lost is no failure of the store.
            if error.code == .unavailable || error.code == .corrupt { commitFailures.increment() }
            throw error
        }
    }
}
