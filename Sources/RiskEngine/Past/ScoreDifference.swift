public import Domain

/// What made the score of an issue another between two instants: every event between them, and time itself, each with the points by
/// which it moved the score. The points are whole numbers and sum to the difference.
///
/// The issue is walked through from instant to instant by one scorer. What a score is higher after the events of an instant than
/// just before them belongs to those events; what it becomes between them, with nothing happening, belongs to time. Events of one
/// instant have one number: which of them would have moved the score by how much alone depends on the order in which one imagines
/// them, and there was none.
public struct ScoreDifference: Sendable, Hashable {
    /// Something that happened at one instant.
    public struct Event: Sendable, Hashable {
        /// Kinds of events. Events of one instant are listed in this order.
        public enum Kind: String, Sendable, CaseIterable {
            /// The issue was created.
            case created
            /// A field became another.
            case change
            /// A comment was written.
            case comment
            /// A comment got other words.
            case commentEdit = "comment_edit"
            /// A link was made or removed.
            case link
            /// A sprint that the issue was in began or was closed.
            case sprint
            /// An issue that blocks this one got another score of its own, or was finished.
            case blockingIssue = "blocking_issue"
            /// A sign of life of which nothing else is known, as logged work.
            case activity
        }

        /// When.
        public var at: Timestamp
        /// What kind it is of.
        public var kind: Kind
        /// Jira's id of the comment, the change, the link or the sprint; that of the issue for its creation and for activity.
        public var id: String
        /// The display name of who did it; nil where that is not known, and for what no one person did.
        public var who: String?
        /// Of a change its field; nil otherwise.
        public var field: String?
        /// What it was before, in Jira's words, at most 80 characters; nil for nothing.
        public var from: String?
        /// What it was after, in Jira's words, at most 80 characters; nil for nothing.
        public var to: String?
        /// The first words of a comment, nil where not everybody may read it; the name of a sprint and what it did.
        public var text: String?
        /// The blocking issue's key; nil for other kinds.
        public var issueKey: IssueKey?

        public init(
            at: Timestamp, kind: Kind, id: String, who: String? = nil, field: String? = nil, from: String? = nil,
            to: String? = nil, text: String? = nil, issueKey: IssueKey? = nil
        ) {
            self.at = at
            self.kind = kind
            self.id = id
            self.who = who
            self.field = field
            self.from = from
            self.to = to
            self.text = text
            self.issueKey = issueKey
        }
    }

    /// A factor that has other points after than before.
    public struct Move: Sendable, Hashable {
        /// Which factor.
        public var factor: Factor.Name
        /// Its points before.
        public var before: Int
        /// Its points after.
        public var after: Int

        public init(factor: Factor.Name, before: Int, after: Int) {
            self.factor = factor
            self.before = before
            self.after = after
        }

        /// How many points more after than before.
        public var change: Int { after - before }

        /// The factors that have other points in one analysis than in another, in the order of ``Factor/Name``. Nil stands for an
        /// issue that did not exist.
        static func all(from before: Analysis?, to after: Analysis?) -> [Move] {
            func points(_ name: Factor.Name, _ analysis: Analysis?) -> Int {
                analysis?.factors.first { $0.name == name }?.points ?? 0
            }
            return Factor.Name.allCases.compactMap { name -> Move? in
                let move = Move(factor: name, before: points(name, before), after: points(name, after))
                return move.change == 0 ? nil : move
            }
        }
    }

    /// What the events of one instant did, or time at one.
    public struct Part: Sendable, Hashable {
        /// When.
        public var at: Timestamp
        /// In the order of their kinds, then of their ids; empty for what time did.
        public var events: [Event]
        /// The factors that moved; never empty.
        public var moves: [Move]

        public init(at: Timestamp, events: [Event], moves: [Move]) {
            self.at = at
            self.events = events
            self.moves = moves
        }

        /// By how much the score is higher for it, −100 to 100. It may be 0 where factors moved against each other.
        public var points: Int { moves.reduce(0) { $0 + $1.change } }
    }

    /// The score at one of the two instants.
    public struct Moment: Sendable, Hashable {
        /// The instant.
        public var at: Timestamp
        /// 0–100; 0 before the issue was created.
        public var score: Int
        /// The points of each factor of the profile; empty before the issue was created.
        public var points: [Factor.Name: Int]

        init(at: Timestamp, _ analysis: Analysis?) {
            self.at = at
            score = analysis?.riskScore ?? 0
            points = Dictionary((analysis?.factors ?? []).map { ($0.name, $0.points) }, uniquingKeysWith: +)
        }
    }

    /// The earlier instant, with everything that happened at it.
    public var from: Moment
    /// The later instant, with everything that happened at it.
    public var to: Moment
    /// Oldest first; at one instant what time did comes before what happened.
    public var parts: [Part]
    /// How many events between the two instants moved no factor, and are in no part.
    public var quietEvents: Int

    /// How much higher the score is at the later instant: the sum of the points of all parts.
    public var change: Int { to.score - from.score }

    /// Walks from one instant to a later one. Pure, if `look` is.
    ///
    /// - Parameters:
    ///   - events: in any order; those that are not between the instants do not count. Everything that makes another issue of the
    ///     issue has to be among them.
    ///   - look: the analysis at `instant` of what had happened up to `known`; nil where the issue did not exist yet.
    public init(
        from: Timestamp, to: Timestamp, events: [Event],
        look: (_ known: Timestamp, _ instant: Timestamp) -> Analysis?
    ) {
        let first = look(from, from)
        var walk = Walk(known: from, latest: first)
        let between = Dictionary(grouping: events.filter { $0.at > from && $0.at <= to }, by: \.at)
        for (instant, events) in between.sorted(by: { $0.key < $1.key }) {
            walk.letTimePass(until: instant, look)
            walk.known = instant
            walk.step(to: look(instant, instant), at: instant, events: events.sorted { $0.precedes($1) })
        }
        walk.letTimePass(until: to, look)
        self.from = Moment(at: from, first)
        self.to = Moment(at: to, walk.latest)
        parts = walk.parts
        quietEvents = walk.quietEvents
    }
}

extension ScoreDifference.Event {
    /// The order within an instant, whatever the order of arrival.
    fileprivate func precedes(_ other: Self) -> Bool {
        let kinds = Kind.allCases
        let (rank, otherRank) = (kinds.firstIndex(of: kind) ?? 0, kinds.firstIndex(of: other.kind) ?? 0)
        guard rank == otherRank else { return rank < otherRank }
        return (NumericOrder(ChangeID(id)), field ?? "") < (NumericOrder(ChangeID(other.id)), other.field ?? "")
    }
}

/// The way from one instant to another.
private struct Walk {
    /// What happened up to here is known.
    var known: Timestamp
    /// The newest analysis; its points hold up to its next turning point.
    var latest: Analysis?
    var parts: [ScoreDifference.Part] = []
    var quietEvents = 0

    init(known: Timestamp, latest: Analysis?) {
        self.known = known
        self.latest = latest
    }

    /// Looks at each instant up to and including `end` at which time alone moves a factor.
    mutating func letTimePass(until end: Timestamp, _ look: (Timestamp, Timestamp) -> Analysis?) {
        while let next = latest?.nextChangeAt, next <= end { step(to: look(known, next), at: next, events: []) }
    }

    mutating func step(to analysis: Analysis?, at instant: Timestamp, events: [ScoreDifference.Event]) {
        let moves = ScoreDifference.Move.all(from: latest, to: analysis)
        latest = analysis
        if moves.isEmpty {
            quietEvents += events.count
        } else {
            parts.append(ScoreDifference.Part(at: instant, events: events, moves: moves))
        }
    }
}
