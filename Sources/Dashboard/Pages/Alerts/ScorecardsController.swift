import Domain
import Foundation
import HTTPServer
import Hummingbird
import Queries

/// What became of the alerts of each rule and channel. It reads much of the history, and is computed when it is asked for.
struct ScorecardsController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private struct Row: Sendable {
        var name: String
        var path: String?
        var raised: Int
        var acknowledged: Int
        var silenced: Int
        var cameTrue: String
        var noise: String
        var found: String
        var pending: Int
        var lead: String?
        var advice: String?
        /// The page that tries the value that is advised; nil where no value is.
        var tryPath: String?
        var tryLabel: String?
    }

    private struct Content: Sendable {
        var days: String
        var isComputed: Bool
        /// The address of the same figures as a file.
        var csv: String
        var window: String
        var rules: [Row]
        var channels: [Row]
        var problems: [FormProblem]
        var hasProblems: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/scorecards", use: show)
        group.get("/dashboard/scorecards.csv", use: download)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        guard let asked = request.uri.queryParameters["last_days"].map(String.init) else {
            return page(nil, days: "\(RuleTrials.standardDays)", for: visit)
        }
        return try await accepting {
            page(try await cards(lastDays: asked, for: visit), days: asked, for: visit)
        } orShowing: {
            page(nil, days: asked, problems: $0, for: visit)
        }
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let asked = request.uri.queryParameters["last_days"].map(String.init) ?? "\(RuleTrials.standardDays)"
        return try await accepting {
            let file = ScorecardCSV.records(of: try await cards(lastDays: asked, for: visit))
            return .csv("scorecards", columns: file.columns, rows: file.rows)
        } orShowing: {
            page(nil, days: asked, problems: $0, for: visit)
        }
    }

    private func cards(lastDays asked: String, for visit: Visit) async throws -> AlertScorecards {
        var fields = RequestFields(["last_days": .string(asked)])
        let days = fields.required("last_days", .integer(RuleTrials.days))
        try fields.check()
        return try await alerts.scorecards.run(lastDays: try fields.present(days), for: visit.principal, at: now())
    }

    private func page(
        _ cards: AlertScorecards?, days: String, problems: [FormProblem] = [], for visit: Visit
    ) -> Response {
        let window = cards.map { cards in
            PageTexts.english(
                "scorecards", "window",
                [
                    "from": PageText.instant(cards.from), "to": PageText.instant(cards.to),
                    "missed": "\(cards.missedIssues)",
                ])
        }
        let content = Content(
            days: days, isComputed: cards != nil, csv: "/dashboard/scorecards.csv?last_days=\(PathText.encoded(days))",
            window: window ?? "",
            rules: cards?.rules.map(Self.row) ?? [], channels: cards?.channels.map(Self.row) ?? [],
            problems: problems, hasProblems: !problems.isEmpty, asOf: PageText.instant(now()))
        return pages.page("scorecards", content, in: .alerts(visit, .scorecards))
    }

    private static func row(_ scorecard: RuleScorecard) -> Row {
        var row = row(scorecard.rule.name, scorecard.card)
        let path = "\(AlertTab.rules.path)/\(scorecard.rule.id.canonicalText)"
        row.path = path
        row.advice = scorecard.advice.sentence
        if let field = scorecard.advice.field, let value = scorecard.advice.value {
            row.tryPath = "\(path)?\(field)=\(value)"
            row.tryLabel = PageTexts.english("scorecards", "try", ["value": "\(value)"])
        }
        return row
    }

    private static func row(_ scorecard: ChannelScorecard) -> Row {
        var row = row(scorecard.name, scorecard.card)
        row.path = "\(AlertTab.channels.path)/\(scorecard.id.canonicalText)"
        return row
    }

    private static func row(_ name: String, _ card: AlertScorecard) -> Row {
        Row(
            name: name, raised: card.raised, acknowledged: card.acknowledged, silenced: card.silenced,
            cameTrue: text(card.precision), noise: text(card.noise), found: text(card.recall), pending: card.pending,
            lead: card.leadDays.map {
                PageTexts.english("scorecards", "days", ["count": String(format: "%.1f", $0)])
            })
    }

    /// `40 % (4 of 10)`; what it is of nothing says so.
    private static func text(_ proportion: Proportion) -> String {
        guard let share = PageText.percent(proportion.share) else { return PageTexts.english("scorecards", "nothing") }
        return PageTexts.english(
            "scorecards", "share",
            ["share": share, "count": "\(proportion.count)", "total": "\(proportion.total)"])
    }
}
