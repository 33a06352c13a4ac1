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
        let second = AlertFixture.alert(
            tenant: tenant, rule: rule, score: 90, at: start.adding(seconds: 1), issue: "10002")
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
            var alert = AlertFixture.alert(
                tenant: tenant, rule: rule, score: 80, at: now, issue: IssueID("\(index)"))
            alert.channelIDs = [id]
            try await fixture.store.commit(
                StoreFixture.result(
                    try await fixture.store.loadWork(for: claims[0]), id: "10001", score: 80, now: now,
                    decision: try await fixture.decision(alert)), for: claims[0])
        }
        let now = start.adding(seconds: 60)
        let items = try await fixture.store.claimDeliveries(limit: 3, now: now, leaseUntil: now.adding(seconds: 30))
        #expect(Set(items.prefix(2).map(\.channel.id)) == [channel.id, other.id])
        #expect(items.last?.channel.id == channel.id)
    }

    // MARK: Turns

    /// Queues a notification of one alert for each of these channels.
    private func queue(
        _ channels: [AlertChannel], of tenant: TenantID, in fixture: StoreFixture, count: Int = 1
    ) async throws {
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        for number in 0..<count {
            let alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: start)
            let notifications = channels.map {
                AlertNotification(
                    id: UUID(), channelID: $0.id, channelName: $0.name, channelKind: $0.kind, groupKey: "k\(number)",
                    notifyAt: start, alertIDs: [alert.id])
            }
            try await fixture.store.driver.write {
                try NotificationStatements.record(
                    AlertDecision(alerts: [alert], notifications: notifications), of: tenant, in: $0)
            }
        }
    }

    private func channels(
        _ count: Int, _ kind: AlertChannel.Kind = .slack, of tenant: TenantID, in fixture: StoreFixture
    ) async throws -> [AlertChannel] {
        var channels: [AlertChannel] = []
        var store = fixture.store
        // As where a limit was lowered later.
        store.limits[.alertChannels] = 1000
        for index in 0..<count {
            let channel = AlertChannel(id: UUID(), kind: kind, name: "c\(index)", target: "sealed")
            try await store.saveAlertChannel(tenant, channel, by: .system("test"))
            channels.append(channel)
        }
        return channels
    }

    @Test func theChannelServedLongestAgoWaitsFirstWhateverATenantHas() async throws {
        let fixture = try await StoreFixture()
        let (many, one) = (try await fixture.makeTenant("many"), try await fixture.makeTenant("one"))
        try await queue(try await channels(120, of: many, in: fixture), of: many, in: fixture, count: 2)
        let single = try await channels(1, of: one, in: fixture)
        try await queue(single, of: one, in: fixture)
        let waiting = try await fixture.store.waitingChannels(now: start)
        #expect(waiting.count == 51)
        #expect(waiting.prefix(2).contains { $0.channel == single[0] && $0.tenantID == one })
        let first = try #require(waiting.first { $0.tenantID == many })
        _ = try await fixture.store.claimDeliveries(
            [DeliveryTurn(channelID: first.channel.id, limit: 1)], now: start, leaseUntil: start.adding(seconds: 60))
        let after = try await fixture.store.waitingChannels(now: start.adding(seconds: 1))
        #expect(!after.contains { $0.channel.id == first.channel.id })
        #expect(try await fixture.store.waitingChannels(now: start.adding(milliseconds: -1)).isEmpty)
    }

    @Test func aChannelThatIsHeldWaitsWithAllOfItsDeliveries() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let held = try await channels(1, of: tenant, in: fixture)[0]
        try await queue([held], of: tenant, in: fixture, count: 3)
        let turn = DeliveryTurn(channelID: held.id, limit: 1)
        let items = try await fixture.store.claimDeliveries(
            [turn], now: start, leaseUntil: start.adding(seconds: 60))
        let until = start.adding(seconds: 600)
        try await fixture.store.record(
            .retry(at: start.adding(seconds: 15), reason: "429"), for: try #require(items.first), now: start,
            heldUntil: until)
        let shortly = until.adding(milliseconds: -1)
        #expect(try await fixture.store.waitingChannels(now: shortly).isEmpty)
        #expect(
            try await fixture.store.claimDeliveries([turn], now: shortly, leaseUntil: until.adding(seconds: 1)).isEmpty)
        #expect(try await fixture.store.waitingChannels(now: until).map(\.channel) == [held])
        #expect(
            try await fixture.store.claimDeliveries(
                [DeliveryTurn(channelID: held.id, limit: 9)], now: until, leaseUntil: until.adding(seconds: 60)
            ).count == 3)
        // An outcome under a lost lease holds nothing.
        let other = try await channels(1, of: tenant, in: fixture)[0]
        try await queue([other], of: tenant, in: fixture)
        let lost = try await fixture.store.claimDeliveries(
            [DeliveryTurn(channelID: other.id, limit: 1)], now: until, leaseUntil: until)
        _ = try await claim(fixture, at: until)
        try await fixture.store.record(
            .dead(reason: "late"), for: try #require(lost.first), now: until, heldUntil: until.adding(days: 1))
        #expect(try await claim(fixture, at: until.adding(seconds: 31)).contains { $0.channel.id == other.id })
    }

    @Test func savingAChannelAnewEndsItsPause() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let channel = try await channels(1, of: tenant, in: fixture)[0]
        try await queue([channel], of: tenant, in: fixture)
        let items = try await claim(fixture, at: start)
        try await fixture.store.record(
            .retry(at: start, reason: "429"), for: try #require(items.first), now: start,
            heldUntil: start.adding(days: 1))
        #expect(try await claim(fixture, at: start).isEmpty)
        try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        #expect(try await claim(fixture, at: start).count == 1)
    }

    @Test func whereOneAtATimeIsUnderWayNoNodeClaimsASecond() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let channel = try await channels(1, of: tenant, in: fixture)[0]
        try await queue([channel], of: tenant, in: fixture, count: 5)
        let stores = StoreFixture.isShared ? [fixture.store, try await fixture.reopened()] : [fixture.store]
        let now = start
        let claimed = try await withThrowingTaskGroup(of: [OutboxItem].self) { group in
            for round in 0..<8 {
                let store = stores[round % stores.count]
                group.addTask {
                    try await store.claimDeliveries(
                        [DeliveryTurn(channelID: channel.id, limit: 4, nextAt: now.adding(seconds: 1))], now: now,
                        leaseUntil: now.adding(seconds: 60))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 1)
        // Its pause is over, and the delivery still under way.
        let later = start.adding(seconds: 5)
        let turn = DeliveryTurn(channelID: channel.id, limit: 1, nextAt: later.adding(seconds: 1))
        #expect(
            try await fixture.store.claimDeliveries([turn], now: later, leaseUntil: later.adding(seconds: 60)).isEmpty)
        try await fixture.store.record(.delivered, for: try #require(claimed.first), now: later)
        let last = later.adding(seconds: 1)
        #expect(
            try await fixture.store.claimDeliveries([turn], now: last, leaseUntil: last.adding(seconds: 60)).count == 1)
        if stores.count > 1 { try stores[1].close() }
    }

    @Test func aLeaseCanBeExtendedUntilItIsLost() async throws {
        let (fixture, _, _) = try await queued()
        let first = try await claim(fixture, at: start)
        try await fixture.store.extendLeases(of: first, until: start.adding(seconds: 90))
        #expect(try await claim(fixture, at: start.adding(seconds: 89)).isEmpty)
        let second = try await claim(fixture, at: start.adding(seconds: 90))
        #expect(second.count == 1)
        try await fixture.store.extendLeases(of: first, until: start.adding(days: 1))
        #expect(try await claim(fixture, at: start.adding(seconds: 121)).count == 1)
    }

    // MARK: Recipients

    @Test func aDeliveryIsSplitIntoOneForEachRecipient() async throws {
        let (fixture, tenant, channel) = try await queued()
        let first = try await claim(fixture, at: start)
        try await fixture.store.record(.retry(at: start, reason: "421"), for: first[0], now: start)
        let item = try await claim(fixture, at: start)[0]
        #expect(item.attempts == 1 && item.recipient == nil)
        #expect(try await fixture.store.split(item, into: ["sealed a", "sealed b", "sealed c"]))
        let others = try await claim(fixture, at: start)
        #expect(Set(others.map(\.recipient)) == ["sealed b", "sealed c"])
        #expect(others.allSatisfy { $0.attempts == 1 && $0.channel == channel && $0.alerts == item.alerts })
        try await fixture.store.record(.delivered, for: item, now: start)
        try await fixture.store.record(.dead(reason: "550"), for: others[0], now: start)
        let listed = try await deliveries(fixture, tenant)
        #expect(listed.count == 3)
        #expect(listed.first { $0.id == item.id }?.recipient == "sealed a")
        #expect(listed.first { $0.id == item.id }?.state == .delivered)
        #expect(listed.first { $0.id == others[0].id }?.lastError == "550")
        #expect(
            try await fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 9).items.count == 1)
        // A single recipient is recorded with the outcome.
        var single = others[1]
        single.recipient = "sealed z"
        try await fixture.store.record(.dead(reason: "551"), for: single, now: start)
        #expect(try await deliveries(fixture, tenant).first { $0.id == single.id }?.recipient == others[1].recipient)
        // Once, and only under its lease.
        #expect(try await fixture.store.split(others[1], into: ["x", "y"]) == false)
        #expect(try await claim(fixture, at: start).isEmpty)
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
