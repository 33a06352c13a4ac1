import Domain
import Foundation
import TestSupport
import Testing

@testable import Forecast

@Suite struct DriftCheckTests {
    private let end = Timestamp(seconds: 1_760_000_000)

    private func record(
        _ id: String, days: Int, _ state: ForecastModelRecord.State = .superseded
    ) -> ForecastModelRecord {
        let at = end.adding(days: -days)
        return ForecastModelRecord(id: id, kind: "boosted", state: state, createdAt: at, cutAt: at, file: [])
    }

    /// A model that was trained so many days ago on what was known then.
    private func model(_ past: TenantPast, daysAgo: Int) throws -> ForecastModel {
        let cut = end.adding(days: -daysAgo)
        let samples = SampleMaker().samples(of: IssueHistory.all(of: past.issues), upTo: cut)
        return try HazardTraining().model(of: samples.observed(at: cut), cut: cut, finished: 300)
    }

    @Test func aModelIsJudgedOnlyByWhatCameAfterItsCut() {
        let models = [
            record("new", days: 3, .active), record("lost", days: 30, .rejected), record("a", days: 31),
            record("b", days: 45), record("c", days: 58), record("d", days: 70),
        ]
        #expect(DriftCheck.judged(among: models, now: end)?.id == "a")
        #expect(DriftCheck.judgedByOutcomes(among: models, now: end)?.id == "c")
        #expect(DriftCheck.judged(among: [models[0]], now: end) == nil)
        #expect(DriftCheck.judgedByOutcomes(among: [models[0]], now: end)?.id == "new")
        #expect(DriftCheck.judgedByOutcomes(among: [models[1]], now: end) == nil)
    }

    @Test func aSteadyTenantDoesNotDriftAndOneThatStopsWorkingDoes() throws {
        let past = TenantPast(issues: 400, days: 700, end: end, seed: 3)
        let model = try model(past, daysAgo: 60)
        let steady = try #require(
            try DriftCheck(histories: IssueHistory.all(of: past.issues), now: end).tempo(model))
        #expect(!steady.isUnusual, "\(steady)")

        // Nothing was finished in the last four weeks.
        let stop = end.adding(days: -28)
        let idle = past.issues.map { issue -> Domain.Issue in
            guard let done = issue.changes.first?.at, done > stop else { return issue }
            var open = issue
            open.changes = []
            open.status = Status(id: "1", name: "To Do", category: .new)
            open.updated = issue.created
            return open
        }
        let stopped = try #require(try DriftCheck(histories: IssueHistory.all(of: idle), now: end).tempo(model))
        #expect(stopped.isUnusual && stopped.z < 0 && stopped.observed == 0, "\(stopped)")
        #expect(Drift.tempoChanged([stopped, stopped]))
    }

    @Test func outcomesThatRipenedAreOfIssuesAfterTheCutEachOnce() throws {
        let past = TenantPast(issues: 500, days: 700, end: end, seed: 5)
        let model = try model(past, daysAgo: 56)
        let ripened = try DriftCheck(histories: IssueHistory.all(of: past.issues), now: end).ripened(model)
        // Those that are open at the end of their usual time, in eight weeks of a hundred.
        #expect(ripened.count >= 3 && ripened.count < 60, "\(ripened.count)")
        #expect(ripened.contains { $0.late })
        // A model that says the opposite has no skill.
        let wrong = ripened.map { (model: $0.late ? 0.0 : 1.0, age: $0.age, late: $0.late) }
        let many = Array(repeating: wrong, count: Drift.leastOutcomes).flatMap(\.self)
        #expect(try #require(Drift.skillOverAge(many)) <= 0)
        #expect(Drift.skillOverAge(Array(wrong.prefix(Drift.leastOutcomes - 1))) == nil)
    }

    @Test func aFeatureThatMovedIsNamed() throws {
        let past = TenantPast(issues: 400, days: 700, end: end, seed: 7)
        let model = try model(past, daysAgo: 30)
        let watched = try #require(model.distributions.first { $0.feature == .priority })
        #expect(!watched.shares.isEmpty)
        let all = past.issues.map { issue -> Domain.Issue in
            var changed = issue
            changed.priority = "Lowest"
            return changed
        }
        let moved = DriftCheck(histories: IssueHistory.all(of: all), now: end).moved(model)
        #expect(moved.contains { $0.feature == Feature.priority.rawValue }, "\(moved)")
    }

    @Test func checksAreWeeklyAndTheOldestAreForgotten() {
        var record = DriftRecord()
        #expect(record.isDue(at: end))
        for week in 0..<20 {
            record.add(DriftRecord.Week(at: end.adding(days: 7 * week).milliseconds, modelID: "m", outcomes: 0))
        }
        #expect(record.weeks.count == DriftRecord.kept)
        #expect(!record.isDue(at: end.adding(days: 7 * 19 + 6)))
        #expect(record.isDue(at: end.adding(days: 7 * 20)))
    }
}
