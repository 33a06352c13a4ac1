public import Domain
public import Foundation

/// What the synchroniser needs of the store. Every method is one transaction.
public protocol SyncStore: Sendable {
    /// Takes a tenant whose picture of Jira is due to be looked after, and leases it; nil when none is.
    func claimSync(now: Timestamp, leaseUntil: Timestamp) async throws -> SyncClaim?
    /// Prolongs a lease. Throws `StorageError(.stale)` when it was lost.
    func renew(_ claim: SyncClaim, until: Timestamp) async throws
    /// Ends a claim: the tenant is looked after again at `dueAt`, or earlier when something asks for it. A `complaint` is
    /// what people should know though the visit did not fail.
    func release(
        _ claim: SyncClaim, dueAt: Timestamp, calls: Int, error: String?, complaint: String?
    ) async throws
    /// Ends a claim and all further calls for the tenant, and raises the alerts of that. Throws `StorageError(.stale)`
    /// when the lease was lost.
    func stop(_ claim: SyncClaim, reason: String, raising decision: AlertDecision, calls: Int, now: Timestamp)
        async throws
    /// Notes that a sweep began at `at`, whether it could judge all and went through all, and when the next is due.
    func recordSweep(
        _ claim: SyncClaim, at: Timestamp, isComplete: Bool, isFull: Bool, nextAt: Timestamp
    ) async throws
    /// Keeps which custom fields of the site hold what.
    func recordFields(_ claim: SyncClaim, _ fields: CustomFields) async throws

    /// The issues of a tenant that are due to be fetched, the most urgent first.
    func dueFetches(_ tenantID: TenantID, limit: Int, now: Timestamp) async throws -> [IssueFetch]
    /// Has issues fetched that are not waiting for it yet; how many.
    @discardableResult
    func requestFetches(
        _ issueIDs: [IssueID], of tenantID: TenantID, reason: FetchReason, backfillID: UUID?, now: Timestamp
    ) async throws -> Int
    /// Keeps what Jira answered as events in the inbox, and ends the fetches they come from.
    func keepFetched(
        _ deliveries: [WebhookDelivery], ending outcome: [IssueFetch: FetchOutcome], of tenantID: TenantID,
        now: Timestamp
    ) async throws

    /// What is held of these issues, by id; unknown ones are left out.
    func issueOutlines(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> [IssueID: IssueOutline]
    /// Everything folded of an issue; nil when nothing is known of it.
    func issueState(_ tenantID: TenantID, _ issueID: IssueID) async throws -> IssueState?
    /// The keys of the projects that issues of the tenant belong to.
    func projectKeys(_ tenantID: TenantID) async throws -> [String]
    /// A page of the tenant's issues in the order of their ids, behind `after`: whether each was fetched whole once and is
    /// still there as far as is known.
    func knownIssues(
        _ tenantID: TenantID, after: IssueID?, limit: Int
    ) async throws -> [(id: IssueID, isPresent: Bool)]
    /// The newest issues that changed since an instant, newest first.
    func recentlyChanged(_ tenantID: TenantID, since: Timestamp, limit: Int) async throws -> [IssueID]

    /// A tenant's backfills that are at work, oldest first.
    func runningBackfills(_ tenantID: TenantID) async throws -> [Backfill]
    /// Keeps one page of a backfill's listing.
    func recordPage(
        of backfill: Backfill, listed: Int, requested: [IssueID], nextPage: String?, now: Timestamp
    ) async throws
    /// Has a backfill listed from its beginning again.
    func restartListing(of backfill: Backfill) async throws
    /// Ends a backfill, with the reason for people when it failed.
    func finish(_ backfill: Backfill, error: String?, now: Timestamp) async throws
}
