import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// When a tenant wants to be alerted.
struct RuleController: Sendable {
    var store: any QueryStore

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-rules", use: list)
        group.post("/api/alert-rules", use: create)
        group.put("/api/alert-rules/{id}", use: replace)
        group.delete("/api/alert-rules/{id}", use: delete)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[RuleView]> {
        Answer(try await store.alertRules(try context.tenant.id).map(RuleView.init))
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RuleView> {
        let tenantID = try context.tenant(to: .manage).id
        let rule = try await rule(id: UUID(), from: request, tenantID: tenantID)
        try await store.saveAlertRule(tenantID, rule, by: try context.principal.actor)
        return Answer(RuleView(rule), status: .created)
    }

    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RuleView> {
        let tenantID = try context.tenant(to: .manage).id
        let id = try context.uuid("id", else: .unknownRule)
        guard try await store.alertRules(tenantID).contains(where: { $0.id == id }) else { throw APIError.unknownRule }
        let rule = try await rule(id: id, from: request, tenantID: tenantID)
        try await store.saveAlertRule(tenantID, rule, by: try context.principal.actor)
        return Answer(RuleView(rule))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let id = try context.uuid("id", else: .unknownRule)
        let isDeleted = try await store.deleteAlertRule(
            try context.tenant(to: .manage).id, ruleID: id, by: try context.principal.actor)
        guard isDeleted else { throw APIError.unknownRule }
        return .noContent
    }

    private func rule(id: UUID, from request: Request, tenantID: TenantID) async throws -> AlertRule {
        var fields = try await RequestFields(bodyOf: request)
        let channels = Set(try await store.alertChannels(tenantID).map(\.id))
        return try fields.alertRule(id: id, channels: channels)
    }
}

extension APIError {
    static var unknownRule: APIError { APIError(.ruleNotFound, "Unknown alert rule.") }
}
