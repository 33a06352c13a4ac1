import Domain
import Queries

/// What the page of the set-up reads.
struct SetupContent: Sendable {
    struct Step: Sendable {
        var standing: String
        var outcome: String
        var text: String

        init(_ standing: SetupState.Standing, _ text: String) {
            self.standing = PageTexts.english("setup", "standing_\(standing.rawValue)")
            outcome =
                switch standing {
                case .done: "ok"
                case .open, .running: "warning"
                case .problem: "failed"
                }
            self.text = text
        }
    }

    struct Check: Sendable {
        var name: String
        var outcome: String
        var outcomeText: String
        var detail: String
        var remedy: String?

        init(_ check: DiagnosticCheck) {
            name = check.name
            outcome = check.outcome.rawValue
            outcomeText = PageTexts.english("setup", "outcome_\(check.outcome.rawValue)")
            detail = check.detail
            remedy = check.remedy
        }
    }

    struct BackfillRow: Sendable {
        var path: String
        var jql: String
        var state: String
        var listed: Int
        var fetched: Int
        var requested: Int
        var error: String?
        var at: String

        init(_ backfill: Backfill) {
            path = Self.path(backfill)
            jql = backfill.jql
            state = PageTexts.english("setup", "backfill_\(backfill.state.rawValue)")
            listed = backfill.listed
            fetched = backfill.fetched
            requested = backfill.requested
            error = backfill.error
            at = PageText.instant(backfill.createdAt)
        }

        static func path(_ backfill: Backfill) -> String {
            "\(SetupController.path)/backfills/\(backfill.id.canonicalText)"
        }
    }

    /// What was entered, where it was not accepted.
    struct Entered: Sendable {
        var jiraURL: String
        var jiraEmail: String
        var project: String = ""
        var jql: String = ""
    }

    /// What the page shows once, beside how far the set-up is.
    struct Extra: Sendable {
        var checks: [DiagnosticCheck]?
        var secret: String?
        var notice: String?
        var problems: [FormProblem] = []
        var entered: Entered?
    }

    var isComplete: Bool
    var asksJira: Bool
    var jira: Step
    var webhook: Step
    var backfill: Step
    var score: Step
    var channel: Step
    var rule: Step
    var jiraURL: String
    var jiraEmail: String
    var project: String
    var jql: String
    var webhookURL: String
    var events: String
    var secret: String?
    var notice: String?
    var backfills: [BackfillRow]
    var hasBackfills: Bool
    var checks: [Check]
    var isChecked: Bool
    var problems: [FormProblem]
    var hasProblems: Bool
    var formToken: String
    var asOf: String

    init(
        _ state: SetupState, _ extra: Extra, of visit: Visit, webhookURL: String, events: [String], asOf: Timestamp
    ) {
        func text(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
            PageTexts.english("setup", name, values)
        }
        isComplete = state.isComplete
        asksJira = state.asksJira
        let figures = state.figures
        let reason = figures.access?.stoppedReason ?? figures.access?.lastError
        jira = Step(
            state.jira,
            !state.asksJira
                ? text("jira_off")
                : reason.map { text("jira_problem", ["reason": $0]) } ?? text("jira_\(state.jira.rawValue)"))
        webhook = Step(
            state.webhook,
            figures.lastWebhookAt.map { text("webhook_done", ["at": PageText.instant($0)]) } ?? text("webhook_open"))
        backfill = Step(state.backfill, text("backfill_step_\(state.backfill.rawValue)"))
        score = Step(state.score, text("score_\(state.score.rawValue)"))
        channel = Step(state.channel, text("channel_\(state.channel.rawValue)", ["count": "\(figures.channels)"]))
        rule = Step(state.rule, text("rule_\(state.rule.rawValue)", ["count": "\(figures.rules)"]))
        jiraURL = extra.entered?.jiraURL ?? visit.tenant.jiraURL
        jiraEmail = extra.entered?.jiraEmail ?? visit.tenant.jiraEmail
        project = extra.entered?.project ?? ""
        jql = extra.entered?.jql ?? ""
        self.webhookURL = webhookURL
        self.events = events.joined(separator: ", ")
        secret = extra.secret
        notice = extra.notice
        backfills = figures.backfills.map(BackfillRow.init)
        hasBackfills = !backfills.isEmpty
        checks = (extra.checks ?? []).map(Check.init)
        isChecked = extra.checks != nil
        problems = extra.problems
        hasProblems = !problems.isEmpty
        formToken = visit.formToken
        self.asOf = PageText.instant(asOf)
    }
}
