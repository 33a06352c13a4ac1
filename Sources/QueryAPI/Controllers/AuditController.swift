import Domain
import Hummingbird
import Queries

/// The audit log: who did what.
struct AuditController: Sendable {
    var trail: AuditTrail

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/audit", use: list)
        group.get("/api/operator/audit", use: listOfHost)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AuditLine]> {
        let principal = try context.principal
        var query = RequestFields(queryOf: request)
        let filter = Self.filter(&query)
        return try await PageRequest(request, fields: &query).answer(
            { try await trail.page(filter, after: $0, limit: $1, for: principal) }, view: AuditLine.init)
    }

    @Sendable private func listOfHost(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AuditLine]> {
        var query = RequestFields(queryOf: request)
        let filter = Self.filter(&query)
        return try await PageRequest(request, fields: &query).answer(
            { try await trail.hostPage(filter, after: $0, limit: $1) }, view: AuditLine.init)
    }

    private static func filter(_ query: inout RequestFields) -> AuditFilter {
        AuditFilter(
            action: query.optional("action", .choice(AuditAction.allCases))?.rawValue,
            actor: query.optional("actor", .text(1...100)), since: query.optional("since", .timestamp),
            until: query.optional("until", .timestamp))
    }
}
