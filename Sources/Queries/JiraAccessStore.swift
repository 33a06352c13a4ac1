public import Domain
public import Foundation

/// What the doors need of the store to show and start calls to a tenant's Jira. Every method is one transaction and sees
/// one tenant only (P8). `by` names who causes a change.
public protocol JiraAccessStore: Sendable {
    /// The state of a tenant's access to Jira; nil when the tenant is unknown.
    func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus?
    /// Starts a sweep for what webhooks missed, also for a tenant whose calls were stopped; with `isFull` over all issues.
    /// False when the tenant is unknown.
    func requestSweep(_ tenantID: TenantID, isFull: Bool, by actor: Actor, now: Timestamp) async throws -> Bool
    /// Starts a backfill, or finds the one of the same query that is running. Throws `StorageError(.limitReached)` where
    /// the tenant has as many running as it may.
    func startBackfill(_ tenantID: TenantID, jql: String, by actor: Actor, now: Timestamp) async throws -> Backfill
    /// Nil when the tenant has no backfill of this id.
    func backfill(_ tenantID: TenantID, _ id: UUID) async throws -> Backfill?
    /// Newest first.
    func recentBackfills(_ tenantID: TenantID, limit: Int) async throws -> [Backfill]
}
