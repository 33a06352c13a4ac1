import Domain
import HTTPTypes
import Hummingbird

/// The risk of several named sets of issues, and of all of them together.
struct PortfolioController: Sendable {
    private static let sliceLimit = 50

    var store: any QueryStore
    var analyses: CurrentAnalyses
    var rollups: any RiskRollingUp
    var jira: any JiraSearching
    var completion: ProjectCompletion
    var quota: MonthlyQuota
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/portfolio", use: analyze)
    }

    /// A slice as it was asked for.
    private struct Slice {
        var name: String
        var jql: String
        /// What the query asks for, where the store can tell.
        var projects: ProjectJQL?
        /// The field to name in errors.
        var field: String
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<PortfolioView> {
        let tenant = try context.tenant
        var fields = try await RequestFields(bodyOf: request)
        let limit = fields.optional("max_issues_per_slice", .integer(1...200)) ?? 50
        let slices = try slices(&fields)

        let now = now()
        try tenant.checkTrial(at: now)
        let resource = String(slices.map(\.name).joined(separator: ",").prefix(255))
        return try await quota.charging(tenant, .portfolio, for: resource, at: now) {
            var views: [PortfolioView.Slice] = []
            // An issue that several slices name is looked at once.
            var known: [IssueID: RolledUpIssue] = [:]
            for slice in slices {
                let (listings, coverage) = try await listings(of: slice, tenantID: tenant.id, limit: limit)
                let new = listings.filter { known[$0.issue.id] == nil }
                for issue in try await analyses.rolledUp(new, of: tenant.id, at: now) { known[issue.id] = issue }
                let rollup = rollups.rollUp(portfolio: listings.compactMap { known[$0.issue.id] })
                views.append(
                    PortfolioView.Slice(
                        name: slice.name, jql: slice.jql, coverage: coverage, issueCount: rollup.counts.issues,
                        rollup: rollup))
            }
            let overall = rollups.rollUp(portfolio: Array(known.values))
            return Answer(
                PortfolioView(
                    slices: views, overall: overall,
                    executiveSummary: rollups.summary(
                        ofSlices: views.map { ($0.name, $0.rollup) }, overall: overall), timestamp: now))
        }
    }

    /// The slices asked for; without any, one for the open issues of each project asked for.
    private func slices(_ fields: inout RequestFields) throws -> [Slice] {
        let given = fields.objects("slices", limit: Self.sliceLimit) { fields -> (name: String, jql: String)? in
            let name = fields.required("name", .text(1...255))
            let jql = fields.required("jql", .text(1...10_000))
            guard let name, let jql else { return nil }
            return (name, jql)
        }
        let projects = fields.optional("project_keys", .list(.text(1...255))) ?? []
        if let given, !given.isEmpty {
            try fields.check()
            return given.enumerated().map { index, slice in
                Slice(
                    name: slice.name, jql: slice.jql, projects: ProjectJQL(slice.jql), field: "slices[\(index)].jql")
            }
        }
        if projects.count > Self.sliceLimit {
            fields.reject("project_keys", "must be at most \(Self.sliceLimit) projects")
        }
        if projects.isEmpty, fields.errors.isEmpty {
            fields.reject("slices", "is required, or else project_keys")
        }
        let queries = projects.map { ProjectJQL(openIssuesOf: $0) }
        for (index, query) in queries.enumerated() where query == nil {
            fields.reject("project_keys[\(index)]", "must be a project key")
        }
        try fields.check()
        return queries.compactMap(\.self).enumerated().map { index, query in
            Slice(
                name: query.projectKeys.joined(), jql: query.description, projects: query,
                field: "project_keys[\(index)]")
        }
    }

    /// The issues of a slice with their analyses: from the store the riskiest, from Jira the first.
    private func listings(
        of slice: Slice, tenantID: TenantID, limit: Int
    ) async throws -> (listings: [IssueListing], coverage: Coverage) {
        if let query = slice.projects {
            let coverage = try await completion.complete(query.projectKeys, jql: query.description, of: tenantID)
            if try await knowsAll(query.projectKeys, tenantID: tenantID) {
                return (try await riskiest(of: query, tenantID: tenantID, limit: limit), coverage)
            }
            if slice.field.hasPrefix("project_keys") {
                throw APIError(
                    .projectNotFound, "No issue of such a project is known.",
                    fieldErrors: [FieldError(field: slice.field, message: "names no project that is known")])
            }
        }
        let ids: [IssueID]
        do {
            ids = try await jira.issueIDs(matching: slice.jql, tenantID: tenantID, limit: limit)
        } catch let error as JiraSearchError {
            throw error.answer(for: slice.field)
        }
        return (try await store.listings(tenantID, of: Array(ids.prefix(limit))), .asked)
    }

    private func knowsAll(_ projectKeys: [String], tenantID: TenantID) async throws -> Bool {
        for key in projectKeys where try await !store.knowsProject(tenantID, projectKey: key) { return false }
        return true
    }

    private func riskiest(of query: ProjectJQL, tenantID: TenantID, limit: Int) async throws -> [IssueListing] {
        var found: [IssueListing] = []
        for key in query.projectKeys {
            let filter = IssueFilter(projectKey: key, includesDone: query.includesDone)
            found += try await store.issues(tenantID, filter: filter, after: nil, limit: limit).items
        }
        return Array(
            found.sorted { ($1.analysis.riskScore, $0.issue.key) < ($0.analysis.riskScore, $1.issue.key) }
                .prefix(limit))
    }
}

extension JiraSearchError {
    /// The answer to whoever asked with the query in `field`.
    fileprivate func answer(for field: String) -> APIError {
        switch self {
        case .invalidJQL(let message):
            // Jira's words, which repeat the query: on one line, and not without end.
            let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(500)
            return APIError.invalid([
                FieldError(field: field, message: line.isEmpty ? "is refused by Jira" : "is refused by Jira: \(line)")
            ])
        case .notConfigured:
            return APIError(
                .jiraDisabled,
                """
                This query must be asked of Jira, to which this host has no access. Queries like 'project in (A, B) \
                AND statusCategory != Done' are answered without it.
                """, fieldErrors: [FieldError(field: field, message: "must be asked of Jira")])
        case .credentialsRefused:
            return APIError(
                .jiraCredentialsRefused,
                "Jira refuses the tenant's email address and token; set new ones with PUT /api/tenants/{id}.")
        case .unreachable(let seconds):
            return APIError(
                .jiraUnreachable, "Jira does not answer now; ask again later.",
                headers: [.retryAfter: "\(max(1, seconds ?? 60))"])
        }
    }
}
