public import Domain

/// What is different between two moments of an issue: of each factor, and what happened in between. The points of the factors sum
/// to the difference of the scores, for a score is the sum of its factors.
public struct IssueDifference: Sendable, Hashable {
    /// A factor whose points are not the same.
    public struct Row: Sendable, Hashable {
        /// Which factor.
        public var factor: Factor.Name
        /// At the earlier moment.
        public var before: Int
        /// At the later moment.
        public var after: Int

        /// How many points more at the later moment.
        public var change: Int { after - before }
    }

    /// The earlier moment.
    public var from: IssueStory.Moment
    /// The later moment.
    public var to: IssueStory.Moment
    /// Those that changed most first.
    public var rows: [Row]
    /// Oldest first; empty where time alone made the difference.
    public var events: [IssueStory.Event]

    /// How much higher the score is at the later moment.
    public var change: Int { to.score - from.score }

    /// Nil where the story has no two moments at these instants.
    public init?(of story: IssueStory, from: Timestamp, to: Timestamp) {
        let (first, last) = (min(from, to), max(from, to))
        guard let before = story.moments.last(where: { $0.at == first }),
            let after = story.moments.last(where: { $0.at == last })
        else { return nil }
        self.from = before
        self.to = after
        rows = Factor.Name.allCases.compactMap { name in
            let row = Row(factor: name, before: before.points[name] ?? 0, after: after.points[name] ?? 0)
            return row.change == 0 ? nil : row
        }.sorted { (abs($1.change), $0.factor.rawValue) < (abs($0.change), $1.factor.rawValue) }
        events = story.events(after: first, upTo: last)
    }
}
