public import Domain
public import Foundation

/// What the query API needs of the store to tell, and to set going, what is asked of Jira. Every method is one transaction
/// and sees one tenant only (P8).
public protocol JiraAccessStore: Sendable {
    /// How a tenant's access to Jira stands; nil when the tenant is unknown.
    func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus?
    /// Has Jira asked at once what webhooks missed, also for a tenant whose calls were stopped; with `isFull` about all
    /// issues there are. False when the tenant is unknown.
    func requestSweep(_ tenantID: TenantID, isFull: Bool, now: Timestamp) async throws -> Bool
    /// Starts a backfill, or finds the one of the same query that is running.
    func startBackfill(_ tenantID: TenantID, jql: String, now: Timestamp) async throws -> Backfill
    func backfill(_ tenantID: TenantID, _ id: UUID) async throws -> Backfill?
    /// Newest first.
    func recentBackfills(_ tenantID: TenantID, limit: Int) async throws -> [Backfill]
}
