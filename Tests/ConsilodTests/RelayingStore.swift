import Domain
import RiskEngine
import Store
import Synchronization

/// Hands everything to a real store, but refuses the first results when told to, and counts what the sentiment cache is
/// asked.
final class RelayingStore: RescoreStore {
    private let store: RiskStore
    private let left: Mutex<Int>
    private let asked = Mutex<[Int]>([])

    init(_ store: RiskStore, refusals: Int = 0) {
        self.store = store
        left = Mutex(refusals)
    }

    /// How many more results will be refused.
    var refusals: Int { left.withLock { $0 } }

    /// How many texts each query of the sentiment cache was about. A call without texts is no query.
    var cacheQueries: [Int] { asked.withLock { $0 } }

    private func note(_ hashes: [ContentHash]) {
        guard !hashes.isEmpty else { return }
        asked.withLock { $0.append(hashes.count) }
    }

    func commit(_ result: RescoreResult, for claim: IssueClaim) async throws {
        let isRefused = left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
        if isRefused { throw StorageError(.unavailable, "disk full") }
        try await store.commit(result, for: claim)
    }

    func claimIssues(
        limit: Int, turns: ClaimTurns, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [IssueClaim] {
        try await store.claimIssues(limit: limit, turns: turns, now: now, leaseUntil: leaseUntil)
    }
    func renewLeases(of claims: [IssueClaim], until: Timestamp) async throws {
        try await store.renewLeases(of: claims, until: until)
    }
    func loadWork(for claim: IssueClaim) async throws -> IssueWork? { try await store.loadWork(for: claim) }
    func sentimentReadings(
        tenantID: TenantID, model: String, hashes: [ContentHash]
    ) async throws -> [ContentHash: SentimentReading] {
        note(hashes)
        return try await store.sentimentReadings(tenantID: tenantID, model: model, hashes: hashes)
    }
    func keep(_ readings: [ContentHash: SentimentReading], model: String, tenantID: TenantID) async throws {
        try await store.keep(readings, model: model, tenantID: tenantID)
    }
    func upstreamRisks(
        tenantID: TenantID, links: [IssueLink], asOf: Timestamp?
    ) async throws -> [UpstreamRisk] {
        try await store.upstreamRisks(tenantID: tenantID, links: links, asOf: asOf)
    }
    func ingredients(
        tenantID: TenantID, model: String, hashes: [ContentHash], links: [IssueLink], asOf: Timestamp
    ) async throws -> (readings: [ContentHash: SentimentReading], upstream: [UpstreamRisk]) {
        note(hashes)
        return try await store.ingredients(tenantID: tenantID, model: model, hashes: hashes, links: links, asOf: asOf)
    }
    func upstreamInstants(
        tenantID: TenantID, links: [IssueLink], after: Timestamp
    ) async throws -> [Timestamp] {
        try await store.upstreamInstants(tenantID: tenantID, links: links, after: after)
    }
    func lookBack(tenantID: TenantID, issueID: IssueID, before: Timestamp) async throws -> LookBack {
        try await store.lookBack(tenantID: tenantID, issueID: issueID, before: before)
    }
    func appliedEvents(tenantID: TenantID, issueID: IssueID) async throws -> [PendingEvent] {
        try await store.appliedEvents(tenantID: tenantID, issueID: issueID)
    }
    func sprintRecords(tenantID: TenantID, sprintIDs: [String]) async throws -> [SprintRecord] {
        try await store.sprintRecords(tenantID: tenantID, sprintIDs: sprintIDs)
    }
    func alertRouting(_ tenantID: TenantID, now: Timestamp) async throws -> AlertRouting {
        try await store.alertRouting(tenantID, now: now)
    }
    func fail(_ claim: IssueClaim, error: String, retryAt: Timestamp?, now: Timestamp) async throws {
        try await store.fail(claim, error: error, retryAt: retryAt, now: now)
    }
    func postpone(_ claim: IssueClaim, until: Timestamp, now: Timestamp) async throws {
        try await store.postpone(claim, until: until, now: now)
    }
    func enqueueStale(keeping engine: EngineIdentity, now: Timestamp) async throws -> Int {
        try await store.enqueueStale(keeping: engine, now: now)
    }
    func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork? {
        try await store.loadIssue(tenantID: tenantID, key: key)
    }
    func appendHistory(
        tenantID: TenantID, analysis: Analysis, newReadings: [ContentHash: SentimentReading], now: Timestamp
    ) async throws {
        try await store.appendHistory(tenantID: tenantID, analysis: analysis, newReadings: newReadings, now: now)
    }
}
