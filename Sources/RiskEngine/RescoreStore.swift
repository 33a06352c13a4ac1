public import Domain

/// What the rescorer needs of the store. Every method is one transaction.
public protocol RescoreStore: Sendable {
    /// Takes up to `limit` issues that are due at `now` and not leased, and leases them until `leaseUntil`: the longest due
    /// first, and by turns of tenants where more is due.
    func claimIssues(
        limit: Int, turns: ClaimTurns, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [IssueClaim]

    /// Extends the leases of claims in progress; lost ones stay lost.
    func renewLeases(of claims: [IssueClaim], until: Timestamp) async throws

    /// Everything held about a claimed issue; nil when its tenant is gone.
    func loadWork(for claim: IssueClaim) async throws -> IssueWork?

    /// The cached readings among `hashes`.
    func sentimentReadings(
        tenantID: TenantID, model: String, hashes: [ContentHash]
    ) async throws -> [ContentHash: SentimentReading]

    /// Adds readings to the sentiment cache, ahead of the analysis that needs them.
    func keep(_ readings: [ContentHash: SentimentReading], model: String, tenantID: TenantID) async throws

    /// The issues at the other end of `blocked by` links, as far as they are known; a deleted one counts as done.
    ///
    /// - Parameter asOf: the instant whose scores to give; one that was first scored later is unknown then. Nil for the
    ///   newest.
    func upstreamRisks(tenantID: TenantID, links: [IssueLink], asOf: Timestamp?) async throws -> [UpstreamRisk]

    /// The cached readings among `hashes`, and the issues at the other end of `blocked by` links as ``upstreamRisks(tenantID:links:asOf:)``
    /// gives them, in one transaction.
    func ingredients(
        tenantID: TenantID, model: String, hashes: [ContentHash], links: [IssueLink], asOf: Timestamp
    ) async throws -> (readings: [ContentHash: SentimentReading], upstream: [UpstreamRisk])

    /// The instants of the rows that the history has of the issues at the other end of `blocked by` links.
    func upstreamInstants(tenantID: TenantID, links: [IssueLink], after: Timestamp) async throws -> [Timestamp]

    /// What an issue's history says around an instant.
    func lookBack(tenantID: TenantID, issueID: IssueID, before: Timestamp) async throws -> LookBack

    /// The applied webhooks of an issue whose bodies are still kept, in order of arrival; empty if they are more than the
    /// engine should read at once.
    func appliedEvents(tenantID: TenantID, issueID: IssueID) async throws -> [PendingEvent]

    /// What sprint webhooks said of these sprints, as far as there were any, by id.
    func sprintRecords(tenantID: TenantID, sprintIDs: [String]) async throws -> [SprintRecord]

    /// What decides where alerts of a tenant go.
    func alertRouting(_ tenantID: TenantID, now: Timestamp) async throws -> AlertRouting

    /// Commits everything in one transaction. Throws `StorageError(.stale)`, with no effect, when the lease was lost.
    func commit(_ result: RescoreResult, for claim: IssueClaim) async throws

    /// Gives a failed claim back: to be tried again at `retryAt`, or parked with its error when that is nil.
    func fail(_ claim: IssueClaim, error: String, retryAt: Timestamp?, now: Timestamp) async throws

    /// Puts a claimed issue off without working on it; what has come in meanwhile keeps it due.
    func postpone(_ claim: IssueClaim, until: Timestamp, now: Timestamp) async throws

    /// Queues every issue whose stored analysis was made by other rules or another model; how many.
    func enqueueStale(keeping engine: EngineIdentity, now: Timestamp) async throws -> Int

    /// What is held about an issue, by its key, without a claim and without pending events; nil when unknown.
    func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork?

    /// Adds an analysis made on demand to the history, and its new readings to the sentiment cache.
    func appendHistory(
        tenantID: TenantID, analysis: Analysis, newReadings: [ContentHash: SentimentReading],
        now: Timestamp
    ) async throws
}
