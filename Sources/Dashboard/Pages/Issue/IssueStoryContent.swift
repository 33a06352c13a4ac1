import Domain
import Queries

/// The past of an issue, for its page.
struct IssueStoryContent: Sendable {
    /// Something that happened.
    struct Happening: Sendable {
        var at: String
        var text: String
        var url: String?
    }

    /// The score became another.
    struct Move: Sendable {
        var number: Int
        var at: String
        /// The page of the issue as it stood then.
        var past: String
        var before: Int
        var score: Int
        var band: String
        /// `+12` or `−5`.
        var change: String
        var events: [Happening]
        /// Nothing happened: time did it.
        var isTime: Bool
    }

    struct BlockerRow: Sendable {
        var text: String
        var author: String
        var date: String
        var categories: String
        var url: String?
        var resolved: String?
        var causes: [Happening]
    }

    struct UpstreamRow: Sendable {
        var path: String
        var key: String
        var summary: String
        var status: String
        var score: Int
        var band: String
        var isOver: Bool
        /// The issue that waits for it.
        var waiting: String
    }

    struct Choice: Sendable {
        var value: String
        var label: String
        var isFrom: Bool
        var isTo: Bool
    }

    struct FactorChange: Sendable {
        var title: String
        var before: Int
        var after: Int
        var change: String
    }

    struct Difference: Sendable {
        var heading: String
        var before: Int
        var after: Int
        var change: String
        var rows: [FactorChange]
        var events: [Happening]
        var isTime: Bool
    }

    struct Key: Sendable {
        var name: String
        var title: String
    }

    /// Moves in the table; the chart marks those.
    private static let moveLimit = 12

    var chart: String?
    var keys: [Key]
    var moves: [Move]
    var hasMoves: Bool
    var blockers: [BlockerRow]
    var hasBlockers: Bool
    var resolved: [BlockerRow]
    var hasResolved: Bool
    var upstream: [UpstreamRow]
    var hasUpstream: Bool
    var choices: [Choice]
    var hasChoices: Bool
    var difference: Difference?

    /// - Parameters:
    ///   - path: of the page of the issue.
    ///   - address: of the issue in Jira.
    ///   - compared: the instants whose difference is asked for.
    init(
        _ story: IssueStory, upstream: [IssueStories.Upstream], path: String, address: String,
        compared: (from: Timestamp, to: Timestamp)?
    ) {
        let happenings = Happenings(address: address)
        let moves = Self.moves(of: story, path: path, happenings)
        self.moves = moves.map(\.row)
        hasMoves = !moves.isEmpty
        let chart = FactorsChart(story.moments, marks: moves.map { ($0.at, $0.row.number) })
        self.chart = chart.svg
        keys = chart.svg == nil ? [] : chart.factors.map { Key(name: $0.rawValue, title: PageText.title($0)) }
        let lives = story.blockers.map { ($0.resolvedAt == nil, Self.row($0, happenings, issue: address)) }
        blockers = lives.filter(\.0).map(\.1)
        resolved = lives.filter { !$0.0 }.map(\.1)
        (hasBlockers, hasResolved) = (!blockers.isEmpty, !resolved.isEmpty)
        self.upstream = upstream.map { upstream in
            let (issue, analysis) = (upstream.listing.issue, upstream.listing.analysis)
            return UpstreamRow(
                path: PageText.issuePath(issue.key), key: issue.key.rawValue, summary: issue.summary,
                status: issue.status?.name ?? PageTexts.english("issue", "unknown"), score: analysis.riskScore,
                band: analysis.band.rawValue, isOver: issue.isOver, waiting: upstream.waiting.rawValue)
        }
        hasUpstream = !upstream.isEmpty
        let difference = compared.flatMap { IssueDifference(of: story, from: $0.from, to: $0.to) }
        self.difference = difference.map { Self.difference($0, happenings) }
        choices = Self.choices(of: story, difference)
        hasChoices = story.moments.count > 1
    }

    /// The newest first.
    private static func moves(
        of story: IssueStory, path: String, _ happenings: Happenings
    ) -> [(at: Timestamp, row: Move)] {
        let pairs = zip(story.moments, story.moments.dropFirst()).filter { $0.score != $1.score }.suffix(moveLimit)
        return pairs.enumerated().map { index, pair in
            let (before, after) = pair
            let events = story.events(after: before.at, upTo: after.at)
            return (
                after.at,
                Move(
                    number: index + 1, at: PageText.instant(after.at),
                    past: "\(path)/past?at=\(after.at.milliseconds)", before: before.score, score: after.score,
                    band: RiskBand(score: after.score).rawValue, change: PageText.signed(after.score - before.score),
                    events: events.map(happenings.row), isTime: events.isEmpty)
            )
        }.reversed()
    }

    private static func row(
        _ life: IssueStory.BlockerLife, _ happenings: Happenings, issue: String
    ) -> BlockerRow {
        BlockerRow(
            text: life.blocker.snippet, author: life.blocker.author, date: "\(life.blocker.date.utcDay)",
            categories: life.blocker.categories.map { $0.replacing("_", with: " ") }.joined(separator: ", "),
            url: life.blocker.evidence.address(inIssueAt: issue), resolved: life.resolvedAt.map(PageText.instant),
            causes: life.resolvedBy.map(happenings.row))
    }

    private static func difference(_ difference: IssueDifference, _ happenings: Happenings) -> Difference {
        Difference(
            heading: PageTexts.english(
                "issue", "difference",
                ["from": PageText.instant(difference.from.at), "to": PageText.instant(difference.to.at)]),
            before: difference.from.score, after: difference.to.score, change: PageText.signed(difference.change),
            rows: difference.rows.map {
                FactorChange(
                    title: PageText.title($0.factor), before: $0.before, after: $0.after,
                    change: PageText.signed($0.change))
            }, events: difference.events.map(happenings.row), isTime: difference.events.isEmpty)
    }

    /// The newest first; the newest two are chosen where nothing was asked for.
    private static func choices(of story: IssueStory, _ difference: IssueDifference?) -> [Choice] {
        let newestFirst = Array(story.moments.reversed())
        let to = difference?.to.at ?? newestFirst.first?.at
        let from = difference?.from.at ?? newestFirst.dropFirst().first?.at
        return newestFirst.map {
            Choice(
                value: "\($0.at.milliseconds)", label: "\(PageText.instant($0.at)): \($0.score)", isFrom: $0.at == from,
                isTo: $0.at == to)
        }
    }
}

/// Words for what happened to an issue.
struct Happenings: Sendable {
    /// Of the issue in Jira.
    var address: String

    func row(_ event: IssueStory.Event) -> IssueStoryContent.Happening {
        let author = event.author ?? PageTexts.english("issue", "somebody")
        let nothing = PageTexts.english("issue", "nothing")
        let text =
            switch event.kind {
            case .created: PageTexts.english("issue", "event_created", ["author": author])
            case .comment:
                event.to.map { PageTexts.english("issue", "event_comment", ["author": author, "text": $0]) }
                    ?? PageTexts.english("issue", "event_restricted", ["author": author])
            case .change(let field):
                PageTexts.english(
                    "issue", "event_change",
                    [
                        "field": field, "from": event.from.flatMap { $0.isEmpty ? nil : $0 } ?? nothing,
                        "to": event.to.flatMap { $0.isEmpty ? nil : $0 } ?? nothing, "author": author,
                    ])
            }
        return IssueStoryContent.Happening(at: PageText.instant(event.at), text: text, url: url(of: event))
    }

    private func url(of event: IssueStory.Event) -> String? {
        guard event.kind == .comment, let id = event.id else { return nil }
        return Evidence(kind: .comment, id: id).address(inIssueAt: address)
    }
}
