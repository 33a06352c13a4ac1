import Domain
import Hummingbird

/// The risk of a sprint, and its scope.
struct SprintController: Sendable {
    var store: any QueryStore
    var analyses: CurrentAnalyses
    var rollups: any RiskRollingUp
    var completion: ProjectCompletion
    var quota: MonthlyQuota
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/sprint", use: analyze)
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SprintAnalysisView> {
        let tenant = try context.tenant
        var fields = try await RequestFields(bodyOf: request)
        let name = fields.optional("sprint_name", .text(1...255))
        let limit = fields.optional("max_issues", .integer(1...200)) ?? 50
        // Jira's project keys are in capital letters, and its queries take them in any.
        let projectKey = try fields.required(("project_key", .text(1...255))).uppercased()

        let now = now()
        try tenant.checkTrial(at: now)
        let resource = name.map { "\(projectKey)/\($0)" } ?? projectKey
        return try await quota.charging(tenant, .sprint, for: resource, at: now) {
            let coverage = try await completion.complete(
                [projectKey], jql: JQL.sprint(named: name, of: projectKey), of: tenant.id)
            guard try await store.knowsProject(tenant.id, projectKey: projectKey) else {
                throw APIError(.projectNotFound, "No issue of such a project is known.")
            }
            let found = try await store.sprints(tenant.id, projectKey: projectKey, named: name)
                .sorted(by: isPreferred)
            guard let sprint = found.first else {
                throw APIError(
                    .sprintNotFound,
                    name == nil
                        ? "No issue of the project is in an active sprint; name one with sprint_name."
                        : "No issue of the project is or was in a sprint of this name.")
            }
            let issues = try await store.sprintIssues(tenant.id, projectKey: projectKey, sprintID: sprint.id)
            let open = rollups.openIssues(of: sprint, among: issues)
            // The riskiest, where there are more than asked for.
            let chosen = open.filter { $0.riskScore != nil }
                .sorted { ($1.riskScore ?? 0, $0.issue.key) < ($0.riskScore ?? 0, $1.issue.key) }.prefix(limit)
            let listings = try await store.listings(tenant.id, of: chosen.map(\.issue.id))
            let rolledUp = try await analyses.rolledUp(listings, of: tenant.id, at: now)
            let rollup = rollups.rollUp(sprint: rolledUp, at: now)
            let scope = rollups.scope(of: sprint, issues: issues, now: now)
            return Answer(
                SprintAnalysisView(
                    projectKey: projectKey, sprintName: sprint.name, coverage: coverage,
                    issueCount: rollup.counts.issues,
                    openIssueCount: open.count,
                    executiveSummary: rollups.summary(
                        of: sprint, projectKey: projectKey, rollup: rollup, scope: scope, openCount: open.count),
                    rollup: rollup, scope: scope, sprint: SprintView(sprint),
                    otherSprints: found.dropFirst().map(SprintView.init), timestamp: now))
        }
    }

    /// Of several sprints an active one comes first, then one that is to come; then the one that started last.
    private func isPreferred(_ a: Sprint, to b: Sprint) -> Bool {
        let states = ["active", "future"]
        func rank(_ sprint: Sprint) -> Int { states.firstIndex(of: sprint.state) ?? states.count }
        if rank(a) != rank(b) { return rank(a) < rank(b) }
        if a.startDate != b.startDate {
            guard let start = a.startDate else { return false }
            return b.startDate.map { start > $0 } ?? true
        }
        // Jira numbers sprints as they are made.
        return (a.id.count, a.id) > (b.id.count, b.id)
    }
}
