import Domain
import Foundation
import Testing

@testable import Store

@Suite struct InboxTests {
    @Test func keepsADeliveryOnceHoweverOftenItComes() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let delivery = StoreFixture.delivery("d1", of: tenant)
        #expect(try await fixture.store.append(delivery) == .stored)
        #expect(try await fixture.store.append(delivery) == .duplicate)
        #expect(try await fixture.store.webhookEvents(tenant, state: nil, after: nil, limit: 10).items.count == 1)
    }

    @Test func theSameDeliveryOfTwoTenantsIsTwo() async throws {
        let fixture = try await StoreFixture()
        let (a, b) = (try await fixture.makeTenant("a"), try await fixture.makeTenant("b"))
        #expect(try await fixture.store.append(StoreFixture.delivery("d1", of: a)) == .stored)
        #expect(try await fixture.store.append(StoreFixture.delivery("d1", of: b)) == .stored)
        #expect(try await fixture.store.webhookEvents(a, state: nil, after: nil, limit: 10).items.count == 1)
    }

    @Test func writesConcurrentDeliveriesTogetherAndAnswersEach() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let outcomes = try await withThrowingTaskGroup(of: InboxOutcome.self) { group in
            for index in 0..<600 {
                group.addTask {
                    // Every third delivery comes twice.
                    try await fixture.store.append(
                        StoreFixture.delivery(
                            "d\(index % 3 == 2 ? index - 1 : index)", of: tenant, issues: [IssueID("\(index % 7)")]))
                }
            }
            return try await group.reduce(into: [InboxOutcome: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == [InboxOutcome.stored: 400, .duplicate: 200])
        #expect(try await fixture.store.figures(now: StoreFixture.start).pendingEvents == 400)
    }

    @Test func aDeletedTenantFailsItsOwnDeliveryOnly() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let gone = TenantID(UUID())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { _ = try await fixture.store.append(StoreFixture.delivery("d\(index)", of: tenant)) }
                group.addTask {
                    let error = await #expect(throws: StorageError.self) {
                        try await fixture.store.append(StoreFixture.delivery("d\(index)", of: gone))
                    }
                    #expect(error?.code == .stale)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.figures(now: StoreFixture.start).pendingEvents == 50)
    }

    @Test func refusesAtOnceWhenTooMuchIsWaiting() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let inbox = GroupCommit(driver: fixture.store.driver, byteLimit: 1000)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    do {
                        _ = try await inbox.append(StoreFixture.delivery("d\(index)", of: tenant, size: 400))
                        return true
                    } catch {
                        #expect((error as? StorageError)?.code == .unavailable)
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool: Int]()) { $0[$1, default: 0] += 1 }
        }
        let stored = try await fixture.store.figures(now: StoreFixture.start).pendingEvents
        #expect(stored == outcomes[true])
        #expect(outcomes[false, default: 0] > 0)
    }

    @Test func bothEndsOfALinkAreQueued() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.append(StoreFixture.delivery("d1", of: tenant, issues: ["1", "2"]))
        let claims = try await fixture.store.claimIssues(
            limit: 10, now: StoreFixture.start, leaseUntil: StoreFixture.start.adding(seconds: 60))
        #expect(Set(claims.map(\.issueID)) == ["1", "2"])
    }

    @Test func whatWasNotUnderstoodIsKeptWithItsReason() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var delivery = StoreFixture.delivery("d1", of: tenant)
        delivery.routing = .rejected(reason: "no issue.id")
        #expect(try await fixture.store.append(delivery) == .stored)
        let rejected = try await fixture.store.webhookEvents(tenant, state: .rejected, after: nil, limit: 10).items
        #expect(rejected.map(\.error) == ["no issue.id"])
    }

    @Test func survivesReopening() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.append(StoreFixture.delivery("d1", of: tenant))
        let again = try await RiskStore.sqlite(
            path: fixture.folder.appendingPathComponent("test.sqlite").path, now: StoreFixture.start)
        #expect(try await again.append(StoreFixture.delivery("d1", of: tenant)) == .duplicate)
        try again.close()
    }

    @Test func pagesThroughTheInboxWithoutGapsOrRepeats() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<25 { _ = try await fixture.store.append(StoreFixture.delivery("d\(index)", of: tenant)) }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try await fixture.store.webhookEvents(tenant, state: nil, after: cursor, limit: 10)
            seen += page.items.map(\.deliveryID)
            cursor = page.nextCursor
        } while cursor != nil
        #expect(seen == (0..<25).reversed().map { "d\($0)" })
        await #expect(throws: StorageError.self) {
            try await fixture.store.webhookEvents(tenant, state: nil, after: "junk", limit: 10)
        }
    }
}
