import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// The figures that a worker keeps for the dashboard.
@Suite struct RiskPictureTests {
    /// Noon of a day.
    private let start = StoreFixture.start.utcDay.startUTC.adding(seconds: 43_200)

    /// Commits an analysis of an issue with its row of the history.
    private func score(
        _ number: Int, _ score: Int, project: String = "PAY", isDone: Bool = false, blockers: [String] = [],
        at now: Timestamp, of tenant: TenantID, in fixture: StoreFixture
    ) async throws {
        let (id, key) = (IssueID("\(10_000 + number)"), IssueKey("\(project)-\(number)"))
        let claim = try await fixture.claim(id, of: tenant, at: now)
        var result = StoreFixture.result(
            try await fixture.store.loadWork(for: claim), id: id, key: key, score: score, now: now)
        var analysis = StoreFixture.analysis(id, key: key, score: score, at: now)
        analysis.capacity.dailyCost = 100
        analysis.sentiment.total = 4
        analysis.sentiment.negative = 1
        analysis.blockers = blockers.map { category in
            Blocker(
                author: "Ada", date: now, snippet: "blocked", categories: [category],
                evidence: Evidence(kind: .comment, id: "1"))
        }
        result.analysis = analysis
        result.history = [HistoryRow(analysis: analysis, isOver: isDone)]
        result.issue?.status = Status(name: isDone ? "Done" : "Open", category: isDone ? .done : .new)
        try await fixture.store.commit(result, for: claim)
    }

    private func made(_ tenant: TenantID, at now: Timestamp, in fixture: StoreFixture) async throws -> RiskPicture? {
        _ = try await fixture.store.riskPicture(tenant, projectKey: nil, now: now)
        let claim = try #require(
            try await fixture.store.claimRiskPictures(now: now, leaseUntil: now.adding(seconds: 60)))
        #expect(claim.tenantID == tenant)
        let pictures = try await fixture.store.makeRiskPictures(claim, now: now)
        let isWritten = try await fixture.store.finish(
            claim, pictures, freshUntil: now.adding(seconds: 20), nextDueAt: now.adding(days: 1), now: now)
        #expect(isWritten)
        return try await fixture.store.riskPicture(tenant, projectKey: nil, now: now)
    }

    @Test func aPictureCountsWhatIsOpenNowAndWasOpenOnEarlierDays() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        try await score(1, 80, at: start, of: tenant, in: fixture)
        try await score(2, 50, project: "APP", at: start, of: tenant, in: fixture)
        try await score(3, 10, at: start, of: other, in: fixture)
        // One is done the day after, and the other rises; on the third day it falls, twice in one moment.
        try await score(1, 80, isDone: true, at: start.adding(days: 1), of: tenant, in: fixture)
        try await score(
            2, 90, project: "APP", blockers: ["vendor", "dependency"], at: start.adding(days: 1), of: tenant,
            in: fixture)
        let now = start.adding(days: 3)
        try await score(4, 20, at: start.adding(days: 2), of: tenant, in: fixture)

        let picture = try #require(try await made(tenant, at: now, in: fixture))
        #expect(picture.asOf == now && picture.open == .init(high: 1, low: 1))
        #expect(picture.dailyCost == 200 && picture.mood == .init(comments: 8, positive: 0, negative: 2))
        #expect(picture.blockers == 2 && picture.blockersByCategory == ["vendor": 1, "dependency": 1])
        #expect(picture.blockersByProject?.map(\.projectKey) == ["APP"])
        // The beginnings of the days after the first analysis.
        #expect(
            picture.days.map(\.open) == [
                .init(high: 1, medium: 1), .init(high: 1), .init(high: 1, low: 1),
            ])
        #expect(picture.days.map(\.at.utcDay) == (1...3).map { start.adding(days: $0).utcDay })
        #expect(picture.week?.risen.map(\.key) == [] && picture.week?.open == .init(high: 1, low: 1))

        let store = fixture.store
        let app = try await store.riskPicture(tenant, projectKey: "APP", now: now)
        #expect(app?.open == .init(high: 1) && app?.days.map(\.open.total) == [1, 1, 1])
        #expect(try await store.riskPicture(tenant, projectKey: "NONE", now: now) == nil)
        #expect(try await store.riskPicture(other, projectKey: "APP", now: now) == nil)
    }

    @Test func picturesAreMadeAgainWhenSomebodyLooksAtOldOnesByOneNodeAtATime() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        func claim(_ now: Timestamp) async throws -> RiskPictureClaim? {
            try await store.claimRiskPictures(now: now, leaseUntil: now.adding(seconds: 60))
        }
        #expect(try await claim(start) == nil)
        #expect(try await store.riskPicture(tenant, projectKey: nil, now: start) == nil)
        let first = try #require(try await claim(start))
        #expect(try await claim(start) == nil)
        // The lease runs out; what its holder writes then has no effect.
        let later = start.adding(seconds: 61)
        let second = try #require(try await claim(later))
        func finish(_ claim: RiskPictureClaim, _ cost: Double, _ now: Timestamp) async throws -> Bool {
            try await store.finish(
                claim, ["": RiskPicture(asOf: now, dailyCost: cost)], freshUntil: now.adding(seconds: 20),
                nextDueAt: now.adding(days: 1), now: now)
        }
        #expect(try await finish(second, 2, later))
        #expect(try await !finish(first, 1, later))
        #expect(try await store.riskPicture(tenant, projectKey: nil, now: later)?.dailyCost == 2)
        // It is good for a while, and made again for who looks after that.
        #expect(try await claim(later) == nil)
        let old = later.adding(seconds: 21)
        #expect(try await store.riskPicture(tenant, projectKey: nil, now: old)?.dailyCost == 2)
        let third = try #require(try await claim(old))
        try await store.fail(third, retryAt: old.adding(seconds: 300))
        #expect(try await store.riskPicture(tenant, projectKey: nil, now: old) != nil)
        #expect(try await claim(old.adding(seconds: 299)) == nil)
        #expect(try await claim(old.adding(seconds: 300)) != nil)
    }

    @Test func instantsAreTheDaysOfTwoWeeksAndTheWeeksBefore() {
        let instants = RiskPicture.instants(before: start)
        #expect(instants == instants.sorted() && Set(instants).count == instants.count)
        #expect(instants.last == start.utcDay.startUTC && instants.count == 26)
        #expect(instants.first == start.utcDay.startUTC.adding(days: -91))
    }
}
