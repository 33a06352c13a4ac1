public import Domain
public import Foundation

/// What trials of rules and scorecards need of the store. Pages are in one order; one with fewer than `limit` elements is the
/// last. Windows include both of their ends.
public protocol RuleTrialStore: Sendable {
    /// A page of the issues that have an analysis of the window, by id, with all that is kept of their scores up to its end.
    func scoredPasts(
        _ id: TenantID, from: Timestamp, to: Timestamp, after: IssueID?, limit: Int
    ) async throws -> [ScoredPast]
    /// What is kept of the scores of these issues within a window, by issue; those without any are left out.
    func scoredPasts(
        _ id: TenantID, of issueIDs: [IssueID], from: Timestamp, to: Timestamp
    ) async throws -> [ScoredPast]
    /// How many alerts a rule raised within a window.
    func raisedCount(_ id: TenantID, ruleID: UUID, from: Timestamp, to: Timestamp) async throws -> Int
    /// A page of the alerts of issues that were raised or resolved within a window, oldest first.
    func raisedAlerts(
        _ id: TenantID, from: Timestamp, to: Timestamp, after: RaisedAlert?, limit: Int
    ) async throws -> [RaisedAlert]
    /// A page of the issues that are open or were changed since an instant, by id.
    func activeIssues(_ id: TenantID, since: Timestamp, after: IssueID?, limit: Int) async throws -> [IssueID]
    /// These issues with everything that happened to them.
    func issueHistories(of tenantID: TenantID, ids: [IssueID]) async throws -> [StoredIssueHistory]
    /// What decides where the tenant's alerts go.
    func alertRouting(_ id: TenantID, now: Timestamp) async throws -> AlertRouting
}
