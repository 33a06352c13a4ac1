public import Domain
public import Foundation

/// What the synchronizer needs of the store. Every method is one transaction.
public protocol SyncStore: Sendable {
    /// Claims a tenant that is due to be synced, and leases it; nil when no tenant is due.
    func claimSync(now: Timestamp, leaseUntil: Timestamp) async throws -> SyncClaim?
    /// Extends a lease. Throws `StorageError(.stale)` when it was lost.
    func renew(_ claim: SyncClaim, until: Timestamp) async throws
    /// Ends a claim: the tenant is synced again at `dueAt`, or earlier on request. `sweepError` says why the sweep was refused
    /// though the sync as a whole did not fail.
    func release(
        _ claim: SyncClaim, dueAt: Timestamp, calls: Int, error: String?, sweepError: String?
    ) async throws
    /// Ends a claim and stops all further calls for the tenant, and commits the alerts about it. Throws
    /// `StorageError(.stale)` when the lease was lost.
    func stop(_ claim: SyncClaim, reason: String, raising decision: AlertDecision, calls: Int, now: Timestamp)
        async throws
    /// Stores that a sweep began at `at`, whether it could decide about every issue, whether it was a full one, and when the
    /// next is due.
    func recordSweep(
        _ claim: SyncClaim, at: Timestamp, isComplete: Bool, isFull: Bool, nextAt: Timestamp
    ) async throws
    /// Stores which custom fields of the site hold what.
    func recordFields(_ claim: SyncClaim, _ fields: CustomFields) async throws

    /// The issues of a tenant that are due to be fetched, the most urgent first.
    func dueFetches(_ tenantID: TenantID, limit: Int, now: Timestamp) async throws -> [IssueFetch]
    /// Queues issues to be fetched that are not queued yet; how many.
    @discardableResult
    func requestFetches(
        _ issueIDs: [IssueID], of tenantID: TenantID, reason: FetchReason, backfillID: UUID?, now: Timestamp
    ) async throws -> Int
    /// Stores Jira's answers as events in the inbox, and ends the fetches they come from.
    func keepFetched(
        _ deliveries: [WebhookDelivery], ending outcome: [IssueFetch: FetchOutcome], of tenantID: TenantID,
        now: Timestamp
    ) async throws

    /// What is stored of these issues, by id; unknown ones are left out.
    func issueOutlines(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> [IssueID: IssueOutline]
    /// Everything folded of an issue; nil when nothing is known of it.
    func issueState(_ tenantID: TenantID, _ issueID: IssueID) async throws -> IssueState?
    /// The keys of the projects that issues of the tenant belong to.
    func projectKeys(_ tenantID: TenantID) async throws -> [String]
    /// A page of the tenant's issues in the order of their ids, after `after`: whether each was fetched completely once and
    /// still exists as far as is known.
    func knownIssues(
        _ tenantID: TenantID, after: IssueID?, limit: Int
    ) async throws -> [(id: IssueID, isPresent: Bool)]
    /// The newest issues that changed since an instant, newest first.
    func recentlyChanged(_ tenantID: TenantID, since: Timestamp, limit: Int) async throws -> [IssueID]

    /// A tenant's running backfills, oldest first.
    func runningBackfills(_ tenantID: TenantID) async throws -> [Backfill]
    /// Stores one page of a backfill's listing.
    func recordPage(
        of backfill: Backfill, listed: Int, requested: [IssueID], nextPage: String?, now: Timestamp
    ) async throws
    /// Restarts a backfill's listing from its beginning.
    func restartListing(of backfill: Backfill) async throws
    /// Ends a backfill, with the reason for people when it failed.
    func finish(_ backfill: Backfill, error: String?, now: Timestamp) async throws
}
