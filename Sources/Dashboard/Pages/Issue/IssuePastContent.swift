import Domain
import Queries
import RiskEngine

/// What the page of an issue at an earlier instant reads.
struct IssuePastContent: Sendable {
    var key: String
    var summary: String
    /// Of the issue in Jira.
    var url: String
    var heading: String
    var score: Int
    var band: String
    var status: String
    var assignee: String
    var factors: [IssueContent.FactorRow]
    var hasFactors: Bool
    /// What the history says of the instant.
    var stored: String
    /// From when on all changes are known, where that is later than the instant.
    var known: String?
    /// The page of the issue as it is.
    var present: String
    /// What changed since the day of the instant.
    var since: String

    /// - Parameter address: of the issue in Jira.
    init(_ look: PastAnalyses.Look, address: String) {
        let analysis = look.comparison.analysis
        key = analysis.issueKey.rawValue
        summary = analysis.summary
        url = address
        heading = PageTexts.english("issue", "past_heading", ["at": PageText.instant(analysis.asOf)])
        score = analysis.riskScore
        band = analysis.band.rawValue
        status = analysis.timeline.currentStatus
        assignee = analysis.capacity.assignee
        factors = analysis.factors.filter { $0.points > 0 }
            .sorted { ($1.points, $0.name.rawValue) < ($0.points, $1.name.rawValue) }
            .map { IssueContent.row($0, issue: address, hasRemedy: false) }
        hasFactors = !factors.isEmpty
        stored = look.stored.map { Self.words(for: $0) } ?? PageTexts.english("issue", "past_unstored")
        known = look.knownFrom.flatMap { from in
            from > analysis.asOf
                ? PageTexts.english("issue", "changed_known", ["at": PageText.instant(from)]) : nil
        }
        present = PageText.issuePath(analysis.issueKey)
        since = "\(present)?since=\(analysis.asOf.utcDay)#changed"
    }

    private static func words(for comparison: StoredComparison) -> String {
        let at = PageText.instant(comparison.stored.asOf)
        if comparison.isEqual { return PageTexts.english("issue", "past_equal", ["at": at]) }
        let said = PageTexts.english(
            "issue", "past_other", ["at": at, "score": "\(comparison.stored.riskScore)"])
        return comparison.isOtherEngine ? "\(said) \(PageTexts.english("issue", "past_engine"))" : said
    }
}
