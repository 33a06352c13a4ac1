import Domain
import Foundation

@testable import Queries
@testable import QueryAPI
@testable import RiskEngine

extension ViewSamples {
    /// What changes would make of an issue, and what would lower its score.
    static var whatIfs: [ViewSamples] {
        let bare = Fixture.listing("ENG-1", score: 20).analysis
        func side(_ forecast: IssueForecast?, isOver: Bool) -> WhatIfs.Side {
            WhatIfs.Side(analysis: forecast == nil ? bare : wholeAnalysis, forecast: forecast, isOver: isOver)
        }
        func answer(_ before: IssueForecast?, _ after: IssueForecast?, isOver: Bool = false) -> WhatIfView {
            WhatIfView(
                WhatIfs.Answer(
                    before: side(before, isOver: isOver), after: side(after, isOver: isOver),
                    rules: AlertRule.defaults().enumerated().map {
                        WhatIfs.RuleChange(rule: $1, isRaised: $0 == 0)
                    }))
        }
        func remedies(_ origin: Remedies.Goal.Origin) -> RemediesView {
            RemediesView(
                Remedies(
                    analysis: bare, isOver: false, goal: .init(below: 40, origin),
                    actions: [RemedyAction(.assign, "Assign the issue.", .assign)], score: 10, considered: 3))
        }
        return [
            ViewSamples(
                "WhatIf", answer(numbers, levels), answer(levels, numbers), answer(nil, nil),
                answer(nil, nil, isOver: true)),
            ViewSamples("Remedies", remedies(.request), remedies(.rule("High risk")), remedies(.band)),
        ]
    }
}
