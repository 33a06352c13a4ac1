import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct InboxTests {
    @Test func keepsADeliveryOnceHoweverOftenItComes() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let delivery = StoreFixture.delivery("d1", of: tenant)
        #expect(try await fixture.store.inbox.append(delivery) == .stored)
        #expect(try await fixture.store.inbox.append(delivery) == .duplicate)
        #expect(try await fixture.store.webhookEvents(tenant, state: nil, after: nil, limit: 10).items.count == 1)
    }

    @Test func theSameDeliveryOfTwoTenantsIsTwo() async throws {
        let fixture = try await StoreFixture()
        let (a, b) = (try await fixture.makeTenant("a"), try await fixture.makeTenant("b"))
        #expect(try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: a)) == .stored)
        #expect(try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: b)) == .stored)
        #expect(try await fixture.store.webhookEvents(a, state: nil, after: nil, limit: 10).items.count == 1)
    }

    @Test func writesConcurrentDeliveriesTogetherAndAnswersEach() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let outcomes = try await withThrowingTaskGroup(of: InboxOutcome.self) { group in
            for index in 0..<600 {
                group.addTask {
                    // Every third delivery comes twice.
                    try await fixture.store.inbox.append(
                        StoreFixture.delivery(
                            "d\(index % 3 == 2 ? index - 1 : index)", of: tenant, issues: [IssueID("\(index % 7)")]))
                }
            }
            return try await group.reduce(into: [InboxOutcome: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == [InboxOutcome.stored: 400, .duplicate: 200])
        #expect(try await fixture.store.figures(now: StoreFixture.start).pendingEvents == 400)
    }

    @Test func tellsOfEachDeliveryOfAGroupWhetherItIsNew() async throws {
        let fixture = try await StoreFixture()
        let (a, b) = (try await fixture.makeTenant("a"), try await fixture.makeTenant("b"))
        for id in ["old", "h300"] { _ = try await fixture.store.inbox.append(StoreFixture.delivery(id, of: a)) }
        // Texts that Swift holds for the same, and a group that takes several statements.
        let ids = ["new", "old", "\u{E9}", "e\u{301}", "new"] + (0..<700).map { "h\($0)" }
        let deliveries =
            ids.map { StoreFixture.delivery($0, of: a, issues: [IssueID("i\($0)")], size: $0 == "h5" ? 5 << 20 : 100) }
            + [StoreFixture.delivery("old", of: b)]
        let outcomes = try await fixture.store.driver.write { connection in
            try InboxStatements.insert(deliveries, into: connection).map { try $0.get() }
        }
        #expect(outcomes[..<4] == [.stored, .duplicate, .stored, .stored])
        #expect(outcomes[4] == .duplicate && outcomes.last == .stored)
        #expect(outcomes.count == deliveries.count && outcomes.count { $0 == .duplicate } == 3)
        #expect(try await fixture.count("SELECT COUNT(*) FROM webhook_events") == deliveries.count - 3 + 2)
        // The two that were there concern one issue.
        #expect(try await fixture.count("SELECT COUNT(*) FROM issue_queue") == deliveries.count - 3 + 1)
    }

    @Test func aDeletedTenantFailsItsOwnDeliveryOnly() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let gone = TenantID(UUID())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask {
                    _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: tenant))
                }
                group.addTask {
                    let error = await #expect(throws: StorageError.self) {
                        try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: gone))
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
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant, issues: ["1", "2"]))
        let claims = try await fixture.store.claimIssues(
            limit: 10, now: StoreFixture.start, leaseUntil: StoreFixture.start.adding(seconds: 60))
        #expect(Set(claims.map(\.issueID)) == ["1", "2"])
    }

    @Test func whatWasNotUnderstoodIsKeptWithItsReason() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var delivery = StoreFixture.delivery("d1", of: tenant)
        delivery.routing = .rejected(reason: "no issue.id")
        #expect(try await fixture.store.inbox.append(delivery) == .stored)
        let rejected = try await fixture.store.webhookEvents(tenant, state: .rejected, after: nil, limit: 10).items
        #expect(rejected.map(\.error) == ["no issue.id"])
    }

    @Test func rejectedWebhooksAreRoutedAnewWhenTheyAreReadAgain() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        for (id, owner) in [("link", tenant), ("sprint", tenant), ("noise", tenant), ("riddle", tenant), ("x", other)] {
            var delivery = StoreFixture.delivery(id, of: owner)
            delivery.body = Array(id.utf8)
            delivery.routing = .rejected(reason: "unknown kind")
            _ = try await fixture.store.inbox.append(delivery)
        }
        let sprint = Sprint(id: "7", name: "Sprint 7", state: "active")
        let later = StoreFixture.start.adding(seconds: 60)
        let count = try await fixture.store.retryRejectedEvents(tenant, by: .system("test"), now: later) { body in
            let routing: WebhookDelivery.Routing =
                switch String(decoding: body, as: UTF8.self) {
                case "link": .issues(["1", "2"])
                case "sprint": .sprint(sprint, deleted: false)
                case "noise": .ignored
                default: .rejected(reason: "still unknown")
                }
            return WebhookRoute(event: "read", sentAt: later, routing: routing)
        }
        #expect(count == 3)
        let events = try await fixture.store.webhookEvents(tenant, state: nil, after: nil, limit: 10).items
        let summary = events.map { "\($0.deliveryID) \($0.event) \($0.issueID?.rawValue ?? "-") \($0.state)" }
        #expect(
            Set(summary) == [
                "link read 1 pending", "link read 2 pending", "sprint read - applied", "noise read - ignored",
                "riddle jira:issue_updated - rejected",
            ])
        #expect(events.compactMap(\.error) == ["still unknown"])
        #expect(try await fixture.store.sprintRecords(tenantID: tenant, sprintIDs: ["7"]).map(\.sprint) == [sprint])
        let claims = try await fixture.store.claimIssues(limit: 10, now: later, leaseUntil: later.adding(seconds: 60))
        #expect(Set(claims.map(\.issueID)) == ["1", "2"])
        #expect(try await fixture.store.loadWork(for: claims[0])?.pending.map(\.body) == [Array("link".utf8)])
        #expect(
            try await fixture.store.webhookEvents(other, state: .rejected, after: nil, limit: 10).items.count == 1)
    }

    @Test func survivesReopening() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let again = try await fixture.reopened()
        #expect(try await again.inbox.append(StoreFixture.delivery("d1", of: tenant)) == .duplicate)
        try again.close()
    }

    @Test func pagesThroughTheInboxWithoutGapsOrRepeats() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<25 { _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: tenant)) }
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
