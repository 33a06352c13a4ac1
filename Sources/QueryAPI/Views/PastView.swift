import Domain
import Queries
import RiskEngine

/// What an analysis of a past instant (`as_of`) rests on, and what the history says of the instant.
struct PastView: Encodable, Sendable {
    struct Stored: Encodable, Sendable {
        var asOf: Timestamp
        var riskScore: Int
        var engine: EngineIdentity
        /// Whether score, factors and engine are the same.
        var isEqual: Bool
        var isOtherEngine: Bool
        /// The parts that are not the same.
        var differs: [String]
        /// Those with other points: before is as stored, after as scored again.
        var factors: [FactorMoveView]
    }

    /// From when on all changes are known.
    var knownFrom: Nullable<Timestamp>
    /// Absent where the history has no analysis of the instant.
    var stored: Stored?

    init(_ look: PastAnalyses.Look) {
        knownFrom = Nullable(look.knownFrom)
        stored = look.stored.map { comparison in
            Stored(
                asOf: comparison.stored.asOf, riskScore: comparison.stored.riskScore, engine: comparison.stored.engine,
                isEqual: comparison.isEqual, isOtherEngine: comparison.isOtherEngine,
                differs: comparison.differing.map(\.rawValue), factors: comparison.moves.map(FactorMoveView.init))
        }
    }
}

/// A factor whose points are not the same.
struct FactorMoveView: Encodable, Sendable {
    var name: Factor.Name
    var before: Int
    var after: Int

    init(_ move: ScoreDifference.Move) {
        name = move.factor
        before = move.before
        after = move.after
    }
}

/// `GET /api/analyze/issue/{key}/diff`: what made a score another.
struct ScoreDifferenceView: Encodable, Sendable {
    struct Moment: Encodable, Sendable {
        var at: Timestamp
        var riskScore: Int
        var band: RiskBand
        /// The points of each factor; empty before the issue was created.
        var points: [String: Int]

        init(_ moment: ScoreDifference.Moment) {
            at = moment.at
            riskScore = moment.score
            band = RiskBand(score: moment.score)
            points = Dictionary(moment.points.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
        }
    }

    enum PartKind: String, Encodable, Sendable, CaseIterable {
        case events, time
    }

    struct Event: Encodable, Sendable {
        var kind: String
        var id: String
        var who: Nullable<String>
        var field: String?
        var from: String?
        var to: String?
        var text: String?
        var issueKey: IssueKey?
        /// Where to read it in Jira.
        var url: String

        init(_ event: ScoreDifference.Event, of key: IssueKey, site: String) {
            kind = event.kind.rawValue
            id = event.id
            who = Nullable(event.who)
            field = event.field
            from = event.from
            to = event.to
            text = event.text
            issueKey = event.issueKey
            let address = "\(site)/browse/\(event.issueKey ?? key)"
            let isComment = event.kind == .comment || event.kind == .commentEdit
            let comment = isComment ? Evidence(kind: .comment, id: event.id).address(inIssueAt: address) : nil
            url = comment ?? address
        }
    }

    struct Part: Encodable, Sendable {
        var at: Timestamp
        var kind: PartKind
        var points: Int
        var factors: [FactorMoveView]
        /// All of one instant; empty for time.
        var events: [Event]
    }

    var issueKey: IssueKey
    var url: String
    var knownFrom: Nullable<Timestamp>
    var from: Moment
    var to: Moment
    /// The sum of the parts' points.
    var change: Int
    /// Oldest first.
    var parts: [Part]
    /// Events that moved no factor.
    var quietEvents: Int

    init(_ difference: ScoreDifference, of key: IssueKey, knownFrom: Timestamp?, site: String) {
        issueKey = key
        url = "\(site)/browse/\(key)"
        self.knownFrom = Nullable(knownFrom)
        from = Moment(difference.from)
        to = Moment(difference.to)
        change = difference.change
        parts = difference.parts.map { part in
            Part(
                at: part.at, kind: part.events.isEmpty ? .time : .events, points: part.points,
                factors: part.moves.map(FactorMoveView.init),
                events: part.events.map { Event($0, of: key, site: site) })
        }
        quietEvents = difference.quietEvents
    }
}
