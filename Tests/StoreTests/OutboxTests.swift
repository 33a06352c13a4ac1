import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct OutboxTests {
    private let start = StoreFixture.start

    /// A tenant with one alert queued for one channel, or after `change` whatever becomes of it.
    private func queued(
        for named: [UUID] = [], _ change: (StoreFixture, TenantID, AlertChannel) async throws -> Void = { _, _, _ in }
    ) async throws -> (StoreFixture, TenantID, AlertChannel) {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        let channel = AlertChannel(id: UUID(), kind: .email, name: "team", target: "sealed")
        try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        try await change(fixture, tenant, channel)
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claims = try await fixture.store.claimIssues(limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
        let work = try await fixture.store.loadWork(for: claims[0])
        var alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: start)
        alert.channelIDs = named
        try await fixture.store.commit(
            StoreFixture.result(work, id: "10001", score: 80, decision: try await fixture.decision(alert)),
            for: claims[0])
        return (fixture, tenant, channel)
    }

    private func claim(_ fixture: StoreFixture, at now: Timestamp) async throws -> [OutboxItem] {
        try await fixture.store.claimDeliveries(limit: 10, now: now, leaseUntil: now.adding(seconds: 30))
    }

    private func deliveries(_ fixture: StoreFixture, _ tenant: TenantID) async throws -> [AlertRecord.Delivery] {
        try await fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10).items[0].deliveries
    }

    @Test func aDeliveryIsLeasedRetriedAndDelivered() async throws {
        let (fixture, tenant, channel) = try await queued()
        let first = try await claim(fixture, at: start)
        #expect(first.map(\.channel) == [channel])
        #expect(try await claim(fixture, at: start).isEmpty)
        let later = start.adding(seconds: 300)
        try await fixture.store.record(.retry(at: later, reason: "421 busy"), for: first[0], now: start)
        #expect(try await claim(fixture, at: later.adding(milliseconds: -1)).isEmpty)
        let second = try await claim(fixture, at: later)
        #expect(second.map(\.attempts) == [1])
        try await fixture.store.record(.delivered, for: second[0], now: later)
        let delivery = try await deliveries(fixture, tenant)[0]
        #expect(delivery.state == .delivered)
        #expect(delivery.deliveredAt == later)
        #expect(try await claim(fixture, at: later.adding(days: 1)).isEmpty)
    }

    @Test func whatCouldNotBeTriedWaitsWithoutCountingAnAttempt() async throws {
        let (fixture, tenant, _) = try await queued()
        var now = start
        for _ in 0..<30 {
            let item = try #require(try await claim(fixture, at: now).first)
            #expect(item.attempts == 0)
            let until = now.adding(seconds: 60)
            try await fixture.store.record(.postponed(until: until, reason: "no key"), for: item, now: now)
            #expect(try await claim(fixture, at: until.adding(milliseconds: -1)).isEmpty)
            now = until
        }
        let delivery = try await deliveries(fixture, tenant)[0]
        #expect(delivery.state == .queued && delivery.lastError == "no key" && delivery.attempts == 0)
    }

    @Test func anAttemptCountsFromTheClaimUnlessItIsGivenBack() async throws {
        let (fixture, _, _) = try await queued()
        // The daemon dies twice in the middle of the delivery.
        for attempts in 0..<2 {
            #expect(try await claim(fixture, at: start.adding(days: attempts)).map(\.attempts) == [attempts])
        }
        let later = start.adding(days: 2)
        try await fixture.store.release(try await claim(fixture, at: later))
        #expect(try await claim(fixture, at: later).map(\.attempts) == [2])
    }

    @Test func anAlertThatCannotBeReadIsADeadLetterAndHoldsNobodyUp() async throws {
        let (fixture, tenant, channel) = try await queued()
        let rule = try #require(try await fixture.store.alertRules(tenant).first)
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d2", of: tenant))
        let claims = try await fixture.store.claimIssues(limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
        let second = AlertFixture.alert(tenant: tenant, rule: rule, score: 90, at: start.adding(seconds: 1))
        try await fixture.store.commit(
            StoreFixture.result(
                try await fixture.store.loadWork(for: claims[0]), id: "10001", score: 90,
                decision: try await fixture.decision(second)), for: claims[0])
        try await fixture.store.driver.write {
            try $0.run("UPDATE alerts SET alert_json = '{}' WHERE score = 80", [])
        }
        let items = try await claim(fixture, at: second.createdAt)
        #expect(items.map(\.alerts) == [[second]])
        #expect(items.map(\.channel) == [channel])
        let listed = try await fixture.store.alerts(tenant, state: .dead, issueKey: nil, after: nil, limit: 10).items
        #expect(listed.map(\.alert.issue?.issueKey) == ["PAY-1"])
        #expect(listed.map(\.alert.issue?.score) == [80])
        #expect(listed.first?.deliveries.first?.lastError?.contains("cannot be read") == true)
    }

    @Test func channelsTakeTurns() async throws {
        let (fixture, tenant, channel) = try await queued()
        let other = AlertChannel(id: UUID(), kind: .slack, name: "other", target: "sealed")
        try await fixture.store.saveAlertChannel(tenant, other, by: .system("test"))
        let rule = try #require(try await fixture.store.alertRules(tenant).first)
        for (index, id) in [channel.id, channel.id, other.id].enumerated() {
            let now = start.adding(seconds: Int64(index + 1))
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d-\(index)", of: tenant))
            let claims = try await fixture.store.claimIssues(limit: 1, now: now, leaseUntil: now.adding(seconds: 60))
            var alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: now)
            alert.channelIDs = [id]
            try await fixture.store.commit(
                StoreFixture.result(
                    try await fixture.store.loadWork(for: claims[0]), id: "10001", score: 80, now: now,
                    decision: try await fixture.decision(alert)), for: claims[0])
        }
        let now = start.adding(seconds: 60)
        let items = try await fixture.store.claimDeliveries(limit: 3, now: now, leaseUntil: now.adding(seconds: 30))
        #expect(items.map(\.channel.id) == [channel.id, other.id, channel.id])
    }

    @Test func anOutcomeUnderALostLeaseChangesNothing() async throws {
        let (fixture, tenant, _) = try await queued()
        let first = try await claim(fixture, at: start)
        let second = try await claim(fixture, at: start.adding(seconds: 31))
        #expect(second.count == 1)
        try await fixture.store.record(.dead(reason: "too late"), for: first[0], now: start)
        #expect(try await deliveries(fixture, tenant)[0].state == .queued)
    }

    @Test func aDeadDeliveryIsListedWithItsReasonAndCanBeRetried() async throws {
        let (fixture, tenant, _) = try await queued()
        let items = try await claim(fixture, at: start)
        try await fixture.store.record(.dead(reason: "550 no such user"), for: items[0], now: start)
        let dead = try await fixture.store.alerts(tenant, state: .dead, issueKey: nil, after: nil, limit: 10).items
        #expect(dead.first?.deliveries.map(\.lastError) == ["550 no such user"])
        let other = try await fixture.makeTenant("other")
        #expect(
            try await fixture.store.retryDelivery(other, deliveryID: items[0].id, by: .system("test"), now: start)
                == false)
        #expect(try await fixture.store.retryDelivery(tenant, deliveryID: items[0].id, by: .system("test"), now: start))
        #expect(try await claim(fixture, at: start).count == 1)
    }

    @Test func anAlertForADisabledChannelIsADeadLetter() async throws {
        let (fixture, tenant, _) = try await queued { fixture, tenant, channel in
            var channel = channel
            channel.isEnabled = false
            try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        }
        #expect(try await claim(fixture, at: start).isEmpty)
        #expect(try await deliveries(fixture, tenant).map(\.state) == [.dead])
        #expect(try await deliveries(fixture, tenant).map(\.lastError) == ["the channel is disabled"])
    }

    @Test func anAlertForADeletedChannelIsADeadLetter() async throws {
        let (fixture, tenant, _) = try await queued(for: [UUID()])
        #expect(try await deliveries(fixture, tenant).map(\.lastError) == ["the channel was deleted"])
        #expect(try await deliveries(fixture, tenant).map(\.channelKind) == [nil])
        #expect(try await claim(fixture, at: start).isEmpty)
    }

    @Test func aDisabledChannelBesideAnEnabledOneIsNotMeant() async throws {
        let (fixture, tenant, channel) = try await queued { fixture, tenant, _ in
            let off = AlertChannel(id: UUID(), kind: .slack, name: "off", target: "sealed", isEnabled: false)
            try await fixture.store.saveAlertChannel(tenant, off, by: .system("test"))
        }
        #expect(try await deliveries(fixture, tenant).map(\.channelID) == [channel.id])
    }

    @Test func withoutAnyChannelTheAlertIsListedAlone() async throws {
        let (fixture, tenant, _) = try await queued { fixture, tenant, channel in
            _ = try await fixture.store.deleteAlertChannel(tenant, channelID: channel.id, by: .system("test"))
        }
        let listed = try await fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10).items
        #expect(listed.map(\.deliveries.count) == [0])
    }

    @Test func deletingAChannelBuriesItsQueueInTheDeadLetters() async throws {
        let (fixture, tenant, channel) = try await queued()
        #expect(try await fixture.store.deleteAlertChannel(tenant, channelID: channel.id, by: .system("test")))
        #expect(try await claim(fixture, at: start).isEmpty)
        #expect(try await deliveries(fixture, tenant).map(\.lastError) == ["the channel was deleted"])
    }

    @Test func severalAlertsOfOneNotificationComeInTheirOrder() async throws {
        let (fixture, tenant, channel) = try await queued()
        let rule = try #require(try await fixture.store.alertRules(tenant).first)
        let alerts = (0..<3).map { AlertFixture.alert(tenant: tenant, rule: rule, score: 80 + $0, at: start) }
        let notification = AlertNotification(
            id: UUID(), channelID: channel.id, channelName: channel.name, channelKind: channel.kind, groupKey: "PAY",
            notifyAt: start.adding(seconds: 60), alertIDs: alerts.reversed().map(\.id))
        try await fixture.store.driver.write {
            try NotificationStatements.record(
                AlertDecision(alerts: alerts, notifications: [notification]), of: tenant, in: $0)
        }
        #expect(try await claim(fixture, at: start).count == 1, "a notification waits until it is to be sent")
        let items = try await claim(fixture, at: start.adding(seconds: 60))
        #expect(items.first { $0.id == notification.id }?.alerts == alerts.reversed())
        let listed = try await fixture.store.alerts(tenant, state: .queued, issueKey: nil, after: nil, limit: 10).items
        #expect(listed.filter { $0.deliveries.map(\.id) == [notification.id] }.count == 3)
    }
}
