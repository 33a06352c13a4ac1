import Alerts
import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What a trial of a rule says is what the rule raised.
@Suite struct RuleTrialTests {
    private static let start = StoreFixture.start

    private static let rules = [
        rule("High", .threshold(raiseAt: 70, clearBelow: 55)), rule("Low", .threshold(raiseAt: 30, clearBelow: 30)),
        rule("Elsewhere", .threshold(raiseAt: 50, clearBelow: 40), projects: ["OPS"]),
        rule("Day", .spike(points: 20, windowSeconds: 86_400)), rule("Hour", .spike(points: 10, windowSeconds: 3600)),
        rule("Month", .spike(points: 35, windowSeconds: 31 * 86_400)),
    ]

    private static func rule(
        _ name: String, _ condition: AlertRule.Condition, projects: [String] = []
    ) -> AlertRule {
        AlertRule(id: UUID(), name: name, condition: condition, projectKeys: projects)
    }

    /// What the rescorer sees at one instant.
    private struct Look {
        var at: Timestamp
        var score: Int
        var key: IssueKey
        var isOver: Bool
        /// Somebody asks for an analysis, on which no rule is decided.
        var isOnRequest: Bool
    }

    /// A random walk: bursts and pauses of weeks, looks that find what the one before found, the issue moved and finished.
    private static func looks(_ number: Int, _ random: inout SeededGenerator) -> [Look] {
        var (at, score, project, isOver) = (start, Int.random(in: 0...60, using: &random), "PAY", false)
        return (0..<45).map { _ in
            let spans: [Int64] = [60, 1800, 20_000, 90_000, 400_000, 1_500_000]
            let seconds = spans.randomElement(using: &random) ?? 60
            at = at.adding(milliseconds: Int64.random(in: 1...seconds * 1000, using: &random))
            if Int.random(in: 0..<3, using: &random) > 0 {
                score = min(100, max(0, score + Int.random(in: -30...30, using: &random)))
            }
            if Int.random(in: 0..<12, using: &random) == 0 { project = project == "PAY" ? "OPS" : "PAY" }
            if Int.random(in: 0..<15, using: &random) == 0 { isOver.toggle() }
            return Look(
                at: at, score: score, key: IssueKey("\(project)-\(number)"), isOver: isOver,
                isOnRequest: Int.random(in: 0..<10, using: &random) == 0)
        }
    }

    /// Does at each look what the rescorer does: the planner decides on what the store has, and a row of the history is
    /// written where the judgement is another.
    private func live(
        _ looks: [Look], of id: IssueID, _ tenant: TenantID, in fixture: StoreFixture
    ) async throws {
        var last: Look?
        for look in looks {
            var analysis = StoreFixture.analysis(id, key: look.key, score: look.score, at: look.at)
            analysis.ownScore = look.score
            guard !look.isOnRequest else {
                try await fixture.store.appendHistory(
                    tenantID: tenant, analysis: analysis, newReadings: [:], now: look.at)
                continue
            }
            let claim = try await fixture.claim(id, of: tenant, at: look.at)
            let work = try #require(try await fixture.store.loadWork(for: claim))
            var result = StoreFixture.result(work, id: id, key: look.key, score: look.score, now: look.at)
            let category: Status.Category = look.isOver ? .done : .indeterminate
            result.issue?.status = Status(name: category.rawValue, category: category)
            let isSame = last.map { $0.score == look.score && $0.key == look.key && $0.isOver == look.isOver } ?? false
            result.history = isSame ? [] : [HistoryRow(analysis: analysis, isOver: look.isOver)]
            result.analysis = analysis
            result.decision = AlertPlanner().decide(
                tenantID: tenant, siteURL: "https://acme.atlassian.net", issue: try #require(result.issue),
                analysis: analysis, previous: work.lastAnalysis, recentScores: work.recentScores, rules: work.rules,
                states: work.alertStates, now: look.at)
            try await fixture.store.commit(result, for: claim)
            last = look
        }
    }

    /// Everything that a rule raised of an issue, oldest first.
    private func raised(
        _ tenant: TenantID, in fixture: StoreFixture
    ) async throws -> [RaisedAlert] {
        try await fixture.store.raisedAlerts(
            tenant, from: Self.start, to: Self.start.adding(days: 4000), after: nil, limit: 10_000)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func anUnchangedRuleWouldHaveRungWhenItRang(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant(rules: Self.rules)
        let ids = [IssueID("10001"), IssueID("10002")]
        var end = Self.start
        for (number, id) in ids.enumerated() {
            let looks = Self.looks(number + 1, &random)
            end = max(end, try #require(looks.last).at)
            try await live(looks, of: id, tenant, in: fixture)
        }
        let alerts = try await raised(tenant, in: fixture).filter { $0.event == .raised }
        #expect(alerts.count > 20)
        let pasts = try await fixture.store.scoredPasts(tenant, from: Self.start, to: end, after: nil, limit: 10)
        #expect(pasts.map(\.issueID) == ids)
        for rule in Self.rules {
            let trial = try #require(RuleTrial(rule))
            for past in pasts {
                let really = alerts.filter { $0.ruleID == rule.id && $0.issueID == past.issueID }
                let rings = trial.rings(in: past)
                #expect(rings.map(\.at) == really.map(\.at), "\(rule.name) of \(past.issueID)")
                #expect(rings.map(\.score) == really.map(\.score), "\(rule.name)")
            }
            // What rang before a window does not ring in it: a rule stands there as it stood.
            let from = Self.start.adding(milliseconds: (end.milliseconds - Self.start.milliseconds) / 2)
            let count = try await fixture.store.raisedCount(tenant, ruleID: rule.id, from: from, to: end)
            let windowed = try await fixture.store.scoredPasts(tenant, from: from, to: end, after: nil, limit: 10)
            #expect(windowed.flatMap { trial.rings(in: $0) }.count { $0.at >= from } == count, "\(rule.name)")
        }
    }

    @Test func endsThatWereToldAreEndsOfATrial() async throws {
        var random = SeededGenerator(seed: 9)
        let fixture = try await StoreFixture()
        var rule = Self.rule("Middle", .threshold(raiseAt: 45, clearBelow: 35))
        rule.notifiesResolved = true
        let tenant = try await fixture.makeTenant(rules: [rule])
        let looks = Self.looks(1, &random)
        try await live(looks, of: "10001", tenant, in: fixture)
        let resolved = try await raised(tenant, in: fixture).filter { $0.event == .resolved }
        let end = try #require(looks.last).at
        let past = try await fixture.store.scoredPasts(tenant, from: Self.start, to: end, after: nil, limit: 10)
        let rings = try #require(RuleTrial(rule)).rings(in: try #require(past.first))
        #expect(resolved.count > 1)
        #expect(rings.compactMap(\.clearedAt) == resolved.map(\.at))
        #expect(rings.compactMap(\.clearedScore) == resolved.map(\.score))
    }

    @Test func aSpikeThatFadedRingsAgainWhetherAnybodyLookedMeanwhileOrNot() {
        let rule = Self.rules[3]
        func look(_ hours: Int64, _ score: Int) -> ScoredPast.Look {
            ScoredPast.Look(
                at: Self.start.adding(seconds: hours * 3600), score: score, issueKey: "PAY-1", projectKey: "PAY")
        }
        let rose = [look(0, 10), look(1, 40)]
        let trial = RuleTrial(rule)
        func rings(_ looks: [ScoredPast.Look]) -> [Timestamp]? {
            trial?.rings(in: ScoredPast(issueID: "10001", looks: looks)).map(\.at)
        }
        let again = look(40, 65)
        #expect(rings(rose + [again]) == [rose[1].at, again.at])
        #expect(rings(rose + [look(30, 40), again]) == [rose[1].at, again.at])
        #expect(rings(rose + [look(2, 65)]) == [rose[1].at], "it goes on")
    }

    @Test func aRuleOnTheForecastCannotBeTried() {
        let rule = Self.rule("Late", .forecast(question: .due, raiseAt: 70, clearBelow: 60))
        #expect(RuleTrial(rule) == nil)
    }

    @Test func pagesOfPastsHaveEveryIssueOfTheWindowAndNoOtherTenants() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let ids = (1...5).map { IssueID("1000\($0)") }
        for (index, id) in ids.enumerated() {
            let look = Look(
                at: Self.start.adding(days: index), score: 50, key: IssueKey("PAY-\(index)"), isOver: false,
                isOnRequest: false)
            try await live([look], of: id, tenant, in: fixture)
        }
        let (from, to) = (Self.start.adding(days: 1), Self.start.adding(days: 3))
        func page(_ tenant: TenantID, after: IssueID?) async throws -> [IssueID] {
            try await fixture.store.scoredPasts(tenant, from: from, to: to, after: after, limit: 2).map(\.issueID)
        }
        let first = try await page(tenant, after: nil)
        #expect(first == [ids[1], ids[2]])
        let second = try await page(tenant, after: ids[2])
        #expect(second == [ids[3]])
        let none = try await page(other, after: nil)
        #expect(none == [])
        let foreign = try await fixture.store.scoredPasts(other, of: ids, from: from, to: to)
        #expect(foreign == [])
    }
}
