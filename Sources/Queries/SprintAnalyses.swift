public import Domain
public import RiskEngine

/// The risk of a sprint's open issues, and its scope.
public struct SprintAnalysis: Sendable {
    /// In capital letters.
    public var projectKey: String
    /// The one that the request fits best.
    public var sprint: Sprint
    /// Other sprints that the request fits as well.
    public var otherSprints: [Sprint]
    /// How much of the sprint is in the store.
    public var coverage: Coverage
    /// How many issues of the sprint are not done; `rollup` may cover fewer, the riskiest.
    public var openIssueCount: Int
    /// Of the sprint's open issues.
    public var rollup: SprintRollup
    /// Committed, added, removed and completed, from the changelogs (decision 0013).
    public var scope: SprintScope
    /// How many of all open issues will not be done by the end, by their stored forecasts; only of the active sprint.
    public var outlook: ForecastOutlook
    /// Plain text.
    public var summary: String
    /// The instant it speaks of.
    public var asOf: Timestamp
}

/// Analyses of sprints.
public struct SprintAnalyses: Sendable {
    private let store: any QueryStore
    private let analyst: IssueAnalyst
    private let analyses: CurrentAnalyses
    private let completion: ProjectCompletion
    private let quota: MonthlyQuota
    private let currency: String

    /// - Parameter currency: Stands before amounts of money in summaries.
    public init(
        store: any QueryStore, analyst: IssueAnalyst, completion: ProjectCompletion, quota: MonthlyQuota,
        currency: String
    ) {
        self.store = store
        self.analyst = analyst
        self.analyses = CurrentAnalyses(analyst: analyst)
        self.completion = completion
        self.quota = quota
        self.currency = currency
    }

    /// Rolls up the active sprint of a project, or the one called `sprintName`, in any case. Counts against the plan.
    ///
    /// - Parameter limit: how many open issues are looked at; where there are more, the riskiest.
    /// - Throws: ``QueryError``, and what the store and the classifier throw.
    public func analyze(
        projectKey: String, sprintName: String?, limit: Int, for principal: Principal, at now: Timestamp
    ) async throws -> SprintAnalysis {
        // Jira's project keys are in capital letters, and its queries take them in any.
        let projectKey = projectKey.uppercased()
        let tenant = try principal.tenantToAnalyze(at: now)
        let resource = sprintName.map { "\(projectKey)/\($0)" } ?? projectKey
        return try await quota.charging(tenant, .sprint, for: resource, by: principal.actor, at: now) {
            let coverage = try await completion.complete(
                [projectKey], jql: JQL.sprint(named: sprintName, of: projectKey), of: tenant.id)
            let (sprint, otherSprints) = try await store.sprint(tenant.id, of: projectKey, named: sprintName)
            let issues = try await store.sprintIssues(tenant.id, projectKey: projectKey, sprintID: sprint.id)
            let open = SprintScope.openIssues(of: sprint, among: issues)
            let listings = try await store.listings(tenant.id, of: riskiest(open, limit: limit))
            let rollup = SprintRollup(of: try await analyses.rolledUp(listings, of: tenant.id, at: now), at: now)
            let scope = analyst.scope(
                of: sprint, issues: issues, statuses: try await store.statusCatalog(tenant.id), now: now)
            let outlook = try await outlook(of: open.map(\.issue.id), by: sprint.endDate, tenantID: tenant.id)
            return SprintAnalysis(
                projectKey: projectKey, sprint: sprint, otherSprints: otherSprints, coverage: coverage,
                openIssueCount: open.count, rollup: rollup, scope: scope, outlook: outlook,
                summary: RollupSummary.of(
                    sprint, projectKey: projectKey, rollup: rollup, scope: scope, open: open.count,
                    outlook: outlook.sentence, currency: currency),
                asOf: now)
        }
    }

    private func outlook(
        of issueIDs: [IssueID], by end: Timestamp?, tenantID: TenantID
    ) async throws -> ForecastOutlook {
        let forecasts = try await store.forecasts(tenantID, of: issueIDs)
        return ForecastOutlook(.sprint, of: issueIDs.map { forecasts[$0]?.forecast }, deadline: end, countsAll: true)
    }

    private func riskiest(_ issues: [SprintIssue], limit: Int) -> [IssueID] {
        issues.filter { $0.riskScore != nil }
            .sorted { ($1.riskScore ?? 0, $0.issue.key) < ($0.riskScore ?? 0, $1.issue.key) }
            .prefix(limit).map(\.issue.id)
    }
}
