import Domain
import Hummingbird
import Queries

/// What rules would have raised, and what became of what they raised.
struct RuleTrialController: Sendable {
    var rules: AlertRules
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
        let principal = try context.principal
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
            rule = try await rules.rule(ruleID, for: principal)
        } else {
            rule = try await rules.read(fields, defaultName: "Trial", for: principal)
        }
        let answer = try await trials.run(
            rule, isStored: ruleID != nil, lastDays: lastDays, for: principal, at: now())
        return Answer(RuleTrialView(answer))
    }

    @Sendable private func showScorecards(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        var fields = RequestFields(queryOf: request)
        let lastDays = fields.optional("last_days", .integer(RuleTrials.days)) ?? RuleTrials.standardDays
        let format = AnswerFormat.asked(by: request, &fields)
        try fields.check()
        let cards = try await scorecards.run(lastDays: lastDays, for: try context.principal, at: now())
        return try format.response(
            "scorecards", json: Answer(ScorecardsView(cards)), file: ScorecardCSV.records(of: cards))
    }
}
