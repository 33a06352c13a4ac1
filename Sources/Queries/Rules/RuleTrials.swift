public import Alerts
public import Domain
import Foundation
public import RiskEngine

/// Trials of rules: what they would have raised, by the scores that are stored. Nothing is changed.
public struct RuleTrials: Sendable {
    /// Where a tenant's long work runs; nil for where everything runs.
    public typealias Executor = @Sendable (TenantID) -> (any TaskExecutor)?

    /// Most issues that an answer lists.
    public static let listedIssues = 100
    /// Most alerts whose grouping is worked out.
    public static let groupedAlerts = 50_000
    /// How long a window may be, in days.
    public static let days = 1...365
    /// How long a window is where nothing is said.
    public static let standardDays = 90
    /// Issues that are read at a time: with their scores, and with all that happened to them.
    private static let (page, detailedPage) = (100, 50)

    private let store: any QueryStore
    private let analyst: IssueAnalyst
    private let router: AlertRouter
    private let turns: TenantTurns
    private let executor: Executor

    /// - Parameter turns: shared with all that may not run at the same time for a tenant.
    public init(
        store: any QueryStore, analyst: IssueAnalyst, router: AlertRouter, turns: TenantTurns,
        executor: @escaping Executor
    ) {
        self.store = store
        self.analyst = analyst
        self.router = router
        self.turns = turns
        self.executor = executor
    }

    /// Tries a rule on the days before `now`.
    ///
    /// - Parameter isStored: whether the tenant has this rule, and what it really raised is to be counted.
    /// - Throws: ``QueryError``, and what the store throws.
    public func run(
        _ rule: AlertRule, isStored: Bool, lastDays: Int, for principal: Principal, at now: Timestamp
    ) async throws -> RuleTrialAnswer {
        let tenantID = try principal.tenant(to: .read).id
        guard let trial = RuleTrial(rule) else { throw QueryError.ruleNotTriable }
        let from = now.adding(days: -lastDays)
        return try await turns.run(for: tenantID) {
            try await withTaskExecutorPreference(executor(tenantID)) {
                var tally = RuleTrialTally(
                    trial, of: tenantID, from: from, to: now, router: router,
                    routing: try await store.alertRouting(tenantID, now: now), alertLimit: Self.groupedAlerts)
                try await play(&tally, of: tenantID, from: from, to: now)
                let really =
                    isStored
                    ? try await store.raisedCount(tenantID, ruleID: rule.id, from: from, to: now) : nil
                return tally.result(listing: Self.listedIssues, reallyRaised: really)
            }
        }
    }

    private func play(
        _ tally: inout RuleTrialTally, of tenantID: TenantID, from: Timestamp, to: Timestamp
    ) async throws {
        let statuses = try await store.statusCatalog(tenantID)
        var after: IssueID?
        while true {
            try Task.checkCancellation()
            let page = try await store.scoredPasts(tenantID, from: from, to: to, after: after, limit: Self.page)
            tally.look(at: page.count)
            let rung = page.map { ($0.issueID, tally.rings(in: $0)) }.filter { !$0.1.isEmpty }
            for start in stride(from: 0, to: rung.count, by: Self.detailedPage) {
                let part = rung[start..<min(start + Self.detailedPage, rung.count)]
                let issues = try await issues(part.map(\.0), of: tenantID, statuses)
                for (id, rings) in part { tally.add(rings, of: id, issues[id]) }
            }
            guard page.count == Self.page, let last = page.last else { return }
            after = last.issueID
        }
    }

    private func issues(
        _ ids: [IssueID], of tenantID: TenantID, _ statuses: StatusCatalog
    ) async throws -> [IssueID: Issue] {
        try await store.issueHistories(of: tenantID, ids: ids).reduce(into: [:]) { issues, stored in
            issues[stored.state.id] = analyst.past(of: stored, statuses: statuses)?.issue
        }
    }
}
