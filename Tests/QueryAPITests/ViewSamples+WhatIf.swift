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
        ] + sprintWhatIfs
    }

    private static var sprintWhatIfs: [ViewSamples] {
        let sprints = [
            Sprint(
                id: "7", name: "Sprint 7", state: "closed", startDate: testNow, endDate: testNow,
                completeDate: testNow), Sprint(id: "8", name: "Sprint 8", state: "future"),
        ]
        func heading(_ index: Int) -> SprintWhatIfs.Heading {
            SprintWhatIfs.Heading(
                projectKey: "ENG", sprint: sprints[index], coverage: index == 0 ? .whole : .seen, band: .high,
                measure: index == 0 ? .forecast : .band, asOf: testNow)
        }
        func standing(_ forecasts: [IssueForecast?]) -> SprintWhatIfs.Standing {
            SprintWhatIfs.Standing(
                openIssues: 2, misses: 1.5, riskyIssues: 1,
                outlook: ForecastOutlook(.sprint, of: forecasts, countsAll: true))
        }
        func side(_ percent: Int?) -> SprintWhatIfs.IssueSide {
            SprintWhatIfs.IssueSide(riskScore: 74, isInSprint: true, isOver: false, percent: percent)
        }
        func answer(_ index: Int, _ before: [IssueForecast?], _ after: [IssueForecast?]) -> SprintWhatIfView {
            SprintWhatIfView(
                SprintWhatIfs.Answer(
                    heading: heading(index), before: standing(before), after: standing(after),
                    issues: [
                        .init(key: "ENG-1", before: side(80), after: side(nil)),
                        .init(key: "ENG-2", before: side(nil), after: side(20)),
                    ]))
        }
        func least(_ index: Int) -> SprintRemediesView {
            SprintRemediesView(
                SprintWhatIfs.Least(
                    heading: heading(index), openIssues: 2, misses: 1.5, below: 1,
                    actions: [
                        SprintRemedyProblem.Action(
                            action: RemedyAction(.assign, "Assign the issue.", .assign), issueKeys: ["ENG-1"])
                    ], missesAfter: 0.5, considered: 3, consideredIssues: 2))
        }
        return [
            ViewSamples("SprintWhatIf", answer(0, [numbers, nil], [levels]), answer(1, [levels], [numbers, nil])),
            ViewSamples("SprintRemedies", least(0), least(1)),
        ]
    }
}
