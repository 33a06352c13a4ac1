public import Domain

/// What made the score of an alert's issue another since the channel had its last message about it, and the least that would lower it. It is made
/// when a message is sent, and not stored.
public struct AlertStory: Sendable, Hashable {
    /// Something that moved the score.
    public struct Part: Sendable, Hashable {
        /// By how much the score is higher for it.
        public var points: Int
        /// When; nil for what took longer than an instant.
        public var at: Timestamp?
        /// Who did what, without a full stop.
        public var text: String

        public init(points: Int, at: Timestamp? = nil, text: String) {
            self.points = points
            self.at = at
            self.text = text
        }
    }

    /// What brings the score below a value.
    public struct Least: Sendable, Hashable {
        /// Sentences; empty where nothing lowers the score.
        public var actions: [String]
        /// The value to get below, 1–100.
        public var below: Int
        /// The score after all of them.
        public var score: Int

        public init(actions: [String], below: Int, score: Int) {
            self.actions = actions
            self.below = below
            self.score = score
        }
    }

    /// Since when.
    public var since: Timestamp
    /// The score at that instant.
    public var before: Int
    /// The largest first, whichever way it moved the score. Their points sum to the difference.
    public var parts: [Part]
    /// Nil where it was not wanted or is not known.
    public var least: Least?

    public init(since: Timestamp, before: Int, parts: [Part], least: Least? = nil) {
        self.since = since
        self.before = before
        self.parts = parts
        self.least = least
    }
}

extension AlertText {
    private static let storyLimit = 6

    /// Says who changed the score by what in place of how factors moved, and the least in place of what each factor wants.
    mutating func tell(_ story: AlertStory, of issue: IssueAlert) {
        let day = story.since.description.prefix(16).replacing("T", with: " ")
        replace(
            Self.changesTitle,
            by: Section(
                title: "What changed since \(day) UTC (\(story.before) → \(issue.score))",
                items: Self.items(of: story.parts)))
        guard let least = story.least, !least.actions.isEmpty else { return }
        let end =
            least.score < least.below
            ? "With that the score is \(least.score), below \(least.below)"
            : "With that the score is \(least.score); nothing brings it below \(least.below)"
        replace(
            Self.remediesTitle,
            by: Section(
                title: Self.remediesTitle,
                items: least.actions.map { Item(text: $0.onOneLine(limit: 300)) } + [Item(text: end)]))
    }

    /// The part that moved the score most, for a line of a list; nil where nothing did.
    static func cause(in story: AlertStory) -> String? { story.parts.first.map { line(of: $0, limit: 160) } }

    /// The largest parts, and what the others are together.
    private static func items(of parts: [AlertStory.Part]) -> [Item] {
        let named = parts.count > storyLimit ? parts.prefix(storyLimit - 1) : parts[...]
        let rest = parts.dropFirst(named.count)
        let items = named.map { Item(text: line(of: $0, limit: 300)) }
        guard !rest.isEmpty else { return items }
        let points = rest.reduce(0) { $0 + $1.points }
        return items + [Item(text: "\(signed(points)): \(rest.count) others together")]
    }

    /// `+21, 2026-11-24 09:10: Ben: status In Progress → Blocked`.
    private static func line(of part: AlertStory.Part, limit: Int) -> String {
        let at = part.at.map { ", \($0.description.prefix(16).replacing("T", with: " "))" } ?? ""
        return "\(signed(part.points))\(at): \(part.text)".onOneLine(limit: limit)
    }

    private static func signed(_ points: Int) -> String { points < 0 ? "−\(-points)" : "+\(points)" }

    private mutating func replace(_ title: String, by section: Section) {
        guard !section.items.isEmpty else { return }
        if let place = sections.firstIndex(where: { $0.title == title }) {
            sections[place] = section
        } else {
            sections.append(section)
        }
    }
}
