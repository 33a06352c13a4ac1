import Domain
import Forecast

/// An alert that was raised, with what became of its issue. Pure.
struct JudgedAlert: Sendable, Hashable {
    /// Whether the alert came true.
    enum Verdict: Sendable, Hashable {
        /// The issue was late, slipped its sprint or was reopened.
        case right
        /// It met its deadlines.
        case wrong
        /// A deadline is still to come.
        case pending
        /// It had none.
        case none
    }

    var alert: RaisedAlert
    /// Nil where the issue is not known any more.
    var fate: DeadlineFate?
    /// Whether it cleared within a day with nothing done; nil while that is not known.
    var isNoise: Bool?

    var verdict: Verdict {
        guard let fate else { return .none }
        if fate.missedAt != nil || fate.reopenedAt != nil { return .right }
        return fate.isPending ? .pending : fate.isMet ? .wrong : .none
    }
}

/// When an alert cleared, and whether anybody had done something by then. Pure.
struct AlertEnd {
    /// An app's edit is no answer to an alert; one without a known author may be a person's.
    private static func isPerson(_ author: Person?) -> Bool { author?.isApp != true }
    private static let day = 86_400

    /// Whether the alert cleared within a day with nothing done; nil while that is not known.
    ///
    /// - Parameters:
    ///   - rule: as it is now; nil where it was deleted.
    ///   - resolvedAt: when an alert said that it was over; nil without one.
    ///   - past: the stored scores of the issue.
    ///   - issue: with its changes and comments.
    static func isNoise(
        _ alert: RaisedAlert, _ rule: AlertRule?, resolvedAt: Timestamp?, past: ScoredPast?, issue: Issue,
        now: Timestamp
    ) -> Bool? {
        let end = alert.at.adding(seconds: Int64(day))
        guard let clearedAt = resolvedAt ?? clearedAt(alert, rule, past), clearedAt <= end else {
            return now > end ? false : nil
        }
        func isBetween(_ instant: Timestamp) -> Bool { instant > alert.at && instant <= clearedAt }
        let wasTouched =
            issue.changes.contains { isBetween($0.at) && isPerson($0.author) }
            || issue.comments.contains { isBetween($0.created) && isPerson($0.author) }
        return !wasTouched
    }

    /// The first score afterwards that is below what the rule clears at.
    private static func clearedAt(_ alert: RaisedAlert, _ rule: AlertRule?, _ past: ScoredPast?) -> Timestamp? {
        let limit: Int? =
            switch rule?.condition {
            case .threshold(_, let clearBelow): clearBelow
            // A spike is over by time alone a window later: what counts is that the score fell back.
            case .spike(let points, _): alert.spikeFrom.map { $0 + points }
            case .forecast, nil: nil
            }
        guard let limit else { return nil }
        return past?.looks.first { !$0.isOnRequest && $0.at > alert.at && ($0.isOver || $0.score < limit) }?.at
    }
}
