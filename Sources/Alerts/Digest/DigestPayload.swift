public import Domain

/// A digest as JSON, in `GET /api/digest` and on channels of the kind `webhook`. What there is nothing to say of is missing.
public struct DigestPayload: Encodable, Sendable {
    struct Issue: Encodable, Sendable {
        var key: IssueKey
        var summary: String
        var url: String
        var score: Int
        var band: RiskBand
        var previousScore: Int?
        var cause: String?
        var forecast: String?
        var dueDate: CalendarDay?
    }
    struct Sprint: Encodable, Sendable {
        var name: String
        var endsAt: Timestamp?
        var openIssues: RiskCounts
        var expectedLate: Double?
        var outlook: String?
    }
    struct Rules: Encodable, Sendable {
        var lastDays: Int
        var changes: [RuleChange]
        var failure: String?
    }
    struct RuleChange: Encodable, Sendable {
        var name: String
        var suggestion: RuleAdvice
        var raised: Int
        var precision: Proportion
        var noise: Proportion
        var recall: Proportion
    }
    struct Day: Encodable, Sendable {
        var at: Timestamp
        var openIssues: RiskCounts
    }

    var every: DigestSchedule.Period
    var timeZone: String
    var from: Timestamp
    var to: Timestamp
    var asOf: Timestamp
    var projects: [String]
    var isEmpty: Bool
    var openIssues: RiskCounts
    var riskiest: [Issue]
    var risen: [Issue]
    var fallen: [Issue]
    var due: [Issue]
    var dueCount: Int
    var sprints: [Sprint]
    var silenced: [DigestContent.SilencedLine]
    var undelivered: [DigestContent.UndeliveredLine]
    var days: [Day]
    var rules: Rules?

    /// All of a digest.
    public init(_ digest: DigestContent) {
        func issues(_ lines: [DigestContent.Line]) -> [Issue] {
            lines.map { line in
                Issue(
                    key: line.key, summary: line.summary, url: digest.address(of: line.key), score: line.score,
                    band: RiskBand(score: line.score), previousScore: line.previousScore, cause: line.cause,
                    forecast: line.forecast, dueDate: line.dueDate)
            }
        }
        every = digest.every
        timeZone = digest.timeZone
        from = digest.from
        to = digest.to
        asOf = digest.asOf
        projects = digest.projectKeys
        isEmpty = digest.isEmpty
        openIssues = digest.open
        riskiest = issues(digest.riskiest)
        risen = issues(digest.risen)
        fallen = issues(digest.fallen)
        due = issues(digest.due)
        dueCount = digest.dueCount
        sprints = digest.sprints.map {
            Sprint(
                name: $0.name, endsAt: $0.endsAt, openIssues: $0.open, expectedLate: $0.expectedLate,
                outlook: $0.outlook)
        }
        silenced = digest.silenced
        undelivered = digest.undelivered
        days = digest.days.map { Day(at: $0.at, openIssues: $0.open) }
        rules = digest.rules.map { review in
            Rules(
                lastDays: review.lastDays,
                changes: review.changes.map {
                    RuleChange(
                        name: $0.name, suggestion: $0.advice, raised: $0.raised, precision: $0.precision,
                        noise: $0.noise, recall: $0.recall)
                }, failure: review.failure)
        }
    }
}
