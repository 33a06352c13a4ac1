import Domain
import Forecast
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// The training of forecasts on a real store, by the service that the daemon runs.
@Suite struct ForecastTrainingTests {
    private let now = StoreFixture.start

    private func store(
        issues: Int, tells: Bool = true
    ) async throws -> (fixture: StoreFixture, tenant: TenantID, past: TenantPast) {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let past = TenantPast(issues: issues, days: 900, end: now, tells: tells)
        try await fixture.add(past, to: tenant)
        return (fixture, tenant, past)
    }

    private func ladder(_ basis: ForecastBasis, _ model: ForecastModelRecord?) throws -> EvidenceLadder {
        let results = try model?.verdict.map { try StoredVerdict(stored: $0).results } ?? []
        return EvidenceLadder(
            finished: basis.finished, hasPrior: true,
            verdict: results.first { $0.question == Question.usual.name }?.verdict, steppedDown: basis.isSteppedDown)
    }

    @Test func aTenantWhoseOutcomesCanBeToldGetsAModelOfItsOwnAndTheSameOneAgain() async throws {
        let (fixture, tenant, past) = try await store(issues: 450)
        let node = TrainingNode(fixture.store, at: now)
        try await node.train(tenant)

        let basis = try #require(try await fixture.store.forecastBasis(tenant))
        #expect(basis.asOf == now && basis.finished >= EvidenceLadder.leastForOwn && basis.judgedAt == now)
        let pace = try TenantPace(stored: basis.pace)
        #expect(pace.asOf == now)
        let model = try #require(try await fixture.store.activeModel(tenant))
        #expect(model.id == basis.judgedModelID && model.cutAt == now.utcDay.startUTC)
        #expect(try ladder(basis, model).rung == .own)
        #expect(node.changed == [tenant])

        // The model can be used: it tells quick issues from slow ones.
        let predictor = try ForecastModel(stored: model.file).predictor()
        let histories = IssueHistory.all(of: past.issues)
        let samples = SampleMaker().samples(of: histories, at: now)
        let priorities = Dictionary(past.issues.map { ($0.id, $0.priority) }) { first, _ in first }
        func mean(_ priority: String) throws -> Double {
            let chosen = samples.filter { priorities[$0.issue] == priority }
            let curves = try predictor.curves(chosen.map(\.features))
            return curves.reduce(0) { $0 + $1.survival(days: 60) } / Double(max(curves.count, 1))
        }
        #expect(try mean("Lowest") > mean("Medium"))

        // Twice the same day, on another node: the same bytes.
        try await TrainingNode(fixture.store, at: now).train(tenant)
        let again = try #require(try await fixture.store.activeModel(tenant))
        #expect(again.id == model.id && again.file == model.file && again.verdict == model.verdict)
        #expect(try await fixture.store.models(tenant).count == 1)
        #expect(try await fixture.store.forecastBasis(tenant)?.pace == basis.pace)
    }

    @Test func aModelOfRandomOutcomesIsKeptButNotUsedAndEndsTheUseOfTheFormerOne() async throws {
        let (fixture, tenant, _) = try await store(issues: 450, tells: false)
        let node = TrainingNode(fixture.store, at: now)
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: now)
        let claim = try #require(try await fixture.store.claimTraining(now: now, leaseUntil: now.adding(seconds: 60)))
        try await fixture.store.saveModel(
            ForecastModelRecord(
                id: "former", kind: "boosted", state: .active, createdAt: now.adding(days: -7),
                cutAt: now.adding(days: -7), file: [1]), under: claim)
        try await fixture.store.release(claim, dueAt: now, error: nil, now: now)
        try await node.train(tenant)

        #expect(try await fixture.store.activeModelID(tenant) == nil)
        let models = try await fixture.store.models(tenant)
        #expect(models.map(\.state) == [.rejected, .superseded])
        let basis = try #require(try await fixture.store.forecastBasis(tenant))
        #expect(basis.judgedModelID == models.first?.id)
        let rung = try ladder(basis, models.first).rung
        #expect(rung == .age || rung == .prior)
    }

    @Test func aTenantWithFewFinishedIssuesStaysOnThePriorsRung() async throws {
        let (fixture, tenant, _) = try await store(issues: 120)
        let node = TrainingNode(fixture.store, at: now)
        try await node.train(tenant)
        let basis = try #require(try await fixture.store.forecastBasis(tenant))
        #expect((EvidenceLadder.leastForPrior..<EvidenceLadder.leastForOwn).contains(basis.finished))
        #expect(basis.judgedModelID == nil && basis.judgedAt == now)
        #expect(try await fixture.store.models(tenant).isEmpty)
        let ladder = try ladder(basis, nil)
        #expect(ladder.rung == .prior && ladder.missing.map(\.kind) == [.finishedIssues])
    }

    @Test func twoNodesTrainATenantOnce() async throws {
        let (fixture, tenant, _) = try await store(issues: 120)
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: now)
        let nodes = [TrainingNode(fixture.store, at: now), TrainingNode(try await fixture.reopened(), at: now)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes {
                group.addTask { [now] in
                    try await node.work(until: "it is trained") {
                        try await fixture.store.trainingStatus(tenant)?.trainedAt == now
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(nodes.flatMap(\.changed) == [tenant])
        try nodes[1].store.close()
    }

    @Test func whatANodeThatDiedHadClaimedIsTrainedByAnother() async throws {
        let (fixture, tenant, _) = try await store(issues: 120)
        try await fixture.store.requestTraining(tenant, reason: .backfill, dueAt: now)
        let dead = try #require(try await fixture.store.claimTraining(now: now, leaseUntil: now.adding(seconds: 60)))
        let node = TrainingNode(fixture.store, at: now.adding(seconds: 61))
        try await node.work(until: "it is trained") {
            try await fixture.store.trainingStatus(tenant)?.trainedAt != nil
        }
        #expect(dead.reason == .backfill && node.changed == [tenant])
        // What the dead node would still write has no effect.
        await #expect(throws: StorageError.self) {
            try await fixture.store.saveForecastBasis(ForecastBasis(pace: [], asOf: now, finished: 0), under: dead)
        }
        #expect(try await fixture.store.forecastBasis(tenant)?.pace.isEmpty == false)
    }

    @Test func aTrainingThatTheShutdownBreaksOffIsTakenUpByTheNextNode() async throws {
        let (fixture, tenant, _) = try await store(issues: 600)
        let claimed = { @Sendable in
            try await fixture.store.driver.read {
                try $0.query("SELECT tenant_id FROM forecast_jobs WHERE lease_token IS NOT NULL", []).count
            }
        }
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: now)
        let stopping = TrainingNode(fixture.store, at: now)
        try await stopping.work(until: "it has begun") { try await claimed() == 1 }
        // Given back at once, as it was, and nothing of it is stored.
        #expect(try await claimed() == 0)
        let status = try #require(try await fixture.store.trainingStatus(tenant))
        #expect(
            status.trainedAt == nil && (status.dueAt ?? now) <= now && status.reason == .manual
                && status.lastError == nil)
        #expect(try await fixture.store.models(tenant).isEmpty)
        #expect(try await fixture.store.forecastBasis(tenant) == nil && stopping.changed.isEmpty)
        let next = TrainingNode(fixture.store, at: now)
        try await next.work(until: "it is trained") { next.changed == [tenant] }
        #expect(try await fixture.store.activeModel(tenant) != nil)
    }

    @Test func theBasisIsComputedDailyAndAModelWeekly() async throws {
        let (fixture, tenant, _) = try await store(issues: 60)
        let node = TrainingNode(fixture.store, at: now)
        try await node.train(tenant)
        for day in 1...7 {
            node.clock.now = now.adding(days: day)
            let due = try await fixture.store.trainingStatus(tenant)
            #expect(due?.dueAt == node.clock.now && due?.reason == .daily)
            try await node.work(until: "day \(day) is computed") { [clock = node.clock] in
                try await fixture.store.forecastBasis(tenant)?.asOf == clock.now
            }
            let judgedAt = try await fixture.store.forecastBasis(tenant)?.judgedAt
            #expect(judgedAt == (day < 7 ? now : node.clock.now), "day \(day)")
        }
        #expect(node.changed.count == 8)
    }

    @Test func aTrainingThatFailsIsRetriedLaterAndSaysWhy() async throws {
        let (fixture, tenant, _) = try await store(issues: 10)
        try await fixture.store.driver.write { try $0.run("UPDATE issue_snapshots SET state_json = '{}'", []) }
        let node = TrainingNode(fixture.store, at: now)
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: now)
        try await node.work(until: "it has failed") {
            try await fixture.store.trainingStatus(tenant)?.attempts == 1
        }
        let status = try #require(try await fixture.store.trainingStatus(tenant))
        #expect(status.lastError?.isEmpty == false && status.reason == .manual)
        #expect(status.dueAt == now.adding(seconds: 300))
        #expect(try await fixture.store.figures(now: now).forecasts.failing == 1)
    }

    @Test func aBacktestThatWasAskedForIsRunAndItsReportCanBeRead() async throws {
        let (fixture, tenant, _) = try await store(issues: 300)
        let request = BacktestRequest(cuts: 3, horizonDays: 184, questions: [.usual, .horizon(days: 30)])
        #expect(
            try await fixture.store.requestBacktest(
                tenant, options: try request.stored(), by: .system("test"), now: now))
        try await TrainingNode(fixture.store, at: now).work(until: "it is done") {
            try await fixture.store.backtest(tenant)?.state != .waiting
        }
        let backtest = try #require(try await fixture.store.backtest(tenant))
        #expect(backtest.state == .done && backtest.error == nil && backtest.done == 3 && backtest.total == 3)
        let report = try BacktestReport(stored: try #require(backtest.result))
        #expect(report.request == request && report.issues == 300)
        #expect(report.results.map(\.question) == ["usual", "30d"])
        for name in ["model", "prior", "age", "kaplan_meier", "base_rate"] {
            #expect(report.results[0].pooled.figures(of: name) != nil, "\(name)")
        }
    }
}
