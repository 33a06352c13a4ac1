import Domain
import Foundation
import JiraCloud
import Logging
import RiskEngine
import StoreTestSupport
import TestSupport
import Testing
import WorkLoop

@testable import Alerts
@testable import DaemonTestSupport
@testable import Forecast
@testable import Store
@testable import consilod

/// Forecasts through the rescorer and the refresher, on a real store and a real model: on the rung where nothing beat the age,
/// an issue that is at less than half of its time is on time, and later it is late.
@Suite struct ForecastServingTests {
    private typealias Workshop = RescorerTests.Workshop
    private static let start = RescorerTests.start
    private static let rule = AlertRule(
        id: UUID(), name: "Will be late", condition: .forecast(question: .due, raiseAt: 80, clearBelow: 60),
        notifiesResolved: true)

    /// A model that lost against the age; trained for real on issues that were late from half of their time on.
    private static func model(seed: Int = 0) throws -> ForecastModelRecord {
        let at = Timestamp(seconds: 1_700_000_000)
        let observed = (0..<400).map { number -> ObservedSample in
            let (age, left) = (Double(number % 20) * 5 + 1, Double(number / 20) * 5 + 1)
            let due = at.adding(milliseconds: Int64(left * 86_400_000))
            var sample = Sample(
                issue: IssueID("\(1000 + number)"), project: "P", at: at,
                created: at.adding(milliseconds: -Int64(age * 86_400_000)),
                features: [Float](repeating: .nan, count: Feature.count), usual: .nan, usualCount: 0, due: due)
            sample[.age] = Float(age)
            let isLate = age > left
            return ObservedSample(
                sample: sample,
                outcome: Outcome(
                    done: due.adding(seconds: isLate ? 86_400 : -43_200), observedUntil: at.adding(days: 300)))
        }
        var training = HazardTraining()
        training.seed = seed
        var model = try training.model(of: observed, cut: at.adding(days: 300), finished: 300)
        let no = Interval(estimate: -0.1, low: -0.2, high: 0, confidence: 0.9)
        model.verdicts = [
            BacktestVerdict(
                question: .due, samples: 900, issues: 300, lateIssues: 100, onTimeIssues: 100, skillOverAge: no,
                skillOverBaseRate: no, skillOverPrior: no, priorSkillOverAge: no, hasPrior: true)
        ]
        return ForecastModelRecord(
            id: try model.id, kind: "boosted", state: .rejected, createdAt: Self.start, cutAt: model.cut,
            file: [UInt8](try CanonicalJSON.encode(model)))
    }

    private func basis(
        _ model: ForecastModelRecord? = nil, finished: Int = 300, at: Timestamp = start
    ) throws -> ForecastBasis {
        ForecastBasis(
            pace: try TenantPace().stored(), asOf: at.adding(seconds: -60), finished: finished, judgedModelID: model?.id
        )
    }

    private func make(rules: [AlertRule] = [rule], _ model: ForecastModelRecord?) async throws -> Workshop {
        let workshop = try await Workshop(profile: .standard, rules: rules)
        try await workshop.store.saveBasis(try basis(model), model: model, of: workshop.tenant, at: Self.start)
        return workshop
    }

    /// A webhook of an issue that was created ten days before the start.
    private func webhook(
        _ number: Int = 1, due day: Int?, minute: Int = 0, status: String = "new", at: Timestamp = start
    ) -> String {
        let due = day.map { "\"\(Self.start.adding(days: $0).utcDay)\"" } ?? "null"
        let (created, sent) = (Self.start.adding(days: -10), at.adding(seconds: Int64(minute) * 60))
        return """
            {"timestamp": \(sent.milliseconds), "webhookEvent": "jira:issue_updated", "issue": {"id": "\(10_000 + number)", \
            "key": "PAY-\(number)", "fields": {"summary": "A payment", "created": "\(created)", "updated": "\(sent)", \
            "duedate": \(due), "status": {"id": "3", "name": "S", "statusCategory": {"id": 4, "key": "\(status)"}}, \
            "project": {"id": "1", "key": "PAY"}, "priority": {"name": "High"}, "labels": [], "issuelinks": []}}}
            """
    }

    private func refresher(_ workshop: Workshop) throws -> ForecastRefresher {
        let scorer = try RiskScorer(RiskConfiguration.default)
        return ForecastRefresher(
            store: workshop.store, library: ForecastLibrary(store: workshop.store),
            readPast: { scorer.history(of: $0, statuses: $1) }, nudges: Nudge().stream,
            now: { [clock = workshop.clock] in clock.now }, onIssues: {},
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func stored(_ workshop: Workshop, _ numbers: ClosedRange<Int> = 1...1) async throws -> [IssueForecast] {
        let ids = numbers.map { IssueID("\(10_000 + $0)") }
        let records = try await workshop.store.forecasts(workshop.tenant, of: ids)
        return try ids.compactMap { id in try records[id].map { try #require($0.forecast) } }
    }

    // MARK: With the analysis

    @Test func aWebhookHasTheForecastMadeThatItsInstantGives() async throws {
        let workshop = try await make(try Self.model())
        try await workshop.take([webhook(due: 90)])
        try await workshop.run { try await workshop.untilIdle() }
        let early = try #require(try await stored(workshop).first)
        #expect(early[.due]?.rung == .age && early[.due]?.percent == 2, "a tenth of its time is over")
        #expect(early.asOf == Self.start && early[.usual] == nil && early[.sprint] == nil)
        try await workshop.take([webhook(due: 3, minute: 1)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await stored(workshop).first?[.due]?.percent == 98)
        try await workshop.take([webhook(due: 3, minute: 2, status: "done")])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await stored(workshop).isEmpty, "it is done")
    }

    @Test func withoutABasisNothingIsSaidAndTheScoreIsMadeAllTheSame() async throws {
        let workshop = try await Workshop(profile: .standard, rules: [Self.rule])
        try await workshop.take([webhook(due: 3)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await stored(workshop).isEmpty)
        #expect(try await workshop.history().count == 1)
        #expect(try await workshop.alerts().isEmpty)
    }

    @Test func aModelThatCannotBeReadLeavesThePriorAndTheScore() async throws {
        var model = try Self.model()
        model.file = [1, 2, 3]
        let workshop = try await make(model)
        try await workshop.take([webhook(due: 3)])
        try await workshop.run { try await workshop.untilIdle() }
        let answer = try #require(try await stored(workshop).first?[.due])
        #expect(answer.rung == .prior && answer.percent == nil && answer.level != nil)
        #expect(try await workshop.history().count == 1)
    }

    // MARK: Alerts

    @Test func anAlertRisesAndClearsWithTheForecast() async throws {
        let workshop = try await make(try Self.model())
        func take(_ due: Int, minute: Int) async throws {
            workshop.clock.now = Self.start.adding(seconds: Int64(minute) * 60)
            try await workshop.take([webhook(due: due, minute: minute)])
            try await workshop.run { try await workshop.untilIdle() }
        }
        try await take(90, minute: 0)
        #expect(try await workshop.alerts().isEmpty)
        try await take(3, minute: 1)
        try await take(4, minute: 2)
        let raised = try await workshop.alerts()
        #expect(raised.map(\.event) == [.raised] && raised.map(\.kind) == [.forecast], "once")
        let alert = try #require(raised.first)
        #expect(alert.headline.hasPrefix("PAY-1 is 98 % likely to be done after its due date ("))
        #expect(alert.issue?.forecast?.percent == 98)
        let text = AlertText(alert)
        #expect(text.sections.first?.title == "What the forecast says")
        try await take(90, minute: 3)
        let all = try await workshop.alerts()
        #expect(all.map(\.event) == [.resolved, .raised])
        #expect(all.first?.headline.hasSuffix("below the clearing value of 60 %") == true)
    }

    @Test func timeAloneRaisesAnAlertThroughTheRefresher() async throws {
        let workshop = try await make(try Self.model())
        try await workshop.take([webhook(1, due: 40), webhook(2, due: 400), webhook(3, due: nil)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await workshop.alerts().isEmpty)
        workshop.clock.now = Self.start.adding(days: 30)
        try await workshop.run { try await workshop.untilIdle() }
        let seen = try await workshop.alerts().count
        let refresher = try refresher(workshop)
        while await refresher.refreshNext() {}
        try await workshop.run { try await workshop.untilIdle() }
        let alerts = try await workshop.alerts()
        #expect(alerts.compactMap(\.issue?.issueKey) == ["PAY-1"])
        #expect(seen <= 1)
        #expect(try await stored(workshop, 1...3).map(\.asOf) == Array(repeating: workshop.clock.now, count: 3))
    }

    @Test func onARungWithoutNumbersNothingIsRaised() async throws {
        let workshop = try await make(nil)
        try await workshop.take([webhook(due: 1)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await stored(workshop).first?[.due]?.rung == .prior)
        #expect(try await workshop.alerts().isEmpty)
    }

    // MARK: What is stale

    @Test func aNewModelHasExactlyTheStaleOnesMadeAgain() async throws {
        let (first, second) = (try Self.model(), try Self.model(seed: 7))
        #expect(first.id != second.id)
        let workshop = try await make(rules: [], first)
        try await workshop.take((1...5).map { webhook($0, due: 20) })
        try await workshop.run { try await workshop.untilIdle() }
        let refresher = try refresher(workshop)
        while await refresher.refreshNext() {}
        let made = try await stored(workshop, 1...5)
        #expect(made.allSatisfy { $0.modelID == first.id && $0.asOf == Self.start }, "nothing was stale")

        workshop.clock.now = Self.start.adding(seconds: 60)
        var changed = try basis(second)
        changed.asOf = try basis(first).asOf
        try await workshop.store.saveBasis(changed, model: second, of: workshop.tenant, at: workshop.clock.now)
        // One of them is scored meanwhile, by the new model.
        try await workshop.take([webhook(2, due: 20, minute: 1)])
        try await workshop.run { try await workshop.untilIdle() }
        let renewed = try #require(try await stored(workshop, 2...2).first)
        #expect(renewed.modelID == second.id)
        workshop.clock.now = Self.start.adding(seconds: 120)
        while await refresher.refreshNext() {}
        let all = try await stored(workshop, 1...5)
        #expect(all.map(\.modelID) == Array(repeating: second.id, count: 5))
        #expect(all.map(\.asOf) == (1...5).map { $0 == 2 ? renewed.asOf : workshop.clock.now })
        #expect(await refresher.refreshNext() == false)
    }

    @Test func whoeverMakesAForecastMakesTheSameBytes() async throws {
        let workshop = try await make(rules: [], try Self.model())
        try await workshop.take([webhook(due: 20)])
        try await workshop.run { try await workshop.untilIdle() }
        let byWebhook = try await workshop.store.forecasts(workshop.tenant, of: ["10001"])["10001"]
        try await workshop.store.removeForecasts(workshop.tenant)
        let refresher = try refresher(workshop)
        while await refresher.refreshNext() {}
        #expect(try await workshop.store.forecasts(workshop.tenant, of: ["10001"])["10001"] == byWebhook)
        #expect(byWebhook != nil)
    }

    @Test func aRefreshThatFailsIsCountedAndIsRetried() async throws {
        let workshop = try await make(rules: [], try Self.model())
        try await workshop.take([webhook(due: 20)])
        try await workshop.run { try await workshop.untilIdle() }
        try await workshop.store.removeForecasts(workshop.tenant)
        try await workshop.store.driver.write { try $0.run("UPDATE issue_snapshots SET state_json = '{}'", []) }
        while await (try refresher(workshop)).refreshNext(), try await failing(workshop) == 0 {}
        #expect(try await failing(workshop) == 1)
        #expect(try await stored(workshop).isEmpty)
    }

    private func failing(_ workshop: Workshop) async throws -> Int {
        try await workshop.store.figures(now: workshop.clock.now).forecasts.failingRefreshes
    }
}
