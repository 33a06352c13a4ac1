import Domain
import Hummingbird
import Queries
import RiskEngine

/// One issue: its score with what it rests on, its forecast, its blockers, and how it got there.
struct IssuePageController: Sendable {
    var store: any DashboardStore
    var analyses: IssueAnalyses
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Analyses in the chart.
    private static let chartLimit = 200
    /// Analyses in the table below it.
    private static let tableLimit = 20

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/issues/{key}", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let key = IssueKey((context.parameters.get("key") ?? "").uppercased())
        let found = try await analyses.comparison(of: key, for: visit.principal, at: now())
        let history = try await store.history(visit.tenant.id, key: key, after: nil, limit: Self.chartLimit).items
        let content = IssueContent(
            found, site: visit.tenant.jiraURL, history: history, tableLimit: Self.tableLimit, asOf: now())
        return pages.page("issue", content, in: .signedIn(visit, "\(content.key) \(content.summary)", .issues))
    }
}

/// What the page of an issue reads.
struct IssueContent: Sendable {
    struct Item: Sendable {
        var text: String
        var source: String?
        var url: String?
    }

    struct FactorRow: Sendable {
        var title: String
        var points: Int
        var cap: Int
        var explanation: String
        var remedy: String?
        var evidence: [Item]
        var hasEvidence: Bool
    }

    struct BlockerRow: Sendable {
        var text: String
        var author: String
        var date: String
        var categories: String
        var url: String?
    }

    struct AnswerRow: Sendable {
        var sentence: String
        var parts: [String]
        var hasParts: Bool
    }

    struct SimilarRow: Sendable {
        var path: String
        var key: String
        var summary: String
        var status: String
        var took: String?
    }

    struct HistoryRow: Sendable {
        var at: String
        var score: Int
        var band: String
        var blockers: Int
    }

    var key: String
    var summary: String
    var url: String
    var score: Int
    var band: String
    var status: String
    var assignee: String
    var isOver: Bool
    var isRestricted: Bool
    var factors: [FactorRow]
    var hasFactors: Bool
    var others: String?
    var blockers: [BlockerRow]
    var hasBlockers: Bool
    var answers: [AnswerRow]
    var hasAnswers: Bool
    var ageSentence: String?
    var similar: [SimilarRow]
    var hasSimilar: Bool
    var chart: String?
    var history: [HistoryRow]
    var hasHistory: Bool
    var asOf: String
    var model: String

    init(
        _ found: IssueAnalyses.Comparison, site: String, history: [HistoryEntry], tableLimit: Int, asOf: Timestamp
    ) {
        let analysis = found.analysis
        key = analysis.issueKey.rawValue
        summary = analysis.summary
        url = "\(site)/browse/\(analysis.issueKey)"
        score = analysis.riskScore
        band = analysis.band.rawValue
        status = analysis.timeline.currentStatus
        assignee = analysis.capacity.assignee
        isOver = found.isOver
        isRestricted = analysis.restrictions?.securityLevel != nil
        let address = url
        let sorted = analysis.factors.sorted { ($1.points, $0.name.rawValue) < ($0.points, $1.name.rawValue) }
        factors = sorted.filter { $0.points > 0 }.map { Self.row($0, issue: address) }
        hasFactors = !factors.isEmpty
        let silent = sorted.filter { $0.points == 0 }.map { PageText.title($0.name).lowercased() }
        others = silent.isEmpty ? nil : silent.joined(separator: ", ")
        blockers = analysis.blockers.map { blocker in
            BlockerRow(
                text: blocker.snippet, author: blocker.author, date: "\(blocker.date.utcDay)",
                categories: blocker.categories.map { $0.replacing("_", with: " ") }.joined(separator: ", "),
                url: blocker.evidence.address(inIssueAt: address))
        }
        hasBlockers = !blockers.isEmpty
        answers = found.forecast?.answers.map(Self.row) ?? []
        hasAnswers = !answers.isEmpty
        ageSentence = found.forecast?.ageSentence
        similar = found.similarIssues.map { issue in
            SimilarRow(
                path: PageText.issuePath(issue.key), key: issue.key.rawValue, summary: issue.summary,
                status: issue.status, took: issue.tookDays.map { "\($0) \($0 == 1 ? "day" : "days")" })
        }
        hasSimilar = !similar.isEmpty
        let points = history.reversed().map { ScorePoint(at: $0.analyzedAt, score: $0.riskScore) }
        chart = ScoreChart(points).svg
        self.history = history.prefix(tableLimit).map {
            HistoryRow(
                at: PageText.instant($0.analyzedAt), score: $0.riskScore, band: RiskBand(score: $0.riskScore).rawValue,
                blockers: $0.blockerCount)
        }
        hasHistory = !self.history.isEmpty
        self.asOf = PageText.instant(asOf)
        model = "\(analysis.engine.scorer), \(analysis.engine.model)"
    }

    private static func row(_ factor: Factor, issue: String) -> FactorRow {
        let evidence = factor.evidence.compactMap { evidence -> Item? in
            guard let note = evidence.note, !note.isEmpty else { return nil }
            let source = [evidence.author, evidence.at.map { "\($0.utcDay)" }].compactMap(\.self).joined(
                separator: ", ")
            return Item(
                text: note, source: source.isEmpty ? nil : source, url: evidence.address(inIssueAt: issue))
        }
        return FactorRow(
            title: PageText.title(factor.name), points: factor.points, cap: factor.cap,
            explanation: factor.explanation, remedy: factor.remedy, evidence: evidence, hasEvidence: !evidence.isEmpty)
    }

    private static func row(_ answer: IssueForecast.Answer) -> AnswerRow {
        let sentence = answer.sentence
        var parts: [String] = []
        if let explanation = answer.explanation {
            parts.append("A typical open issue here: \(explanation.typical) %")
            parts += explanation.parts.map { "\($0.text): \($0.points < 0 ? "−" : "+")\(abs($0.points))" }
        }
        if let tenth = answer.tenth {
            parts.append("Of \(tenth.issues) issues with such a forecast in the past \(tenth.late) came late")
        }
        return AnswerRow(
            sentence: sentence.prefix(1).uppercased() + sentence.dropFirst(), parts: parts, hasParts: !parts.isEmpty)
    }
}
