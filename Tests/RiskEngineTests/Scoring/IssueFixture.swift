import Domain
import RiskEngine

/// Small issues to score, and the scorer calls the tests have in common.
enum IssueFixture {
    /// Tuesday 2026-11-24, noon UTC.
    static let now = Timestamp(milliseconds: 1_795_521_600_000)

    static func person(_ id: String, name: String? = nil, zone: String? = nil) -> Person {
        Person(id: id, displayName: name ?? id, timeZone: zone)
    }

    /// An issue made and last touched today: without comments it has no risk.
    static func issue(
        ageDays: Int = 0, updatedDaysAgo: Int = 0, comments: [Comment] = [], changes: [Change] = [],
        links: [IssueLink] = [], assignee: Person? = nil
    ) -> Issue {
        Issue(
            id: "10001", key: "ENG-1", summary: "Export times out", status: Status(name: "To Do", category: .new),
            created: now.adding(days: -ageDays), updated: now.adding(days: -updatedDaysAgo), assignee: assignee,
            comments: comments, changes: changes, links: links)
    }

    /// A comment written `hoursAgo` whole hours before ``now``.
    static func comment(_ id: Int, _ body: String, hoursAgo: Int = 1, author: Person? = nil) -> Comment {
        let at = now.adding(seconds: Int64(-hoursAgo) * 3600)
        return Comment(id: CommentID("\(id)"), author: author, body: body, created: at, updated: at)
    }

    static func change(
        _ id: Int, _ field: String, from: String?, to: String?, daysAgo: Int = 1, hoursAgo: Int = 0
    ) -> Change {
        Change(
            id: ChangeID("\(id)/0"), at: now.adding(days: -daysAgo).adding(seconds: Int64(-hoursAgo) * 3600),
            author: nil,
            field: field, from: from, fromString: from, to: to, toString: to)
    }

    static func blockedBy(_ id: Int, _ key: IssueKey) -> IssueLink {
        IssueLink(
            id: LinkID("\(id)"), relation: .blockedBy, typeName: "Blocks", otherID: IssueID("\(20_000 + id)"),
            otherKey: key)
    }

    static func upstream(_ link: IssueLink, score: Int, isDone: Bool = false) -> UpstreamRisk {
        UpstreamRisk(
            issueID: link.otherID ?? "0", issueKey: link.otherKey ?? "X-0", linkID: link.id, ownScore: score,
            isDone: isDone)
    }

    static let negative = SentimentReading(label: .negative, score: 0.9)
    static let positive = SentimentReading(label: .positive, score: 0.9)

    /// Readings that call the first `negatives` comments negative and the rest positive.
    static func readings(_ issue: Issue, negatives: Int) -> [CommentID: SentimentReading] {
        Dictionary(
            uniqueKeysWithValues: issue.comments.enumerated().map { ($1.id, $0 < negatives ? negative : positive) })
    }

    static func configuration(_ profile: RiskConfiguration.Profile) -> RiskConfiguration {
        var configuration = RiskConfiguration.default
        configuration.profile = profile
        return configuration
    }

    static func analyze(
        _ issue: Issue, _ configuration: RiskConfiguration, negatives: Int = 0, upstream: [UpstreamRisk] = [],
        recentScores: [ScorePoint] = [], tenantDailyRate: Double = 2500, now: Timestamp = now
    ) throws -> Analysis {
        try RiskScorer(configuration).analyze(
            issue, readings: readings(issue, negatives: negatives), model: "test-1", upstream: upstream,
            recentScores: recentScores, tenantDailyRate: tenantDailyRate, now: now)
    }

    static func classic(_ issue: Issue, negatives: Int = 0, now: Timestamp = now) throws -> Analysis {
        try analyze(issue, configuration(.classic), negatives: negatives, now: now)
    }

    static func standard(
        _ issue: Issue, negatives: Int = 0, upstream: [UpstreamRisk] = [], now: Timestamp = now
    ) throws -> Analysis {
        try analyze(issue, configuration(.standard), negatives: negatives, upstream: upstream, now: now)
    }
}

extension Analysis {
    /// The factor of that name; nil where the profile has none.
    func factor(_ name: Factor.Name) -> Factor? { factors.first { $0.name == name } }

    func points(_ name: Factor.Name) -> Int? { factor(name)?.points }
}
