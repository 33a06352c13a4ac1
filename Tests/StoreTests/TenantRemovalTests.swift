import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct TenantRemovalTests {
    @Test func deletingATenantLeavesNoRowOfItAndAllOfTheOther() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeFilledTenant("acme"), try await fixture.makeFilledTenant("other"))
        let before = try await fixture.rowCounts(of: other)
        #expect(before.count >= 15)
        #expect(before.allSatisfy { $0.value > 0 }, "a table that the test does not fill: \(before)")
        #expect(try await fixture.rowCounts(of: tenant) == before)

        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")))
        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")) == false)
        #expect(try await fixture.rowCounts(of: tenant).allSatisfy { $0.value == 0 })
        #expect(try await fixture.count("SELECT COUNT(*) FROM tenants WHERE id = ?", [.tenant(tenant)]) == 0)
        #expect(try await fixture.rowCounts(of: other) == before)
        #expect(try await fixture.store.tenants(after: nil, limit: 10).items.map(\.id) == [other])
    }

    /// Many rows of each kind that grows with a tenant's work.
    private func grow(_ tenant: TenantID, in fixture: StoreFixture, rows: Int) async throws {
        let analysis = StoreFixture.analysis("10001", key: "PAY-1", score: 10)
        for start in stride(from: 0, to: rows, by: 100) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in start..<min(start + 100, rows) {
                    group.addTask {
                        try await fixture.store.appendHistory(
                            tenantID: tenant, analysis: analysis,
                            newReadings: [ContentHash("h\(index)"): SentimentReading(label: .neutral, score: 1)],
                            now: StoreFixture.start)
                        try await fixture.take(.ignored, "ignored \(index)", of: tenant, at: StoreFixture.start)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func webhooksOfOthersAreTakenWhileALargeTenantIsDeleted() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeFilledTenant("acme"), try await fixture.makeFilledTenant("other"))
        try await grow(tenant, in: fixture, rows: 1500)
        async let deleted = fixture.store.deleteTenant(tenant, by: .system("test"))
        var taken = 0
        while try await fixture.count("SELECT COUNT(*) FROM tenants WHERE id = ?", [.tenant(tenant)]) > 0 {
            try await fixture.take(.ignored, "meanwhile \(taken)", of: other, at: StoreFixture.start)
            taken += 1
        }
        #expect(try await deleted)
        // In one transaction it would be one or two.
        #expect(taken > 5)
        #expect(try await fixture.rowCounts(of: tenant).allSatisfy { $0.value == 0 })
    }

    @Test func aTenantWhoseDeletionWasAskedForIsKeptUntilThenAndCanBeRestored() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let (start, by) = (StoreFixture.start, Actor.system("test"))
        var selling = fixture.store
        selling.sellsSubscriptions = true
        let store = selling
        func pass(days: Int) async throws -> RetentionOutcome {
            // Everything else is kept.
            var policy = RetentionPolicy()
            (policy.payloadDays, policy.webhookDays, policy.rejectedDays, policy.historyDays) = (nil, nil, nil, nil)
            (policy.usageDays, policy.alertDays, policy.deletedIssueDays, policy.unusedReadingDays) = (
                nil, nil, nil, nil
            )
            policy.auditDays = nil
            policy.unusedUserDays = nil
            return try await store.removeExpired(policy, currentModel: "wordlist-1", now: start.adding(days: days)) {
                true
            }
        }
        #expect(try await store.alertRouting(tenant, now: start).channels.contains { $0.isEnabled })
        let deletesAt = start.adding(days: 7)
        #expect(
            try await store.scheduleDeletion(of: tenant, at: deletesAt, by: by, now: start)?.deletesAt == deletesAt)
        // Asking again does not put it off.
        #expect(
            try await store.scheduleDeletion(of: tenant, at: start.adding(days: 9), by: by, now: start)?.deletesAt
                == deletesAt)
        #expect(try await store.alertRouting(tenant, now: start).channels.allSatisfy { !$0.isEnabled })
        #expect(try await pass(days: 6).removed[.tenants] == nil)

        #expect(try await store.restoreTenant(tenant, by: by, now: start)?.deletesAt == nil)
        #expect(try await store.alertRouting(tenant, now: start).channels.contains { $0.isEnabled })
        #expect(try await pass(days: 8).removed[.tenants] == nil)

        _ = try await store.scheduleDeletion(of: tenant, at: deletesAt, by: by, now: start)
        // Not while its subscription renews itself.
        try await store.driver.write {
            try $0.run(
                "UPDATE stripe_accounts SET subscription_id = 'sub_1', subscription_status = 'past_due'", [])
        }
        #expect(try await pass(days: 7).removed[.tenants] == nil)
        try await store.driver.write { try $0.run("UPDATE stripe_accounts SET cancel_at_period_end = TRUE", []) }
        #expect(try await pass(days: 7).removed[.tenants] == 1)
        #expect(try await store.restoreTenant(tenant, by: by, now: start) == nil)
        #expect(try await fixture.rowCounts(of: tenant).allSatisfy { $0.value == 0 })
    }

    @Test func anInterruptedDeletionIsADeletedTenantAndFinishedByHousekeeping() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeFilledTenant("acme"), try await fixture.makeFilledTenant("other"))
        try await grow(tenant, in: fixture, rows: 500)
        let before = try await fixture.rowCounts(of: other)
        #expect(try await fixture.store.driver.write { try TenantRemoval.begin(tenant, in: $0) })
        await #expect(throws: Cancelled.self) {
            try await TenantRemoval.finish(tenant, in: BatchSchedule(driver: fixture.store.driver) { false })
        }
        #expect(try await fixture.rowCounts(of: tenant).contains { $0.value > 100 })

        #expect(try await fixture.store.tenant(tenant) == nil)
        #expect(try await fixture.store.tenants(after: nil, limit: 10).items.map(\.id) == [other])
        #expect(try await fixture.store.apiKeyHolder(hash: "hash-\(tenant)", now: StoreFixture.start) == nil)
        #expect(try await fixture.store.sealedWebhookSecrets(tenant, now: StoreFixture.start) == nil)
        #expect(
            try await fixture.store.replaceAPIKey(
                tenant, current: nil, mark: APIKeyMark(hash: "new", prefix: nil), by: .system("test"),
                now: StoreFixture.start) == false)
        #expect(
            try await fixture.store.updateTenant(tenant, TenantChanges(), by: .system("test"), now: StoreFixture.start)
                == nil)
        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")) == false)
        // Its site is free for a new tenant.
        _ = try await fixture.makeTenant("acme")

        let outcome = try await fixture.store.removeExpired(
            RetentionPolicy(), currentModel: "wordlist-1", now: StoreFixture.start
        ) { true }
        #expect(outcome.removed == [.tenants: 1])
        #expect(try await fixture.rowCounts(of: tenant).allSatisfy { $0.value == 0 })
        #expect(try await fixture.rowCounts(of: other) == before)
    }
}
