import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// When a tenant wants to be alerted.
struct RuleController: Sendable {
    var rules: AlertRules

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-rules", use: list)
        group.post("/api/alert-rules", use: create)
        group.put("/api/alert-rules/{id}", use: replace)
        group.delete("/api/alert-rules/{id}", use: delete)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[RuleView]> {
        Answer(try await rules.all(for: try context.principal).map(RuleView.init))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RuleView> {
        let rule = try await rules.add(try await RequestFields(bodyOf: request), by: try context.principal)
        return Answer(RuleView(rule), status: .created)
    }

    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RuleView> {
        let id = try context.uuid("id", else: .unknownRule)
        let fields = try await RequestFields(bodyOf: request)
        return Answer(RuleView(try await rules.replace(id, fields, by: try context.principal)))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        try await rules.delete(try context.uuid("id", else: .unknownRule), by: try context.principal)
        return .noContent
    }
}
