public import Domain

/// What writing to Jira needs of the store. Every method is one transaction.
public protocol WriteBackStore: Sendable {
    /// Claims a tenant whose issues are to be looked through for values to write, and leases it; nil when none is due.
    func claimWriteBack(now: Timestamp, leaseUntil: Timestamp) async throws -> WriteBackClaim?
    /// The issues of a claimed tenant whose values are due to be written or removed, without those of some projects: those that
    /// Jira refused last, and among others the riskiest first.
    func dueWrites(
        _ claim: WriteBackClaim, except projects: Set<String>, limit: Int, now: Timestamp
    ) async throws -> [IssueToWrite]
    /// Whether all issues of a tenant are of one project.
    func hasOneProject(_ tenantID: TenantID) async throws -> Bool
    /// Whether an issue may still be written to: it may have been restricted meanwhile. Throws `StorageError(.stale)` when the
    /// lease was lost.
    func mayWrite(to issueID: IssueID, under claim: WriteBackClaim) async throws -> Bool
    /// Stores what became of a write, and extends the lease. Throws `StorageError(.stale)` when the lease was lost.
    func record(
        _ outcome: WriteOutcome, of issueID: IssueID, under claim: WriteBackClaim, nextAt: Timestamp,
        leaseUntil: Timestamp, now: Timestamp
    ) async throws
    /// Ends a claim: the tenant's issues are looked through again at `dueAt`, and nothing is written before the stop ends.
    func release(
        _ claim: WriteBackClaim, dueAt: Timestamp, hasFailed: Bool, stop: (until: Timestamp, reason: String)?
    ) async throws
}
