import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct AlertPlannerTests {
    private let tenant = TenantID(UUID())
    private let start = Timestamp(seconds: 1_790_000_000)
    private let threshold = AlertRule(
        id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
    private let spike = AlertRule(id: UUID(), name: "Spike", condition: .spike(points: 20, windowSeconds: 86_400))

    private func decide(
        _ score: Int, previous: Int? = nil, recent: [ScorePoint] = [], rules: [AlertRule], states: [AlertState] = [],
        status: Status = Status(name: "In Progress", category: .indeterminate), at now: Timestamp? = nil
    ) -> AlertDecision {
        AlertPlanner().decide(
            tenantID: tenant, siteURL: "https://acme.atlassian.net", issue: AlertSample.issue(status: status),
            analysis: AlertSample.analysis(score: score), previous: previous.map { AlertSample.analysis(score: $0) },
            recentScores: recent, rules: rules, states: states, now: now ?? start)
    }

    @Test func aFinishedIssueIsNoSpikeHoweverItScores() {
        let recent = [ScorePoint(at: start.adding(seconds: -3600), score: 10)]
        let done = Status(name: "Done", category: .done)
        #expect(decide(60, previous: 10, recent: recent, rules: [spike], status: done).alerts.isEmpty)
        let firing = AlertState(ruleID: spike.id, isFiring: true, since: start, score: 60)
        let cleared = decide(60, previous: 10, recent: recent, rules: [spike], states: [firing], status: done)
        #expect(cleared.states.map(\.isFiring) == [false])
    }

    /// Runs a series of scores through one rule; the alerts it raises and clears.
    private func events(_ scores: [Int], rule: AlertRule) -> [String] {
        var state: AlertState?
        var previous: Int?
        return scores.enumerated().flatMap { index, score in
            let decision = decide(
                score, previous: previous, rules: [rule], states: state.map { [$0] } ?? [],
                at: start.adding(seconds: Int64(index)))
            state = decision.states.first ?? state
            previous = score
            return decision.alerts.map { "\(index):\($0.event.rawValue)" }
        }
    }

    @Test func raisesAtTheThresholdAndClearsBelowTheLowerValue() {
        #expect(events([50, 69, 70, 90, 65, 60, 59, 75], rule: threshold) == ["2:raised", "6:resolved", "7:raised"])
    }

    @Test func saysNothingOnClearingWhereNotAsked() {
        var rule = threshold
        rule.notifiesResolved = false
        #expect(events([80, 10, 80], rule: rule) == ["0:raised", "2:raised"])
    }

    @Test func clearsWhenTheIssueIsDoneAndNeverRaisesForADoneOne() {
        let firing = AlertState(ruleID: threshold.id, isFiring: true, since: start, score: 80)
        let done = Status(name: "Done", category: .done)
        #expect(
            decide(80, previous: 80, rules: [threshold], states: [firing], status: done).alerts.map(\.event) == [
                .resolved
            ])
        #expect(decide(80, rules: [threshold], status: done).alerts.isEmpty)
    }

    @Test func aFirstLookIsNoSpike() {
        #expect(decide(95, rules: [spike]).alerts.isEmpty)
    }

    @Test func aSpikeIsMeasuredFromTheLowestScoreOfTheWindow() throws {
        let recent = [
            ScorePoint(at: start.adding(days: -3), score: 5), ScorePoint(at: start.adding(seconds: -90_000), score: 40),
            ScorePoint(at: start.adding(seconds: -3600), score: 45),
        ]
        // 40 still held when the window began; the 5 of three days ago did not.
        #expect(decide(59, previous: 45, recent: recent, rules: [spike]).alerts.isEmpty)
        let alert = try #require(decide(60, previous: 45, recent: recent, rules: [spike]).alerts.first)
        #expect(alert.issue?.previousScore == 40)
        #expect(alert.headline == "ENG-12 gained 20 points within 24 hours, now at 60")
    }

    @Test func whatTimeDidBeforeTheWindowIsNoSpike() {
        var old = AlertSample.analysis(score: 10)
        old.asOf = start.adding(days: -30)
        old.nextChangeAt = start.adding(days: -20)
        let decision = AlertPlanner().decide(
            tenantID: tenant, siteURL: "https://acme.atlassian.net", issue: AlertSample.issue(),
            analysis: AlertSample.analysis(score: 60), previous: old,
            recentScores: [ScorePoint(at: old.asOf, score: 10)], rules: [spike], states: [], now: start)
        #expect(decision == AlertDecision())
    }

    @Test func aSpikeRingsOnceUntilItIsOver() {
        let recent = [ScorePoint(at: start.adding(seconds: -60), score: 10)]
        let firing = AlertState(ruleID: spike.id, isFiring: true, since: start, score: 40)
        #expect(decide(45, previous: 40, recent: recent, rules: [spike], states: [firing]).alerts.isEmpty)
        let over = decide(20, previous: 40, recent: recent, rules: [spike], states: [firing])
        #expect(over.alerts.isEmpty)
        #expect(over.states.map(\.isFiring) == [false])
    }

    /// Its window has moved on since: nobody has to have looked for it to be over.
    @Test func aSpikeThatHasFadedIsRaisedAgainByTheNextOne() {
        let firing = AlertState(ruleID: spike.id, isFiring: true, since: start.adding(days: -3), score: 40)
        let recent = [
            ScorePoint(at: start.adding(days: -3).adding(seconds: -60), score: 10),
            ScorePoint(at: start.adding(days: -3), score: 40),
        ]
        let again = decide(65, previous: 40, recent: recent, rules: [spike], states: [firing])
        #expect(again.alerts.map(\.event) == [.raised])
        #expect(again.states == [AlertState(ruleID: spike.id, isFiring: true, since: start, score: 65)])
    }

    @Test func rulesOfOtherProjectsAndDisabledOnesAreSilent() {
        var (elsewhere, off) = (threshold, threshold)
        elsewhere.projectKeys = ["PAY"]
        off.isEnabled = false
        #expect(decide(90, rules: [elsewhere, off]) == AlertDecision())
    }

    @Test func tellsWhatChangedWhyAndTheFewestStepsDown() throws {
        let alert = try #require(decide(80, previous: 40, rules: [threshold]).alerts.first)
        #expect(alert.headline == "ENG-12 rose from 40 to 80, at or above the threshold of 70")
        let issue = try #require(alert.issue)
        #expect(issue.changes.map(\.factor) == [.blockers, .age])
        #expect(issue.factors.map(\.points) == issue.factors.map(\.points).sorted(by: >))
        #expect(issue.factors.map(\.points).reduce(0, +) == 80)
        // 80 − 40 < 60: the largest factor alone is enough.
        #expect(issue.remedies.map(\.points) == [40])
        #expect(alert.url == "https://acme.atlassian.net/browse/ENG-12")
    }

    @Test func theSameDecisionIsTheSameAlert() {
        let twice = (0..<2).map { _ in decide(80, previous: 40, rules: [threshold, spike]) }
        #expect(twice[0] == twice[1])
        #expect(Set(twice[0].alerts.map(\.id)).count == 2)
    }

    /// Whatever the scores: alerts alternate, and the state always agrees with the last one.
    @Test func raisedAndResolvedAlwaysAlternate() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let scores = (0..<60).map { _ in Int.random(in: 0...100, using: &random) }
            let kinds = events(scores, rule: threshold).map { $0.split(separator: ":")[1] }
            for (index, kind) in kinds.enumerated() { #expect(kind == (index % 2 == 0 ? "raised" : "resolved")) }
        }
    }
}

enum AlertSample {
    static func issue(status: Status = Status(name: "In Progress", category: .indeterminate)) -> Domain.Issue {
        Domain.Issue(
            id: "10012", key: "ENG-12", summary: "Card payments fail in the sandbox", status: status,
            created: Timestamp(seconds: 1_789_000_000), updated: Timestamp(seconds: 1_790_000_000),
            assignee: Person(id: "u1", displayName: "Ada Nowak"))
    }

    /// Half of the score from blockers, the rest from age.
    static func analysis(score: Int) -> Analysis {
        let at = Timestamp(seconds: 1_790_000_000)
        return .sample(
            id: "10012", key: "ENG-12", summary: "Card payments fail in the sandbox",
            factors: [
                Factor(
                    name: .blockers, points: score / 2, cap: 50, explanation: "Two comments say that work is blocked.",
                    remedy: "Resolve the open blockers.", evidence: [Evidence(kind: .comment, id: "501", at: at)]),
                Factor(name: .sentiment, points: 0, cap: 15, explanation: "No negative comments."),
                Factor(
                    name: .age, points: score - score / 2, cap: 50, explanation: "Open for 40 days.",
                    remedy: "Finish it or split it.", evidence: [Evidence(kind: .field, id: "created")]),
            ], at: at)
    }
}
