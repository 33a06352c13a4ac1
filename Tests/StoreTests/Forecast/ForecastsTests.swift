import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct ForecastsTests {
    private let start = StoreFixture.start

    private func forecast(
        _ id: IssueID, by model: String = "m1", late: Double? = 0.25, at asOf: Timestamp = StoreFixture.start
    ) -> ForecastRecord {
        ForecastRecord(
            issueID: id, modelID: model, asOf: asOf, lateUsual: late, lateSprint: 0.5, p50At: asOf.adding(days: 3),
            payload: #"{"v":1}"#)
    }

    private func model(
        _ id: String, _ state: ForecastModelRecord.State, at: Timestamp = StoreFixture.start
    ) -> ForecastModelRecord {
        ForecastModelRecord(
            id: id, kind: "own", state: state, createdAt: at, cutAt: at.adding(days: -1),
            file: Array("model \(id)\0\u{FF}".utf8), verdict: #"{"skill":0.5}"#)
    }

    /// Claims the training of the tenant.
    private func training(_ fixture: StoreFixture, of tenant: TenantID) async throws -> TrainingClaim {
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: start)
        return try #require(
            try await fixture.store.claimTraining(now: start, leaseUntil: start.adding(seconds: 60)))
    }

    // MARK: Forecasts

    @Test func theNewestForecastOfAnIssueIsTheOneThatIsRead() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        for id in ["1", "2", "3"] as [IssueID] {
            try await fixture.scoreIssue(id, key: IssueKey("PAY-\(id)"), of: tenant, at: start)
        }
        let store = fixture.store
        try await store.saveForecasts([forecast("2"), forecast("1", late: nil)], of: tenant)
        let read = try await store.forecasts(tenant, of: ["1", "2", "3", "4"])
        #expect(read["1"] == forecast("1", late: nil))
        #expect(read["2"] == forecast("2"))
        #expect(read.keys.sorted { $0.rawValue < $1.rawValue } == ["1", "2"])
        #expect(try await store.forecasts(other, of: ["1"]).isEmpty)

        let newer = forecast("1", by: "m2", late: 1, at: start.adding(seconds: 1))
        try await store.saveForecasts([newer], of: tenant)
        try await store.saveForecasts([forecast("1", late: 0.75)], of: tenant)
        #expect(try await store.forecasts(tenant, of: ["1"])["1"] == newer)

        try await store.removeForecasts(tenant)
        #expect(try await store.forecasts(tenant, of: ["1", "2"]).isEmpty)
    }

    @Test func whatIsOverHasNoForecast() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        for id in ["1", "2", "3"] as [IssueID] {
            try await fixture.scoreIssue(id, key: IssueKey("PAY-\(id)"), of: tenant, at: start)
        }
        try await store.saveForecasts([forecast("1"), forecast("2"), forecast("3")], of: tenant)
        try await fixture.scoreIssue("1", key: "PAY-1", of: tenant, at: start.adding(seconds: 1), isDeleted: true)
        let claim = try await fixture.claim("2", of: tenant, at: start.adding(seconds: 2))
        var result = StoreFixture.result(
            try await store.loadWork(for: claim), id: "2", key: "PAY-2", score: 0, now: start.adding(seconds: 2))
        result.issue?.status = Status(id: "6", name: "Shipped", category: .done)
        result.sprintRecords = try await store.sprintRecords(tenantID: tenant, sprintIDs: result.state.sprintIDs)
        try await store.commit(result, for: claim)
        #expect(try await store.forecasts(tenant, of: ["1", "2", "3"]).keys.map(\.rawValue) == ["3"])

        // One that was made meanwhile comes too late.
        let late = ["1", "2", "99"].map { forecast(IssueID($0), at: start.adding(days: 1)) }
        try await store.saveForecasts(late, of: tenant)
        #expect(try await store.forecasts(tenant, of: ["1", "2", "99"]).isEmpty)
    }

    @Test func openIssuesWithoutAForecastOfTheModelAreFound() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for number in 1...6 {
            try await fixture.scoreIssue(
                IssueID("\(number)"), key: IssueKey("PAY-\(number)"), of: tenant, at: start, isDeleted: number == 6)
        }
        let store = fixture.store
        try await store.saveForecasts([forecast("2"), forecast("3", by: "m0"), forecast("5")], of: tenant)
        let first = try await store.issuesWithoutForecast(tenant, by: "m1", before: start, after: nil, limit: 2)
        #expect(first == ["1", "3"])
        #expect(try await store.issuesWithoutForecast(tenant, by: "m1", before: start, after: "3", limit: 2) == ["4"])
        let old = try await store.issuesWithoutForecast(
            tenant, by: "m1", before: start.adding(seconds: 1), after: nil, limit: 9)
        #expect(old == ["1", "2", "3", "4", "5"], "a newer pace makes all stale")
    }

    @Test func anIssueThatIsRemovedTakesItsForecastAlong() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.scoreIssue("1", key: "PAY-1", of: tenant, at: start, isDeleted: true)
        try await fixture.store.driver.write { [self] in
            try $0.run(
                """
                INSERT INTO forecasts (tenant_id, issue_id, model_id, as_of, payload) VALUES (?, '1', 'm', ?, '{}')
                """, [.tenant(tenant), .timestamp(start)])
        }
        for days in [0, 91] {
            _ = try await fixture.store.removeExpired(
                RetentionPolicy(), currentModel: "wordlist-1", now: start.adding(days: days)
            ) { true }
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM issue_snapshots") == 0)
        #expect(try await fixture.count("SELECT COUNT(*) FROM forecasts") == 0)
    }

    // MARK: Models

    @Test func oneModelIsActiveAndWhatItReplacedIsKept() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let store = fixture.store
        #expect(try await store.activeModel(tenant) == nil)
        let claim = try await training(fixture, of: tenant)
        try await store.saveModel(model("a", .active), under: claim)
        try await store.saveModel(model("b", .rejected, at: start.adding(seconds: 1)), under: claim)
        #expect(try await store.activeModel(tenant) == model("a", .active))
        try await store.saveModel(model("c", .active, at: start.adding(seconds: 2)), under: claim)
        #expect(try await store.activeModelID(tenant) == "c")
        // The same history again gives the same model.
        try await store.saveModel(model("c", .active, at: start.adding(seconds: 3)), under: claim)
        let kept = try await store.models(tenant)
        #expect(kept.map(\.id) == ["c", "b", "a"])
        #expect(kept.map(\.state) == [.active, .rejected, .superseded])
        #expect(kept.allSatisfy { $0.file.isEmpty && $0.verdict != nil })
        #expect(try await store.activeModel(other) == nil)

        #expect(try await store.retireModel(tenant, id: "a", as: .rejected) == false)
        #expect(try await store.retireModel(tenant, id: "c", as: .rejected))
        #expect(try await store.activeModel(tenant) == nil)
    }

    @Test func oldModelsGoButNeverTheActiveOne() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        try await fixture.store.saveModel(model("a", .active), under: claim)
        for number in 1...(RiskStore.keptModels + 3) {
            try await fixture.store.saveModel(
                model("r\(number)", .rejected, at: start.adding(seconds: Int64(number))), under: claim)
        }
        let kept = try await fixture.store.models(tenant)
        #expect(kept.count == RiskStore.keptModels + 1)
        #expect(kept.first?.id == "r\(RiskStore.keptModels + 3)")
        #expect(kept.last?.id == "a")
    }

    @Test func aLostLeaseStoresNoModel() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        let later = start.adding(seconds: 60)
        let next = try #require(
            try await fixture.store.claimTraining(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(next.tenantID == tenant && next.reason == .manual)
        let error = await #expect(throws: StorageError.self) {
            try await fixture.store.saveModel(model("a", .active), under: claim)
        }
        #expect(error?.code == .stale)
        #expect(try await fixture.store.models(tenant).isEmpty)
        try await fixture.store.saveModel(model("a", .active), under: next)
        #expect(try await fixture.store.activeModelID(tenant) == "a")
    }

    // MARK: Training

    @Test func aTenantIsTrainedByOneNodeAtATime() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let until = start.adding(seconds: 60)
        #expect(try await store.claimTraining(now: start, leaseUntil: until) == nil, "there is nothing to learn yet")
        #expect(try await store.trainingStatus(tenant)?.dueAt == start.adding(days: 7))
        #expect(try await store.requestTraining(tenant, reason: .manual, dueAt: start))
        #expect(try await store.requestTraining(TenantID(UUID()), reason: .manual, dueAt: start) == false)

        let claims = try await withThrowingTaskGroup(of: TrainingClaim?.self) { group in
            for _ in 0..<8 { group.addTask { [start] in try await store.claimTraining(now: start, leaseUntil: until) } }
            return try await group.reduce(into: [TrainingClaim]()) { if let claim = $1 { $0.append(claim) } }
        }
        #expect(claims.map(\.reason) == [.manual])
        let claim = try #require(claims.first)
        #expect(try await store.trainingStatus(tenant)?.dueAt == nil)
        try await store.renew(claim, until: start.adding(seconds: 120))
        #expect(try await store.claimTraining(now: until, leaseUntil: until.adding(seconds: 60)) == nil)
        try await store.release(claim, dueAt: start.adding(days: 7), error: nil, now: until)
        #expect(
            try await store.trainingStatus(tenant)
                == TrainingStatus(
                    dueAt: start.adding(days: 7), reason: .daily, trainedAt: until, attempts: 0, lastError: nil))
        await #expect(throws: StorageError.self) { try await store.renew(claim, until: start.adding(days: 1)) }
    }

    @Test func whatIsRequestedDuringATrainingIsNotForgotten() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        let soon = start.adding(seconds: 30)
        try await fixture.store.requestTraining(tenant, reason: .drift, dueAt: soon)
        try await fixture.store.requestTraining(tenant, reason: .backfill, dueAt: start.adding(days: 1))
        #expect(try await fixture.store.claimTraining(now: soon, leaseUntil: soon.adding(seconds: 60)) == nil)
        try await fixture.store.release(claim, dueAt: start.adding(days: 7), error: nil, now: soon)
        let next = try #require(
            try await fixture.store.claimTraining(now: soon, leaseUntil: soon.adding(seconds: 60)))
        #expect(next.reason == .drift)
    }

    @Test func aTrainingThatFailsIsTriedAgainForTheSameReason() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        let retry = start.adding(seconds: 300)
        try await fixture.store.release(claim, dueAt: retry, error: "out of memory", now: start)
        let status = try await fixture.store.trainingStatus(tenant)
        #expect(status?.lastError == "out of memory" && status?.attempts == 1 && status?.trainedAt == nil)
        let next = try #require(
            try await fixture.store.claimTraining(now: retry, leaseUntil: retry.adding(seconds: 60)))
        #expect(next.reason == .manual && next.attempts == 1)
    }

    @Test func aBackfillThatIsDoneHasTheModelTrained() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        for (jql, error, reason) in [("a", "refused" as String?, TrainingReason.weekly), ("b", nil, .backfill)] {
            let backfill = try await store.startBackfill(tenant, jql: jql, by: .system("test"), now: start)
            try await store.finish(backfill, error: error, now: start)
            #expect(try await store.trainingStatus(tenant)?.reason == reason)
        }
        #expect(try await store.trainingStatus(tenant)?.dueAt == start.adding(seconds: 300))
    }
}
