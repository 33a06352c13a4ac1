public import Domain
import RiskEngine

/// How an issue came to its score: what was judged when, and what happened in between.
public struct IssueStory: Sendable, Hashable {
    /// A row of the history.
    public struct Moment: Sendable, Hashable {
        /// The instant that the analysis speaks of.
        public var at: Timestamp
        /// 0–100, the sum of `points`.
        public var score: Int
        /// The points of each factor that has any.
        public var points: [Factor.Name: Int]
        /// Open blockers.
        public var blockerCount: Int
        /// What the work costs in all, in the unit of the configured rates.
        public var cost: Double
    }

    /// Something that a person or a program did to the issue.
    public struct Event: Sendable, Hashable {
        /// Kinds of events.
        public enum Kind: Sendable, Hashable {
            /// The issue was created.
            case created
            /// A comment; `id` is its id.
            case comment
            /// A field of this name became another.
            case change(field: String)
        }

        /// When.
        public var at: Timestamp
        /// What it was.
        public var kind: Kind
        /// The id of the comment or the change; nil for the creation.
        public var id: String?
        /// The display name of who did it; nil where Jira did not say.
        public var author: String?
        /// Of a change, the value before, in Jira's words; nil or empty for none.
        public var from: String?
        /// Of a change, the value after. Of a comment, its first words; nil where not everybody may read it.
        public var to: String?
    }

    /// A blocker, from the analysis that found it first to the one that no longer did.
    public struct BlockerLife: Sendable, Hashable {
        /// As it was seen last.
        public var blocker: Blocker
        /// When it was found resolved; nil while it is open.
        public var resolvedAt: Timestamp?
        /// What happened from the last analysis with it to the first one without.
        public var resolvedBy: [Event]
    }

    /// Oldest first.
    public var moments: [Moment]
    /// Oldest first.
    public var events: [Event]
    /// The open ones first, then those that were resolved last.
    public var blockers: [BlockerLife]

    /// - Parameters:
    ///   - analyses: in any order.
    ///   - state: what was folded, with the texts of the comments.
    public init(analyses: [Analysis], state: IssueState) {
        let analyses = analyses.sorted { $0.asOf < $1.asOf }
        moments = analyses.map(Moment.init)
        events = Self.events(of: state)
        blockers = Self.blockers(of: analyses, events: events)
    }

    /// What happened after `from`, up to and including `to`.
    public func events(after from: Timestamp, upTo to: Timestamp) -> [Event] {
        events.filter { $0.at > from && $0.at <= to }
    }
}

extension IssueStory.Moment {
    init(_ analysis: Analysis) {
        at = analysis.asOf
        score = analysis.riskScore
        points = Dictionary(
            analysis.factors.lazy.filter { $0.points != 0 }.map { ($0.name, $0.points) }, uniquingKeysWith: +)
        blockerCount = analysis.blockerCount
        cost = analysis.capacity.totalEstimatedCost
    }
}

// MARK: Events

extension IssueStory {
    /// Fields whose changes say nothing of the work.
    private static let silentFields: Set<String> = ["Rank", "WorklogId", "Workflow", "RemoteIssueLink"]

    private static func events(of state: IssueState) -> [Event] {
        var events: [Event] = []
        if let created = state.fields.created?.value {
            let reporter = state.fields.reporter?.value ?? nil
            events.append(Event(at: created, kind: .created, author: reporter?.displayName))
        }
        for comment in state.comments.values where state.showsComment(comment.id) {
            events.append(
                Event(
                    at: comment.created, kind: .comment, id: comment.id.rawValue, author: comment.author?.displayName,
                    to: comment.shownStart(160)))
        }
        for change in IssueFold.changes(of: state) where !silentFields.contains(change.field) {
            events.append(
                Event(
                    at: change.at, kind: .change(field: change.field), id: change.id.rawValue,
                    author: change.author?.displayName, from: shown(change.fromString, change.from),
                    to: shown(change.toString, change.to)))
        }
        return events.sorted { ($0.at, $0.id ?? "") < ($1.at, $1.id ?? "") }
    }

    /// A value of a change, by its name where it has one, short enough for a line.
    private static func shown(_ name: String?, _ value: String?) -> String? {
        let text = name.flatMap { $0.isEmpty ? nil : $0 } ?? value
        return text.map { $0.count > 80 ? "\($0.prefix(79))…" : $0 }
    }
}

// MARK: Blockers

extension IssueStory {
    /// A blocker is the same as long as it stands on the same evidence.
    private static func blockers(of analyses: [Analysis], events: [Event]) -> [BlockerLife] {
        var open: [Evidence.Identity: BlockerLife] = [:]
        var over: [BlockerLife] = []
        var before: Timestamp?
        for analysis in analyses {
            var seen: [Evidence.Identity: BlockerLife] = [:]
            for blocker in analysis.blockers {
                seen[blocker.evidence.identity] = BlockerLife(blocker: blocker, resolvedAt: nil, resolvedBy: [])
            }
            for (identity, life) in open where seen[identity] == nil {
                var life = life
                life.resolvedAt = analysis.asOf
                life.resolvedBy = events.filter { event in
                    before.map { event.at > $0 } ?? false && event.at <= analysis.asOf
                }
                over.append(life)
            }
            (open, before) = (seen, analysis.asOf)
        }
        let stillOpen = open.values.sorted {
            ($0.blocker.date, $0.blocker.snippet) < ($1.blocker.date, $1.blocker.snippet)
        }
        return stillOpen
            + over.sorted {
                ($1.resolvedAt ?? $1.blocker.date, $0.blocker.snippet) < (
                    $0.resolvedAt ?? $0.blocker.date, $1.blocker.snippet
                )
            }
    }
}

extension Evidence {
    struct Identity: Hashable {
        var kind: Kind
        var id: String
    }

    var identity: Identity { Identity(kind: kind, id: id) }
}
