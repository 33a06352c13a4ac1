public import Domain
public import Foundation

/// What serving forecasts needs of the store. Every method is one transaction.
public protocol ServingStore: Sendable {
    // MARK: What forecasts are made with
    /// Nil for a tenant whose pace was never taken.
    func forecastBasisID(_ tenantID: TenantID) async throws -> ForecastBasisID?
    func forecastBasis(_ tenantID: TenantID) async throws -> ForecastBasis?
    /// With its file; nil when it is not kept any more.
    func model(_ tenantID: TenantID, id: String) async throws -> ForecastModelRecord?
    func statusCatalog(_ id: TenantID) async throws -> StatusCatalog
    /// These issues with everything that happened to them, in the order of their ids.
    func issueHistories(of tenantID: TenantID, ids: [IssueID]) async throws -> [StoredIssueHistory]

    // MARK: What is stale
    /// A tenant with something stale, leased; nil when nothing is.
    func claimForecastRefresh(now: Timestamp, leaseUntil: Timestamp) async throws -> ForecastRefreshClaim?
    /// Throws `StorageError(.stale)` when the lease was lost.
    func renew(_ claim: ForecastRefreshClaim, until: Timestamp) async throws
    /// Ends a claim: nothing is stale until the basis is another, or a day later. Without effect when the lease was lost.
    func finish(_ claim: ForecastRefreshClaim, with basis: ForecastBasisID, at now: Timestamp) async throws
    /// Gives a claim back, to be tried again at `retryAt` after a failure, or at once with nil. Without effect when the lease
    /// was lost.
    func giveBack(_ claim: ForecastRefreshClaim, retryAt: Timestamp?) async throws
    /// A page of the tenant's open issues, by id, whose forecast is missing, of another model, or as of before `before`.
    func issuesWithoutForecast(
        _ tenantID: TenantID, by modelID: String, before: Timestamp, after: IssueID?, limit: Int
    ) async throws -> [IssueID]
    func saveForecasts(_ forecasts: [ForecastRecord], of tenantID: TenantID) async throws

    // MARK: Alerts
    func alertRules(_ id: TenantID) async throws -> [AlertRule]
    /// Of these issues, the rules that are firing.
    func firingRules(_ tenantID: TenantID, of issueIDs: [IssueID]) async throws -> [IssueID: Set<UUID>]
    /// Queues issues to be looked at now.
    func enqueueIssues(_ issueIDs: [IssueID], of tenantID: TenantID, now: Timestamp) async throws
}
