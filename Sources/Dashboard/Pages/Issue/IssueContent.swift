import Domain
import Queries
import RiskEngine

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

    /// The least that would bring the score where it is wanted.
    struct Least: Sendable {
        var intro: String
        var actions: [String]
        var hasActions: Bool

        /// Nil where the score is there already.
        init?(_ remedies: Remedies) {
            if remedies.isReached, remedies.actions.isEmpty { return nil }
            let values: KeyValuePairs = [
                "score": "\(remedies.score)", "below": "\(remedies.goal.below)",
            ]
            actions = remedies.actions.map(\.sentence)
            hasActions = !actions.isEmpty
            switch (remedies.isReached, remedies.goal.origin) {
            case (true, .rule(let name)):
                intro = PageTexts.english("issue", "least_rule", values).replacing("{rule}", with: name)
            case (true, _): intro = PageTexts.english("issue", "least_band", values)
            case (false, _):
                intro =
                    hasActions
                    ? PageTexts.english("issue", "least_short", values)
                    : PageTexts.english("issue", "least_nothing", values)
            }
        }
    }

    struct AnswerRow: Sendable {
        var sentence: String
        var parts: [String]
        var hasParts: Bool
    }

    /// What the work costs, in the unit of the configured rates.
    struct Cost: Sendable {
        var total: String
        var daily: String
        var days: String
        var role: String
        /// What is lost while a blocker is open; nil without one.
        var blocked: String?

        init(_ capacity: Capacity, currency: String) {
            func text(_ amount: Double) -> String { MoneyText.text(amount, in: currency) }
            total = text(capacity.totalEstimatedCost)
            daily = text(capacity.dailyCost)
            days = PageText.number(capacity.estimatedDays)
            role = capacity.assigneeRole
            blocked = capacity.totalCostIfBlocked > 0 ? text(capacity.totalCostIfBlocked) : nil
        }
    }

    struct SimilarRow: Sendable {
        var path: String
        var key: String
        var summary: String
        var status: String
        var took: String?
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
    /// Nil where no factor has points, and where the score is low: then each factor says what would lower it.
    var least: Least?
    var others: String?
    var answers: [AnswerRow]
    var hasAnswers: Bool
    var ageSentence: String?
    var similar: [SimilarRow]
    var hasSimilar: Bool
    var story: IssueStoryContent
    var changes: IssueChangesContent
    var cost: Cost
    var csv: String
    var asOf: String
    var model: String

    /// - Parameters:
    ///   - remedies: what would lower the score.
    ///   - address: of the issue in Jira.
    ///   - currency: stands before amounts of money.
    init(
        _ found: IssueAnalyses.Comparison, remedies: Remedies, address: String, currency: String,
        story: IssueStoryContent, changes: IssueChangesContent, asOf: Timestamp
    ) {
        let analysis = found.analysis
        key = analysis.issueKey.rawValue
        summary = analysis.summary
        url = address
        self.story = story
        self.changes = changes
        csv = "\(PageText.issuePath(analysis.issueKey))/history.csv"
        cost = Cost(analysis.capacity, currency: currency)
        score = analysis.riskScore
        band = analysis.band.rawValue
        status = analysis.timeline.currentStatus
        assignee = analysis.capacity.assignee
        isOver = found.isOver
        isRestricted = analysis.restrictions?.securityLevel != nil
        let sorted = analysis.factors.sorted { ($1.points, $0.name.rawValue) < ($0.points, $1.name.rawValue) }
        let least = Least(remedies)
        self.least = least
        factors = sorted.filter { $0.points > 0 }.map { Self.row($0, issue: address, hasRemedy: least == nil) }
        hasFactors = !factors.isEmpty
        let silent = sorted.filter { $0.points == 0 }.map { PageText.title($0.name).lowercased() }
        others = silent.isEmpty ? nil : silent.joined(separator: ", ")
        answers = found.forecast?.answers.map(Self.row) ?? []
        hasAnswers = !answers.isEmpty
        ageSentence = found.forecast?.ageSentence
        similar = found.similarIssues.map { issue in
            SimilarRow(
                path: PageText.issuePath(issue.key), key: issue.key.rawValue, summary: issue.summary,
                status: issue.status, took: issue.tookDays.map(PageText.days))
        }
        hasSimilar = !similar.isEmpty
        self.asOf = PageText.instant(asOf)
        model = "\(analysis.engine.scorer), \(analysis.engine.model)"
    }

    static func row(_ factor: Factor, issue: String, hasRemedy: Bool) -> FactorRow {
        let evidence = factor.evidence.compactMap { evidence -> Item? in
            guard let note = evidence.note, !note.isEmpty else { return nil }
            let source = [evidence.author, evidence.at.map { "\($0.utcDay)" }].compactMap(\.self).joined(
                separator: ", ")
            return Item(
                text: note, source: source.isEmpty ? nil : source, url: evidence.address(inIssueAt: issue))
        }
        return FactorRow(
            title: PageText.title(factor.name), points: factor.points, cap: factor.cap,
            explanation: factor.explanation, remedy: hasRemedy ? factor.remedy : nil, evidence: evidence,
            hasEvidence: !evidence.isEmpty)
    }

    private static func row(_ answer: IssueForecast.Answer) -> AnswerRow {
        let sentence = answer.sentence
        var parts: [String] = []
        if let explanation = answer.explanation {
            parts.append(PageTexts.english("issue", "typical", ["percent": "\(explanation.typical)"]))
            parts += explanation.parts.map { "\($0.text): \(PageText.signed($0.points))" }
        }
        if let tenth = answer.tenth {
            parts.append(
                PageTexts.english("issue", "tenth", ["issues": "\(tenth.issues)", "late": "\(tenth.late)"]))
        }
        return AnswerRow(
            sentence: sentence.prefix(1).uppercased() + sentence.dropFirst(), parts: parts, hasParts: !parts.isEmpty)
    }
}
