import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct IssueQueueTests {
    private let start = StoreFixture.start

    private func claim(_ fixture: StoreFixture, at now: Timestamp, lease: Int64 = 60) async throws -> [IssueClaim] {
        try await fixture.store.claimIssues(limit: 10, now: now, leaseUntil: now.adding(seconds: lease))
    }

    @Test func aBurstOnOneIssueIsOneClaimWithAllItsEvents() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<20 { _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: tenant)) }
        let claims = try await claim(fixture, at: start)
        #expect(claims.count == 1)
        let work = try #require(try await fixture.store.loadWork(for: claims[0]))
        #expect(work.pending.count == 20)
        #expect(work.state == nil)
    }

    @Test func aLeasedIssueIsNobodyElsesUntilTheLeaseEnds() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let first = try await claim(fixture, at: start)
        #expect(try await claim(fixture, at: start.adding(seconds: 59)).isEmpty)
        let second = try await claim(fixture, at: start.adding(seconds: 60))
        #expect(second.map(\.issueID) == first.map(\.issueID))

        // The first worker comes back too late: nothing of it is written.
        let work = try await fixture.store.loadWork(for: first[0])
        let error = await #expect(throws: StorageError.self) {
            try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 50), for: first[0])
        }
        #expect(error?.code == .stale)
        #expect(try await fixture.store.history(tenant, key: "PAY-1", after: nil, limit: 10).items.isEmpty)
        #expect(try await fixture.store.figures(now: start).pendingEvents == 1)

        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 50), for: second[0])
        #expect(try await fixture.store.figures(now: start).pendingEvents == 0)
    }

    @Test(.disabled(if: StoreFixture.isShared, "another process may hold the leases"))
    func aSuccessorOfAKilledDaemonTakesTheWorkUpAtOnce() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let lost = try await claim(fixture, at: start)
        try await fixture.store.endLeftLeases()
        #expect(try await claim(fixture, at: start).count == 1)
        await #expect(throws: StorageError.self) {
            try await fixture.store.postpone(lost[0], until: start, now: start)
        }
    }

    @Test func anEventDuringTheWorkKeepsTheIssueQueued() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claims = try await claim(fixture, at: start)
        let work = try await fixture.store.loadWork(for: claims[0])
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant))
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 10), for: claims[0])
        let again = try await claim(fixture, at: start)
        #expect(again.count == 1)
        #expect(try await fixture.store.loadWork(for: again[0])?.pending.count == 1)
    }

    @Test func timeAloneBringsAnIssueBackAtItsInstant() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claims = try await claim(fixture, at: start)
        let work = try await fixture.store.loadWork(for: claims[0])
        let due = start.adding(days: 8)
        try await fixture.store.commit(
            StoreFixture.result(work, id: "10001", score: 10, requeueAt: due), for: claims[0])
        #expect(try await claim(fixture, at: due.adding(milliseconds: -1)).isEmpty)
        #expect(try await claim(fixture, at: due).count == 1)
    }

    @Test func aFailedIssueIsRetriedThenParkedAndRevivedByANewEvent() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let first = try await claim(fixture, at: start)
        let retryAt = start.adding(seconds: 10)
        try await fixture.store.fail(first[0], error: "model is gone", retryAt: retryAt, now: start)
        #expect(try await claim(fixture, at: start).isEmpty)
        let second = try await claim(fixture, at: retryAt)
        #expect(second.map(\.attempts) == [1])
        try await fixture.store.fail(second[0], error: "model is gone", retryAt: nil, now: retryAt)
        #expect(try await claim(fixture, at: retryAt.adding(days: 100)).isEmpty)
        #expect(try await fixture.store.figures(now: start).parkedIssues == 1)

        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant, at: retryAt))
        #expect(try await claim(fixture, at: retryAt).map(\.attempts) == [0])
    }

    @Test func anEventDuringTheLastAttemptKeepsTheIssueFromBeingParked() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let first = try await claim(fixture, at: start)
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant))
        try await fixture.store.fail(first[0], error: "cannot be read", retryAt: nil, now: start)
        #expect(try await claim(fixture, at: start).map(\.attempts) == [0])
    }

    @Test func aParkedIssueIsListedAndCanBeTriedAgain() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        for id in ["1", "2", "3"] as [IssueID] {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(id)", of: tenant, issues: [id]))
        }
        for claim in try await claim(fixture, at: start) {
            try await fixture.store.fail(claim, error: "the model is down", retryAt: nil, now: start)
        }
        let first = try await fixture.store.parkedIssues(tenant, after: nil, limit: 2)
        let second = try await fixture.store.parkedIssues(tenant, after: first.nextCursor, limit: 2)
        #expect((first.items + second.items).map(\.issueID) == ["3", "2", "1"])
        #expect(
            first.items[0]
                == ParkedIssue(
                    issueID: "3", issueKey: nil, lastError: "the model is down", attempts: 1, parkedAt: start))
        #expect(try await fixture.store.parkedIssues(other, after: nil, limit: 2).items.isEmpty)
        #expect(try await fixture.store.retryParkedIssue(other, issueID: "2", by: .system("test"), now: start) == false)
        #expect(try await fixture.store.retryParkedIssue(tenant, issueID: "2", by: .system("test"), now: start))
        #expect(
            try await fixture.store.retryParkedIssue(tenant, issueID: "2", by: .system("test"), now: start) == false)
        #expect(try await claim(fixture, at: start).map(\.issueID) == ["2"])
    }

    @Test func aClaimTakesNoMoreBytesThanItMayAndAtLeastOneEvent() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var store = fixture.store
        store.eventBytesPerClaim = 250
        for size in [300, 100, 100, 100] {
            _ = try await store.inbox.append(StoreFixture.delivery("d\(UUID())", of: tenant, size: size))
        }
        var taken: [Int] = []
        while let claim = try await claim(fixture, at: start).first {
            let work = try await store.loadWork(for: claim)
            taken.append(work?.pending.count ?? 0)
            try await store.commit(StoreFixture.result(work, id: "10001", score: 10), for: claim)
        }
        #expect(taken == [1, 2, 1])
    }

    @Test func aClaimHasAllItsEventsHoweverManyAndLarge() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let sizes = Array(repeating: 100, count: 3) + [70_000] + Array(repeating: 100, count: 20)
        for size in sizes {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(UUID())", of: tenant, size: size))
        }
        let claims = try await claim(fixture, at: start)
        let work = try #require(try await fixture.store.loadWork(for: claims[0]))
        #expect(work.pending.count == sizes.count)
        #expect(work.pending.map(\.id) == work.pending.map(\.id).sorted())
        #expect(work.pending.firstIndex { $0.body.count > 64 << 10 } == 3)
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 10), for: claims[0])
        #expect(try await fixture.store.figures(now: start).pendingEvents == 0)
        #expect(try await claim(fixture, at: start).isEmpty)
    }

    @Test func onlyStaleAnalysesAreQueuedWhenTheRulesChange() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claims = try await claim(fixture, at: start)
        let work = try await fixture.store.loadWork(for: claims[0])
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 10), for: claims[0])
        let same = EngineIdentity(scorer: "test-1", model: "wordlist-1")
        #expect(try await fixture.store.enqueueStale(keeping: same, now: start) == 0)
        let other = EngineIdentity(scorer: "test-1", model: "finbert")
        #expect(try await fixture.store.enqueueStale(keeping: other, now: start) == 1)
        #expect(try await claim(fixture, at: start).count == 1)
    }

    @Test func staleAnalysesWaitBehindWhatHappenedTheRiskiestOpenIssueFirst() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let scores: [(IssueID, Int)] = [("10001", 20), ("10002", 90), ("10003", 50), ("10004", 70)]
        for (id, score) in scores {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(id)", of: tenant, issues: [id]))
            let claims = try await claim(fixture, at: start)
            let work = try await fixture.store.loadWork(for: claims[0])
            try await fixture.store.commit(
                StoreFixture.result(
                    work, id: id, key: IssueKey("PAY-\(id)"), score: score, requeueAt: start.adding(days: 9)),
                for: claims[0])
        }
        let model = EngineIdentity(scorer: "test-1", model: "finbert")
        let later = start.adding(seconds: 60)
        #expect(try await fixture.store.enqueueStale(keeping: model, now: later) == 4)
        // Something happens to the least risky one: it overtakes, and is not looked at a second time.
        _ = try await fixture.store.inbox.append(
            StoreFixture.delivery("new", of: tenant, issues: ["10001"], at: later.adding(seconds: 1)))
        let order = try await fixture.store.claimIssues(
            limit: 10, now: later.adding(seconds: 1), leaseUntil: later.adding(seconds: 61))
        #expect(order.map(\.issueID) == ["10001", "10002", "10004", "10003"])
    }

    @Test func anIssueInHandWhileTheModelChangesIsLookedAtAgain() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let first = try await claim(fixture, at: start)
        let work = try await fixture.store.loadWork(for: first[0])
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 10), for: first[0])
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant))
        let second = try await claim(fixture, at: start)
        let model = EngineIdentity(scorer: "test-1", model: "finbert")
        #expect(try await fixture.store.enqueueStale(keeping: model, now: start) == 1)
        // It commits what it began with the old model.
        let oldWork = try await fixture.store.loadWork(for: second[0])
        try await fixture.store.commit(StoreFixture.result(oldWork, id: "10001", score: 12), for: second[0])
        #expect(try await claim(fixture, at: start).map(\.issueID) == ["10001"])
    }

    /// A store in which the tenants have so many issues due, one after the other.
    private func fixture(_ issues: [Int]) async throws -> (StoreFixture, [TenantID]) {
        let fixture = try await StoreFixture()
        var tenants: [TenantID] = []
        for (index, count) in issues.enumerated() {
            let tenant = try await fixture.makeTenant("tenant\(index)")
            for issue in 0..<count {
                _ = try await fixture.store.inbox.append(
                    StoreFixture.delivery(
                        "d\(issue)", of: tenant, issues: [IssueID("\(issue)")],
                        at: start.adding(milliseconds: Int64(issue + index * 100))))
            }
            tenants.append(tenant)
        }
        return (fixture, tenants)
    }

    @Test func whereMoreIsDueThanIsClaimedTenantsGetEqualShares() async throws {
        let (fixture, tenants) = try await fixture([40, 3, 1])
        let now = start.adding(seconds: 5)
        func claim(_ turns: ClaimTurns = ClaimTurns()) async throws -> [TenantID: Int] {
            let claims = try await fixture.store.claimIssues(
                limit: 9, turns: turns, now: now, leaseUntil: now.adding(seconds: 60))
            return Dictionary(grouping: claims, by: \.tenantID).mapValues(\.count)
        }
        #expect(try await claim() == [tenants[0]: 3, tenants[1]: 3, tenants[2]: 1])
        // Nothing of the others is left; one that has no turn gets none.
        #expect(try await claim(ClaimTurns(full: [tenants[0]])).isEmpty)
        #expect(try await claim() == [tenants[0]: 9])
    }

    @Test func turnsGoRoundAmongMoreTenantsThanAreClaimedAtOnce() async throws {
        let (fixture, tenants) = try await fixture([2, 2, 2, 2, 2])
        let now = start.adding(seconds: 5)
        var (turns, served) = (ClaimTurns(), [TenantID]())
        for _ in 0..<5 {
            let claims = try await fixture.store.claimIssues(
                limit: 2, turns: turns, now: now, leaseUntil: now.adding(seconds: 60))
            served += claims.map(\.tenantID)
            turns.last = claims.last?.tenantID
        }
        #expect(served.prefix(5).sorted() == tenants.sorted())
        #expect(served.suffix(5).sorted() == tenants.sorted())
    }
}
