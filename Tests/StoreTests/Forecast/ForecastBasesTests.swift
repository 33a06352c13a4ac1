import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct ForecastBasesTests {
    private let start = StoreFixture.start

    private func training(_ fixture: StoreFixture, of tenant: TenantID) async throws -> TrainingClaim {
        try await fixture.store.requestTraining(tenant, reason: .manual, dueAt: start)
        return try #require(try await fixture.store.claimTraining(now: start, leaseUntil: start.adding(seconds: 60)))
    }

    @Test func theBasisOfATenantIsReadAsItWasSaved() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let store = fixture.store
        #expect(try await store.forecastBasis(tenant) == nil)
        let claim = try await training(fixture, of: tenant)
        var basis = ForecastBasis(pace: [0, 255, 1], asOf: start, finished: 212)
        try await store.saveForecastBasis(basis, under: claim)
        #expect(try await store.forecastBasis(tenant) == basis)
        basis = ForecastBasis(
            pace: [7], asOf: start.adding(days: 1), finished: 213, judgedAt: start, judgedModelID: "m1",
            steppedDownAt: start.adding(seconds: 5), drift: #"{"weeks":[]}"#)
        try await store.saveForecastBasis(basis, under: claim)
        #expect(try await store.forecastBasis(tenant) == basis)
        #expect(try await store.steppedDownTenants() == [tenant: start.adding(seconds: 5)])
        basis.pace = []
        #expect(try await store.forecastBasisWithoutPace(tenant) == basis)
        #expect(try await store.forecastBasis(other) == nil)
    }

    @Test func aLostLeaseStoresNoBasis() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        let later = start.adding(seconds: 60)
        _ = try #require(try await fixture.store.claimTraining(now: later, leaseUntil: later.adding(seconds: 60)))
        let error = await #expect(throws: StorageError.self) {
            try await fixture.store.saveForecastBasis(ForecastBasis(pace: [1], asOf: start, finished: 1), under: claim)
        }
        #expect(error?.code == .stale)
        #expect(try await fixture.store.forecastBasis(tenant) == nil)
    }

    @Test func whatIsRequestedBeforeTheDailyComputationIsNotForgotten() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let claim = try await training(fixture, of: tenant)
        try await fixture.store.release(claim, dueAt: start.adding(days: 1), error: nil, now: start)
        #expect(try await fixture.store.trainingStatus(tenant)?.reason == .daily)
        try await fixture.store.requestTraining(tenant, reason: .backfill, dueAt: start.adding(days: 2))
        let status = try await fixture.store.trainingStatus(tenant)
        #expect(status?.reason == .backfill && status?.dueAt == start.adding(days: 1))
    }

    // MARK: Backtests

    @Test func aBacktestIsWorkedOnByOneNodeAndItsResultIsKept() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let store = fixture.store
        #expect(
            try await store.requestBacktest(TenantID(UUID()), options: "{}", by: .system("test"), now: start) == false)
        #expect(try await store.requestBacktest(tenant, options: #"{"cuts":6}"#, by: .system("test"), now: start))
        #expect(
            try await store.requestBacktest(tenant, options: "{}", by: .system("test"), now: start) == false,
            "one is under way")
        let until = start.adding(seconds: 60)
        let claims = try await withThrowingTaskGroup(of: BacktestClaim?.self) { group in
            for _ in 0..<8 { group.addTask { [start] in try await store.claimBacktest(now: start, leaseUntil: until) } }
            return try await group.reduce(into: [BacktestClaim]()) { if let claim = $1 { $0.append(claim) } }
        }
        #expect(claims.map(\.options) == [#"{"cuts":6}"#])
        let claim = try #require(claims.first)
        try await store.renew(claim, done: 1, total: 6, until: start.adding(seconds: 120))
        #expect(try await store.backtest(tenant)?.done == 1)
        try await store.finish(claim, result: #"{"v":1}"#, error: nil, now: until)
        #expect(
            try await store.backtest(tenant)
                == ForecastBacktest(
                    state: .done, options: #"{"cuts":6}"#, requestedAt: start, finishedAt: until, done: 1, total: 6,
                    result: #"{"v":1}"#))
        #expect(try await store.backtest(other) == nil)
        #expect(try await store.requestBacktest(tenant, options: "{}", by: .system("test"), now: until))
        #expect(
            try await store.backtest(tenant) == ForecastBacktest(state: .waiting, options: "{}", requestedAt: until))
    }

    @Test func aBacktestWhoseNodeDiedIsTakenUpByAnother() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        #expect(try await store.requestBacktest(tenant, options: "{}", by: .system("test"), now: start))
        let later = start.adding(seconds: 60)
        let dead = try #require(try await store.claimBacktest(now: start, leaseUntil: later))
        #expect(try await store.claimBacktest(now: start, leaseUntil: later) == nil)
        let next = try #require(try await store.claimBacktest(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(dead.attempts == 0 && next.attempts == 1)
        await #expect(throws: StorageError.self) {
            try await store.finish(dead, result: "{}", error: nil, now: later)
        }
        try await store.release(next)
        let third = try #require(try await store.claimBacktest(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(third.attempts == 1, "what is given back is no attempt")
        try await store.finish(third, result: nil, error: "no issues", now: later)
        let failed = try await store.backtest(tenant)
        #expect(failed?.state == .failed && failed?.error == "no issues" && failed?.result == nil)
    }
}
