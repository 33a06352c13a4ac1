import Domain
import Foundation
import RiskEngine

@testable import Queries
@testable import QueryAPI

extension ViewSamples {
    /// What an analysis of a past instant has besides, with an analysis that was stored of the instant or without.
    static func past(_ comparison: IssueAnalyses.Comparison, stored: Analysis?) -> PastView {
        PastView(
            PastAnalyses.Look(
                comparison: comparison,
                stored: stored.map { StoredComparison(stored: $0, again: comparison.analysis) },
                knownFrom: stored == nil ? nil : testNow))
    }

    static var differences: ViewSamples {
        let (before, after) = (
            Fixture.listing("ENG-1", score: 20).analysis, Fixture.listing("ENG-1", score: 74).analysis
        )
        let at = testNow.adding(days: -1)
        let events = [
            ScoreDifference.Event(
                at: at, kind: .change, id: "200/0", who: "Ada", field: "priority", from: "Low", to: "High"),
            ScoreDifference.Event(at: at, kind: .comment, id: "100", text: "We are blocked."),
            ScoreDifference.Event(at: at, kind: .blockingIssue, id: "300", from: "10", to: "40", issueKey: "OPS-1"),
        ]
        let whole = ScoreDifference(from: testNow.adding(days: -2), to: testNow, events: events) { known, _ in
            known < at ? before : after
        }
        let bare = ScoreDifference(from: testNow.adding(days: -2), to: testNow, events: []) { _, _ in before }
        return ViewSamples(
            "ScoreDifference",
            ScoreDifferenceView(whole, of: "ENG-1", knownFrom: testNow, site: "https://acme.example"),
            ScoreDifferenceView(bare, of: "ENG-1", knownFrom: nil, site: "https://acme.example"))
    }
}
