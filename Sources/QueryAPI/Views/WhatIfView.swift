import Domain
import Foundation
import Queries
import RiskEngine

/// `POST /api/analyze/what-if`: an issue as it is, and as changes would make it.
struct WhatIfView: Encodable, Sendable {
    struct Side: Encodable, Sendable {
        var riskScore: Int
        var band: RiskBand
        var factors: [Factor]
        var blockerCount: Int
        /// Whether it is done.
        var isOver: Bool
        /// Absent once it is done.
        var forecast: ForecastView?

        init(_ side: WhatIfs.Side) {
            riskScore = side.analysis.riskScore
            band = side.analysis.band
            factors = side.analysis.factors
            blockerCount = side.analysis.blockerCount
            isOver = side.isOver
            forecast = side.isOver ? nil : ForecastView(side.forecast)
        }
    }

    struct RuleChange: Encodable, Sendable {
        var id: String
        var name: String
        var kind: AlertRule.Kind
        var event: Alert.Event
    }

    var issueKey: IssueKey
    var asOf: Timestamp
    var before: Side
    var after: Side
    /// Those whose alert would be raised or cleared.
    var rules: [RuleChange]

    init(_ answer: WhatIfs.Answer) {
        issueKey = answer.before.analysis.issueKey
        asOf = answer.before.analysis.asOf
        before = Side(answer.before)
        after = Side(answer.after)
        rules = answer.rules.map {
            RuleChange(
                id: $0.rule.id.canonicalText, name: $0.rule.name, kind: $0.rule.condition.kind,
                event: $0.isRaised ? .raised : .resolved)
        }
    }
}

/// `GET /api/analyze/issue/{key}/remedies`: the least that would lower a score.
struct RemediesView: Encodable, Sendable {
    /// Where the value to get below comes from.
    enum Goal: String, Encodable, Sendable, CaseIterable {
        case request, rule, band
    }

    struct Action: Encodable, Sendable {
        var kind: String
        var name: String
        var sentence: String
        var effort: Int
    }

    var issueKey: IssueKey
    var asOf: Timestamp
    var riskScore: Int
    var band: RiskBand
    var below: Int
    var goal: Goal
    /// The name of the rule that is cleared below it.
    var rule: Nullable<String>
    var isReached: Bool
    /// After the actions.
    var scoreAfter: Int
    var actions: [Action]
    /// How many actions there are.
    var considered: Int

    init(_ remedies: Remedies) {
        let analysis = remedies.analysis
        issueKey = analysis.issueKey
        asOf = analysis.asOf
        riskScore = analysis.riskScore
        band = analysis.band
        below = remedies.goal.below
        switch remedies.goal.origin {
        case .request: (goal, rule) = (.request, Nullable(nil))
        case .rule(let name): (goal, rule) = (.rule, Nullable(name))
        case .band: (goal, rule) = (.band, Nullable(nil))
        }
        isReached = remedies.isReached
        scoreAfter = remedies.score
        actions = remedies.actions.map {
            Action(kind: $0.kind.rawValue, name: $0.name, sentence: $0.sentence, effort: $0.effort)
        }
        considered = remedies.considered
    }
}
