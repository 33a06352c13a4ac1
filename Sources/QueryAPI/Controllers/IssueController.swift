import Domain
import Hummingbird

/// The issues of a tenant, riskiest first.
struct IssueController: Sendable {
    var store: any QueryStore

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/issues", use: list)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[IssueView]> {
        let tenant = try context.tenant
        var query = RequestFields(queryOf: request)
        let filter = IssueFilter(
            projectKey: query.optional("project", .text(1...255)),
            minimumScore: query.optional("min_score", .integer(0...100)),
            includesDone: query.optional("include_done", .bool) ?? false)
        return try await PageRequest(request, fields: &query).answer(
            { try await store.issues(tenant.id, filter: filter, after: $0, limit: $1) },
            view: { IssueView($0, site: tenant.jiraURL) })
    }
}
