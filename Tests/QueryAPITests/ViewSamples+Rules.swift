import Domain
import Foundation

@testable import Queries
@testable import QueryAPI

extension ViewSamples {
    static var ruleTrials: [ViewSamples] {
        var whole = RuleTrialAnswer(from: testNow.adding(days: -7), to: testNow, issues: 2, raised: 1, resolved: 1)
        whole.weeks = [RuleTrialAnswer.Week(start: testNow.utcDay, raised: 1)]
        whole.rungIssueCount = 2
        whole.rungIssues = ["Refund button", nil].map {
            RuleTrialAnswer.RungIssue(
                id: "1", key: "ENG-1", summary: $0, raised: 1, firstAt: testNow, lastAt: testNow, highestScore: 80)
        }
        whole.channels = [AlertChannel.Kind.slack, nil].map {
            RuleTrialAnswer.ChannelShare(id: UUID(), name: "Team", kind: $0, alerts: 2, notifications: 1)
        }
        whole.reallyRaised = 1
        let bare = RuleTrialAnswer(from: testNow, to: testNow)
        return [ViewSamples("RuleTrial", RuleTrialView(whole), RuleTrialView(bare)), scorecards]
    }

    private static var scorecards: ViewSamples {
        var card = AlertScorecard(raised: 4, acknowledged: 1)
        card.precision = Proportion(1, of: 3)
        card.noise = Proportion(1, of: 3)
        card.recall = Proportion(1, of: 3)
        card.leadDays = 2.5
        let channels = [card, AlertScorecard()].map {
            ChannelScorecard(id: UUID(), name: "Team", kind: .slack, card: $0)
        }
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        return ViewSamples(
            "AlertScorecards",
            ScorecardsView(
                AlertScorecards(
                    from: testNow, to: testNow, missedIssues: 1,
                    rules: [
                        RuleScorecard(
                            rule: rule, card: card,
                            advice: RuleAdvice(kind: .raise, field: "raise_at", value: 75, sentence: "Raise it.")),
                        RuleScorecard(
                            rule: rule, card: AlertScorecard(),
                            advice: RuleAdvice(kind: .keep, field: nil, value: nil, sentence: "Keep it.")),
                    ], channels: channels)))
    }
}
