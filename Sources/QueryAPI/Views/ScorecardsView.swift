import Domain
import Foundation
import Queries

/// What a tenant's alerts were worth.
struct ScorecardsView: Encodable, Sendable {
    struct Rule: Encodable, Sendable {
        var id: String
        var name: String
        var enabled: Bool
        var kind: AlertRule.Kind
        var scorecard: ScorecardView
        var suggestion: SuggestionView
    }

    struct Channel: Encodable, Sendable {
        var id: String
        var name: String
        var kind: AlertChannel.Kind
        var scorecard: ScorecardView
    }

    var from: Timestamp
    var to: Timestamp
    var missedIssues: Int
    var rules: [Rule]
    var channels: [Channel]

    init(_ cards: AlertScorecards) {
        from = cards.from
        to = cards.to
        missedIssues = cards.missedIssues
        rules = cards.rules.map {
            Rule(
                id: $0.rule.id.canonicalText, name: $0.rule.name, enabled: $0.rule.isEnabled,
                kind: $0.rule.condition.kind, scorecard: ScorecardView($0.card), suggestion: SuggestionView($0.advice))
        }
        channels = cards.channels.map {
            Channel(id: $0.id.canonicalText, name: $0.name, kind: $0.kind, scorecard: ScorecardView($0.card))
        }
    }
}

/// What became of the alerts of a rule or a channel.
struct ScorecardView: Encodable, Sendable {
    /// A share with its 95 % interval.
    struct Share: Encodable, Sendable {
        var count: Int
        var total: Int
        var share: Nullable<Double>
        var low: Double
        var high: Double

        init(_ proportion: Proportion) {
            count = proportion.count
            total = proportion.total
            share = Nullable(proportion.share)
            low = proportion.interval.lowerBound
            high = proportion.interval.upperBound
        }
    }

    var raised: Int
    var acknowledged: Int
    var silenced: Int
    var late: Int
    var slipped: Int
    var reopened: Int
    var precision: Share
    var pending: Int
    var withoutDeadline: Int
    var leadDays: Nullable<Double>
    var noise: Share
    var recall: Share

    init(_ card: AlertScorecard) {
        raised = card.raised
        acknowledged = card.acknowledged
        silenced = card.silenced
        late = card.late
        slipped = card.slipped
        reopened = card.reopened
        precision = Share(card.precision)
        pending = card.pending
        withoutDeadline = card.withoutDeadline
        leadDays = Nullable(card.leadDays)
        noise = Share(card.noise)
        recall = Share(card.recall)
    }
}

/// What to change about a rule.
struct SuggestionView: Encodable, Sendable {
    var kind: String
    var field: Nullable<String>
    var value: Nullable<Int>
    var sentence: String

    init(_ advice: RuleAdvice) {
        kind = advice.kind.rawValue
        field = Nullable(advice.field)
        value = Nullable(advice.value)
        sentence = advice.sentence
    }
}
