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

    /// Reads a whole rule; absent optional fields take their defaults.
    private func rule(id: UUID, from request: Request, tenantID: TenantID) async throws -> AlertRule {
        var fields = try await RequestFields(bodyOf: request)
        let isEnabled = fields.optional("enabled", .bool) ?? true
        let notifiesResolved = fields.optional("notify_resolved", .bool) ?? false
        let projectKeys = fields.optional("project_keys", .list(.projectKey)) ?? []
        let channelIDs = fields.optional("channel_ids", .list(.uuid)) ?? []
        if !channelIDs.isEmpty {
            let known = Set(try await store.alertChannels(tenantID).map(\.id))
            if !known.isSuperset(of: channelIDs) { fields.reject("channel_ids", "must name existing alert channels") }
        }
        let condition = condition(from: &fields)
        let name = try fields.required(("name", .text(1...100)))
        return AlertRule(
            id: id, name: name, isEnabled: isEnabled, condition: try fields.present(condition),
            projectKeys: projectKeys, channelIDs: channelIDs, notifiesResolved: notifiesResolved)
    }

    private func condition(from fields: inout RequestFields) -> AlertRule.Condition? {
        switch fields.required("kind", .choice(AlertRule.Kind.allCases)) {
        case nil: return nil
        case .threshold:
            fields.rejectPresent(["points", "window_seconds"], "is only for rules of kind spike")
            fields.rejectPresent(["question"], "is only for rules of kind forecast")
            guard let raiseAt = fields.required("raise_at", .integer(1...100)) else { return nil }
            let clearBelow = fields.optional("clear_below", .integer(1...100)) ?? raiseAt
            if clearBelow > raiseAt { fields.reject("clear_below", "must not be above raise_at") }
            return .threshold(raiseAt: raiseAt, clearBelow: clearBelow)
        case .spike:
            fields.rejectPresent(["raise_at", "clear_below"], "is only for rules of kind threshold and forecast")
            fields.rejectPresent(["question"], "is only for rules of kind forecast")
            let points = fields.required("points", .integer(1...100))
            let window = fields.required("window_seconds", .integer(60...Analysis.lookBackDays * 86_400))
            guard let points, let window else { return nil }
            return .spike(points: points, windowSeconds: window)
        case .forecast:
            fields.rejectPresent(["points", "window_seconds"], "is only for rules of kind spike")
            let question = fields.required("question", .choice(ForecastQuestion.allCases))
            // What is shown is never less than 2 or more than 98.
            let shown = 5...95
            guard let raiseAt = fields.required("raise_at", .integer(shown)) else { return nil }
            let clearBelow = fields.optional("clear_below", .integer(shown)) ?? raiseAt
            if clearBelow > raiseAt { fields.reject("clear_below", "must not be above raise_at") }
            return question.map { .forecast(question: $0, raiseAt: raiseAt, clearBelow: clearBelow) }
        }
    }
}

extension APIError {
    static var unknownRule: APIError { APIError(.ruleNotFound, "Unknown alert rule.") }
}
