public import Domain
import Forecast
public import RiskEngine

/// Scorecards of a tenant's rules and channels: what their alerts were worth.
public struct Scorecards: Sendable {
    /// Alerts, and issues with all that happened to them, that are read at a time.
    private static let (alertPage, issuePage) = (500, 100)

    private let store: any QueryStore
    private let analyst: IssueAnalyst
    private let turns: TenantTurns
    private let executor: RuleTrials.Executor

    /// - Parameter turns: shared with all that may not run at the same time for a tenant.
    public init(
        store: any QueryStore, analyst: IssueAnalyst, turns: TenantTurns, executor: @escaping RuleTrials.Executor
    ) {
        self.store = store
        self.analyst = analyst
        self.turns = turns
        self.executor = executor
    }

    /// The scorecards of the days before `now`.
    ///
    /// - Parameter lastDays: see ``RuleTrials/days``.
    /// - Throws: ``QueryError``, and what the store throws.
    public func run(lastDays: Int, for principal: Principal, at now: Timestamp) async throws -> AlertScorecards {
        try await run(lastDays: lastDays, of: try principal.tenant(to: .read).id, at: now)
    }

    /// As the other, for the daemon itself.
    func run(lastDays: Int, of tenantID: TenantID, at now: Timestamp) async throws -> AlertScorecards {
        let from = now.adding(days: -lastDays)
        return try await turns.run(for: tenantID) {
            try await withTaskExecutorPreference(executor(tenantID)) {
                let channels = try await store.alertChannels(tenantID)
                var tally = ScorecardTally(
                    rules: try await store.alertRules(tenantID),
                    alerts: try await alerts(of: tenantID, from: from.adding(days: -lastDays), to: now), from: from,
                    to: now)
                try await count(&tally, of: tenantID)
                return tally.result(channels: channels)
            }
        }
    }

    private func alerts(of tenantID: TenantID, from: Timestamp, to: Timestamp) async throws -> [RaisedAlert] {
        var alerts: [RaisedAlert] = []
        while true {
            try Task.checkCancellation()
            let page = try await store.raisedAlerts(
                tenantID, from: from, to: to, after: alerts.last, limit: Self.alertPage)
            alerts += page
            guard page.count == Self.alertPage else { return alerts }
        }
    }

    private func count(_ tally: inout ScorecardTally, of tenantID: TenantID) async throws {
        let statuses = try await store.statusCatalog(tenantID)
        var after: IssueID?
        while true {
            try Task.checkCancellation()
            let ids = try await store.activeIssues(
                tenantID, since: tally.from, after: after, limit: Self.issuePage)
            let stored = try await store.issueHistories(of: tenantID, ids: ids)
            let alerted = ids.filter(tally.hasAlerts)
            let scores = try await store.scoredPasts(tenantID, of: alerted, from: tally.from, to: tally.to)
            let scoresByID = Dictionary(scores.map { ($0.issueID, $0) }) { first, _ in first }
            var collector = HistoryCollector(statuses: statuses)
            let pasts = stored.compactMap { stored in
                analyst.past(of: stored, statuses: statuses).map { (past: $0, sprints: stored.sprintRecords) }
            }
            for one in pasts { collector.note(one.past, sprints: one.sprints) }
            for one in pasts {
                let issue = one.past.issue
                tally.add(issue, collector.history(of: one.past), scoresByID[issue.id])
            }
            guard ids.count == Self.issuePage, let last = ids.last else { return }
            after = last
        }
    }
}
