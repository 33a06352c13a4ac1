import Domain
import Foundation
import Hummingbird
import Queries

/// What rules would have raised, and what became of what they raised.
struct RuleTrialController: Sendable {
    var store: any QueryStore
    var trials: RuleTrials
    var scorecards: Scorecards
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/alert-rules/try", use: tryRule)
        group.get("/api/alert-scorecards", use: showScorecards)
    }

    /// Tries a rule on the stored history; saves nothing.
    @Sendable private func tryRule(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RuleTrialView> {
        let tenantID = try context.tenant.id
        var fields = try await RequestFields(bodyOf: request)
        let lastDays = fields.optional("last_days", .integer(RuleTrials.days)) ?? RuleTrials.standardDays
        let ruleID = fields.optional("rule_id", .uuid)
        let rule: AlertRule
        if let ruleID {
            fields.rejectPresent(
                [
                    "name", "kind", "raise_at", "clear_below", "points", "window_seconds", "question", "project_keys",
                    "channel_ids", "enabled", "notify_resolved",
                ], "is only for a rule without rule_id")
            try fields.check()
            guard let stored = try await store.alertRules(tenantID).first(where: { $0.id == ruleID }) else {
                throw APIError.unknownRule
            }
            rule = stored
        } else {
            let channels = Set(try await store.alertChannels(tenantID).map(\.id))
            rule = try fields.alertRule(id: UUID(), channels: channels, defaultName: "Trial")
        }
        let answer = try await trials.run(
            rule, isStored: ruleID != nil, lastDays: lastDays, for: try context.principal, at: now())
        return Answer(RuleTrialView(answer))
    }

    @Sendable private func showScorecards(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ScorecardsView> {
        var fields = RequestFields(queryOf: request)
        let lastDays = fields.optional("last_days", .integer(RuleTrials.days)) ?? RuleTrials.standardDays
        try fields.check()
        let cards = try await scorecards.run(lastDays: lastDays, for: try context.principal, at: now())
        return Answer(ScorecardsView(cards))
    }
}
