import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct ForecastRefreshesTests {
    private let start = StoreFixture.start

    private func basis(_ day: Int = 0, model: String? = nil, steppedDown: Bool = false) -> ForecastBasis {
        ForecastBasis(
            pace: [1], asOf: start.adding(days: day), finished: 80, judgedModelID: model,
            steppedDownAt: steppedDown ? start : nil)
    }

    private func claim(_ store: RiskStore, day: Int = 0, seconds: Int64 = 0) async throws -> ForecastRefreshClaim? {
        let now = start.adding(days: day).adding(seconds: seconds)
        return try await store.claimForecastRefresh(now: now, leaseUntil: now.adding(seconds: 60))
    }

    /// Claims and ends the tenant's refresh.
    private func refresh(_ fixture: StoreFixture, _ tenant: TenantID, day: Int = 0) async throws {
        let claim = try #require(try await claim(fixture.store, day: day))
        let basis = try #require(try await fixture.store.forecastBasisID(tenant))
        try await fixture.store.finish(claim, with: basis, at: start.adding(days: day))
    }

    @Test func whatForecastsAreMadeWithIsReadWithoutThePace() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        #expect(try await fixture.store.forecastBasisID(tenant) == nil)
        try await fixture.store.saveBasis(basis(model: "m1", steppedDown: true), of: tenant, at: start)
        let id = ForecastBasisID(asOf: start, finished: 80, isSteppedDown: true, modelID: "m1")
        #expect(try await fixture.store.forecastBasisID(tenant) == id)
        #expect(try await fixture.store.forecastBasisID(other) == nil)
        let claim = try await fixture.claim("1", of: tenant, at: start)
        #expect(try await fixture.store.loadWork(for: claim)?.forecastBasis == id)
    }

    @Test func anotherPaceModelOrRungIsStaleAndSoIsYesterday() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        #expect(try await claim(store) == nil, "there is nothing to make forecasts with")
        for changed in [basis(), basis(1), basis(1, model: "m1"), basis(1, model: "m1", steppedDown: true)] {
            try await store.saveBasis(changed, of: tenant, at: start)
            try await refresh(fixture, tenant, day: 1)
            #expect(try await claim(store, day: 1) == nil)
        }
        #expect(try await claim(store, day: 1, seconds: 86_399) == nil)
        #expect(try await claim(store, day: 2) != nil)
    }

    @Test func oneNodeRefreshesATenantAtATime() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        try await store.saveBasis(basis(), of: tenant, at: start)
        let claims = try await withThrowingTaskGroup(of: ForecastRefreshClaim?.self) { group in
            for _ in 0..<8 { group.addTask { try await claim(store) } }
            return try await group.reduce(into: [ForecastRefreshClaim]()) { if let claim = $1 { $0.append(claim) } }
        }
        #expect(claims.map(\.tenantID) == [tenant])
        let lost = try #require(claims.first)
        try await store.renew(lost, until: start.adding(seconds: 90))
        #expect(try await claim(store, seconds: 89) == nil)
        let next = try #require(try await claim(store, seconds: 90))
        await #expect(throws: StorageError.self) { try await store.renew(lost, until: start.adding(days: 1)) }
        try await store.finish(lost, with: try #require(try await store.forecastBasisID(tenant)), at: start)
        try await store.giveBack(next, retryAt: start.adding(seconds: 300))
        #expect(try await store.figures(now: start).forecasts.failingRefreshes == 1)
        #expect(try await claim(store, seconds: 299) == nil)
        let last = try #require(try await claim(store, seconds: 300), "who has lost the lease has ended nothing")
        try await store.giveBack(last, retryAt: nil)
        #expect(try await store.figures(now: start).forecasts.failingRefreshes == 0)
        #expect(try await claim(store, seconds: 300) != nil, "what was given back unfinished is taken at once")
    }

    @Test func aTenantThatIsDeletedHasNothingToRefresh() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.store.saveBasis(basis(), of: tenant, at: start)
        try await refresh(fixture, tenant)
        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")))
        #expect(try await claim(fixture.store, day: 2) == nil)
        #expect(try await fixture.count("SELECT COUNT(*) FROM forecast_refreshes") == 0)
    }

    @Test func historiesOfSomeIssuesAreThoseOfThePage() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        for id in ["1", "2", "3"] as [IssueID] {
            try await fixture.scoreIssue(id, key: IssueKey("PAY-\(id)"), of: tenant, at: start)
        }
        let all = try await fixture.store.issueHistories(of: tenant, after: nil, limit: 10)
        #expect(try await fixture.store.issueHistories(of: tenant, ids: ["3", "1", "9"]) == [all[0], all[2]])
        #expect(try await fixture.store.issueHistories(of: other, ids: ["1"]).isEmpty)
        #expect(try await fixture.store.issueHistories(of: tenant, ids: []).isEmpty)
    }

    // MARK: With the analysis

    @Test func aForecastIsCommittedWithItsAnalysis() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        func commit(_ forecast: ForecastRecord?, second: Int64, isDone: Bool = false) async throws {
            let now = start.adding(seconds: second)
            let claim = try await fixture.claim("1", of: tenant, at: now)
            var result = StoreFixture.result(try await store.loadWork(for: claim), id: "1", score: 10, now: now)
            result.forecast = forecast
            if isDone { result.issue?.status = Status(id: "6", name: "Done", category: .done) }
            try await store.commit(result, for: claim)
        }
        let made = ForecastRecord(issueID: "1", modelID: "m1", asOf: start, lateDue: 0.5, payload: "{}")
        try await commit(made, second: 1)
        #expect(try await store.forecasts(tenant, of: ["1"]) == ["1": made])
        try await commit(nil, second: 2)
        #expect(try await store.forecasts(tenant, of: ["1"]) == ["1": made], "what was made stays")
        try await commit(made, second: 3, isDone: true)
        #expect(try await store.forecasts(tenant, of: ["1"]).isEmpty)
    }

    // MARK: Alerts

    @Test func theFiringRulesOfIssuesAreThoseOfTheTenant() async throws {
        let fixture = try await StoreFixture()
        let rules = [UUID(), UUID()].map {
            AlertRule(id: $0, name: "\($0)", condition: .forecast(question: .due, raiseAt: 80, clearBelow: 60))
        }
        let (tenant, other) = (try await fixture.makeTenant(rules: rules), try await fixture.makeTenant("other"))
        let claim = try await fixture.claim("1", of: tenant, at: start)
        var decision = AlertDecision()
        decision.states = [
            AlertState(ruleID: rules[0].id, isFiring: true, since: start, score: 1),
            AlertState(ruleID: rules[1].id, isFiring: false, since: start, score: 1),
        ]
        try await fixture.store.commit(
            StoreFixture.result(
                try await fixture.store.loadWork(for: claim), id: "1", score: 10, now: start, decision: decision),
            for: claim)
        #expect(try await fixture.store.alertRules(tenant).map(\.condition) == rules.map(\.condition))
        #expect(try await fixture.store.firingRules(tenant, of: ["1", "2"]) == ["1": [rules[0].id]])
        #expect(try await fixture.store.firingRules(other, of: ["1"]).isEmpty)

        try await fixture.store.enqueueIssues(["1"], of: tenant, now: start)
        let claims = try await fixture.store.claimIssues(limit: 9, now: start, leaseUntil: start.adding(seconds: 60))
        #expect(claims.map(\.issueID) == ["1"])
    }

    // MARK: Order

    @Test func issuesAreListedByTheirForecastsAPageAtATime() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        for number in 1...6 {
            try await fixture.scoreIssue(IssueID("\(number)"), key: IssueKey("PAY-\(number)"), of: tenant, at: start)
        }
        let late: [(id: Int, usual: Double?, due: Double?)] = [
            (1, 0.1 + 0.2, nil), (2, 1, 0.25), (3, 0.3, nil), (4, 1, 0.75), (5, nil, nil),
        ]
        try await store.saveForecasts(
            late.map {
                ForecastRecord(
                    issueID: IssueID("\($0.id)"), modelID: "m", asOf: start, lateUsual: $0.usual, lateDue: $0.due,
                    payload: "{}")
            }, of: tenant)
        func keys(_ order: IssueOrder, pages limit: Int) async throws -> [String] {
            var (keys, cursor): ([String], String?) = ([], nil)
            repeat {
                let page = try await store.issues(
                    tenant, filter: IssueFilter(order: order), after: cursor, limit: limit)
                keys += page.items.map { String($0.issue.key.rawValue.dropFirst(4)) }
                cursor = page.nextCursor
            } while cursor != nil
            return keys
        }
        for limit in [1, 2, 6] {
            #expect(try await keys(.forecast, pages: limit) == ["2", "4", "1", "3", "5", "6"])
            #expect(try await keys(.forecastDue, pages: limit) == ["4", "2", "1", "3", "5", "6"])
            #expect(try await keys(.risk, pages: limit) == ["1", "2", "3", "4", "5", "6"])
        }
        let listed = try await store.issues(tenant, filter: IssueFilter(), after: nil, limit: 9).items
        #expect(listed.map(\.forecast?.lateUsual) == [0.1 + 0.2, 1, 0.3, 1, nil, nil])
        #expect(listed[4].forecast?.payload == "{}" && listed[5].forecast == nil)
        #expect(try await store.listings(tenant, of: ["4"]).first?.forecast?.lateDue == 0.75)
    }
}
