import Domain
import Hummingbird
import Queries

/// The issues of a tenant: the riskiest first or by their forecasts, and those that could not be scored.
struct IssueController: Sendable {
    var store: any QueryStore
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/issues", use: list)
        group.get("/api/issues/parked", use: listParked)
        group.post("/api/issues/parked/{id}/retry", use: retryParked)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let tenant = try context.tenant
        var query = RequestFields(queryOf: request)
        let filter = IssueFilter(
            projectKey: query.optional("project", .projectKey),
            minimumScore: query.optional("min_score", .integer(0...100)),
            band: query.optional("band", .choice([RiskBand.high, .medium, .low])),
            assignee: query.optional("assignee", .text(1...255)), status: query.optional("status", .text(1...255)),
            label: query.optional("label", .text(1...255)), sprint: query.optional("sprint", .text(1...255)),
            epic: query.optional("epic", .text(1...255)), text: query.optional("text", .text(1...255)),
            includesDone: query.optional("include_done", .bool) ?? false,
            order: query.optional("sort", .choice(IssueOrder.allCases)) ?? .risk)
        return try await PageRequest(request, fields: &query, offersFile: true).answer(
            { try await store.issues(tenant.id, filter: filter, after: $0, limit: $1) },
            view: { IssueView($0, site: tenant.jiraURL) }, file: IssueCSV.table(site: tenant.jiraURL))
    }

    @Sendable private func listParked(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[ParkedIssueView]> {
        let id = try context.tenant.id
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query).answer(
            { try await store.parkedIssues(id, after: $0, limit: $1) }, view: ParkedIssueView.init)
    }

    /// Retries a parked issue, as after its cause was fixed.
    @Sendable private func retryParked(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let unknown = APIError(.issueNotFound, "Unknown issue, or one that is not parked.")
        guard let issueID = context.parameters.get("id").map({ IssueID($0) }),
            try await store.retryParkedIssue(
                try context.tenant.id, issueID: issueID, by: try context.principal.actor, now: now())
        else { throw unknown }
        wakeUps.issues()
        return Answer(MessageView(message: "Issue queued"), status: .accepted)
    }
}
