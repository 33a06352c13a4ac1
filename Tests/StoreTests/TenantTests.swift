import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct TenantTests {
    @Test func twoTenantsCannotShareASite() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.makeTenant("acme")
        let error = await #expect(throws: StorageError.self) { try await fixture.makeTenant("acme") }
        #expect(error?.code == .conflict)
    }

    @Test func deletingATenantDeletesEverythingOfIt() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        let start = StoreFixture.start
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claims = try await fixture.store.claimIssues(limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
        let work = try await fixture.store.loadWork(for: claims[0])
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 80), for: claims[0])
        _ = try await fixture.store.reserveUsage(
            tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: start), by: .system("test"),
            now: start)

        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")))
        #expect(try await fixture.store.deleteTenant(tenant, by: .system("test")) == false)
        #expect(try await fixture.store.sealedWebhookSecrets(tenant, now: StoreFixture.start) == nil)
        let tables = try await fixture.store.driver.read { connection in
            try connection.query(
                StoreFixture.isShared
                    ? """
                    SELECT table_name::text FROM information_schema.columns
                    WHERE table_schema = current_schema() AND column_name = 'tenant_id'
                    """
                    : "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c ON c.name = 'tenant_id'",
                []
            ).map { try $0.text(0) }
        }
        #expect(tables.count >= 12)
        for table in tables {
            let left = try await fixture.store.driver.read {
                try $0.first("SELECT COUNT(*) FROM \(table)", [])?.integer(0)
            }
            #expect(left == 0, "rows left in \(table)")
        }
    }

    @Test func aReplacedWebhookSecretVerifiesUntilItsEndAndIsThenRemoved() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let (store, start) = (fixture.store, StoreFixture.start)
        let (first, second) = (UUID(), UUID())
        try await store.addWebhookSecret(
            tenant, secretID: first, encrypted: "first", by: .system("test"), now: start.adding(seconds: 1))
        try await store.addWebhookSecret(
            tenant, secretID: second, encrypted: "second", by: .system("test"), now: start.adding(seconds: 2))
        let end = start.adding(seconds: 100)
        try await store.retireWebhookSecrets(tenant, except: second, expiresAt: end, by: .system("test"))
        // A later end does not prolong what ends already.
        try await store.retireWebhookSecrets(
            tenant, except: second, expiresAt: end.adding(seconds: 100), by: .system("test"))
        #expect(try await store.sealedWebhookSecrets(tenant, now: end.adding(milliseconds: -1))?.count == 3)
        #expect(try await store.sealedWebhookSecrets(tenant, now: end) == ["second"])
        #expect(try await store.webhookSecretInfos(tenant).map(\.expiresAt) == [end, end, nil])

        _ = try await store.removeExpired(RetentionPolicy(), currentModel: "m", now: end, proceed: { true })
        #expect(try await store.webhookSecretInfos(tenant).map(\.id) == [second])
        #expect(try await store.webhookSecretInfos(other).map(\.expiresAt) == [nil])
    }

    @Test func aReplacedAutomationTokenOpensUntilItsEndAndIsThenRemoved() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let (store, start, person) = (fixture.store, StoreFixture.start, Actor.system("test"))
        let (first, second, third, foreign) = (UUID(), UUID(), UUID(), UUID())
        let (end, later) = (start.adding(seconds: 100), start.adding(seconds: 200))
        try await store.addAutomationToken(
            other, tokenID: foreign, hash: "of another", formerUntil: nil, by: person, now: start)
        try await store.addAutomationToken(
            tenant, tokenID: first, hash: "first", formerUntil: nil, by: person, now: start.adding(seconds: 1))
        try await store.addAutomationToken(
            tenant, tokenID: second, hash: "second", formerUntil: end, by: person, now: start.adding(seconds: 2))
        // A later end does not prolong what ends already.
        try await store.addAutomationToken(
            tenant, tokenID: third, hash: "third", formerUntil: later, by: person, now: start.adding(seconds: 3))
        #expect(
            try await store.automationTokenHashes(tenant, now: end.adding(milliseconds: -1))
                == ["third", "second", "first"])
        #expect(try await store.automationTokenHashes(tenant, now: end) == ["third", "second"])
        #expect(try await store.automationTokenInfos(tenant).map(\.expiresAt) == [end, later, nil])
        #expect(try await store.automationTokenHashes(TenantID(UUID()), now: start) == nil)

        _ = try await store.removeExpired(RetentionPolicy(), currentModel: "m", now: end, proceed: { true })
        #expect(try await store.automationTokenInfos(tenant).map(\.id) == [second, third])
        #expect(try await store.removeAutomationToken(other, tokenID: third, by: person) == false)
        #expect(try await store.removeAutomationToken(tenant, tokenID: third, by: person))
        #expect(try await store.automationTokenHashes(tenant, now: end) == ["second"])
        #expect(try await store.automationTokenInfos(other).map(\.expiresAt) == [nil])
    }

    @Test func requestsOfAutomationAreToldFromSignedWebhooks() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let (store, start) = (fixture.store, StoreFixture.start)
        #expect(try await store.automationStanding(tenant, now: start) == AutomationStanding(validTokens: 0))
        try await store.addAutomationToken(
            tenant, tokenID: UUID(), hash: "hash", formerUntil: nil, by: .system("test"), now: start)
        for (number, (id, event)) in [
            ("d1", "jira:issue_updated"), ("automation:sha256:1", "automation:issue"), ("d2", "consilod:test"),
        ].enumerated() {
            var delivery = StoreFixture.delivery(id, of: tenant, at: start.adding(seconds: Int64(number)))
            delivery.event = event
            _ = try await store.inbox.append(delivery)
        }
        #expect(
            try await store.automationStanding(tenant, now: start)
                == AutomationStanding(validTokens: 1, lastRequestAt: start.adding(seconds: 1), lastWebhookAt: start))
        #expect(try await store.automationStanding(other, now: start) == AutomationStanding(validTokens: 0))
    }

    @Test func jirasLastWebhookIsToldFromConsilodsOwn() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        #expect(try await fixture.store.lastWebhookAt(tenant) == nil)
        var delivery = StoreFixture.delivery("d1", of: tenant)
        _ = try await fixture.store.inbox.append(delivery)
        let came = delivery.receivedAt
        (delivery.deliveryID, delivery.event) = ("d2", "consilod:test")
        delivery.receivedAt = came.adding(seconds: 60)
        _ = try await fixture.store.inbox.append(delivery)
        #expect(try await fixture.store.lastWebhookAt(tenant) == came)
        #expect(try await fixture.store.hasDelivery("d2", of: tenant))
        #expect(try await fixture.store.hasDelivery("d2", of: other) == false)
        #expect(try await fixture.store.lastWebhookAt(other) == nil)
    }

    @Test func noTwoRequestsTakeTheLastUse() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let start = StoreFixture.start
        try await fixture.limit(tenant, .issue, to: 10)
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await fixture.store.reserveUsage(
                        tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: start),
                        by: .system("test"), now: start) != .usedUp(limit: 10)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 10)
        let usage = try await fixture.store.usage(tenant, from: start, to: start.adding(days: 31))
        #expect(usage == UsageCount(issue: 10, sprint: 0, portfolio: 0))
    }

    /// As after a downgrade that came while the request was being authenticated, and after a clock that was a year ahead.
    @Test func theLimitIsThatOfTheInstantAndOnlyUsesOfTheMonthCount() async throws {
        let fixture = try await StoreFixture()
        let (tenant, now) = (try await fixture.makeTenant(), StoreFixture.start)
        func use(at instant: Timestamp) async throws -> UsageReservation {
            try await fixture.store.reserveUsage(
                tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: instant),
                by: .system("test"), now: instant)
        }
        try await fixture.limit(tenant, .issue, to: 1)
        #expect(try await use(at: now.adding(days: 365)) != .usedUp(limit: 1))
        #expect(try await use(at: now) != .usedUp(limit: 1))
        #expect(try await use(at: now) == .usedUp(limit: 1))
        try await fixture.limit(tenant, .issue, to: nil)
        #expect(try await use(at: now) != .usedUp(limit: 1))
        try await fixture.limit(tenant, .issue, to: 0)
        #expect(try await use(at: now) == .usedUp(limit: 0))
    }

    @Test func aRuleOrChannelOfAnotherTenantIsNeverTouched() async throws {
        let fixture = try await StoreFixture()
        let (a, b) = (try await fixture.makeTenant("a"), try await fixture.makeTenant("b"))
        let rule = AlertRule(id: UUID(), name: "mine", condition: .spike(points: 20, windowSeconds: 3600))
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "mine", target: "sealed")
        try await fixture.store.saveAlertRule(a, rule, by: .system("test"))
        try await fixture.store.saveAlertChannel(a, channel, by: .system("test"))
        var (stolenRule, stolenChannel) = (rule, channel)
        stolenRule.name = "stolen"
        stolenChannel.name = "stolen"
        try await fixture.store.saveAlertRule(b, stolenRule, by: .system("test"))
        try await fixture.store.saveAlertChannel(b, stolenChannel, by: .system("test"))
        #expect(try await fixture.store.alertRules(a) == [rule])
        #expect(try await fixture.store.alertChannels(a) == [channel])
        #expect(try await fixture.store.alertRules(b).isEmpty)
        #expect(try await fixture.store.deleteAlertRule(b, ruleID: rule.id, by: .system("test")) == false)
        #expect(try await fixture.store.deleteAlertChannel(b, channelID: channel.id, by: .system("test")) == false)
    }

    @Test func refusesADatabaseOfANewerConsilod() async throws {
        let fixture = try await StoreFixture()
        try await fixture.store.driver.write {
            try $0.run(
                "INSERT INTO schema_migrations (name, applied_at) VALUES ('9999-future', ?)",
                [.timestamp(StoreFixture.start)])
        }
        let error = await #expect(throws: StorageError.self) { try await fixture.reopened() }
        #expect(error?.message.contains("9999-future") == true)
    }
}
