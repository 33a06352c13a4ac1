import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

/// What is kept of the recipients of mail channels, and of acknowledgements.
@Suite struct MailRecipientsTests {
    private let start = StoreFixture.start

    private struct Scene {
        let fixture: StoreFixture
        let tenant: TenantID
        let channel: AlertChannel
        var store: RiskStore { fixture.store }

        func recipient(
            _ address: String, _ state: MailRecipient.State = .unconfirmed, dueAt: Timestamp? = StoreFixture.start
        ) -> MailRecipient {
            MailRecipient(
                id: UUID(), channelID: channel.id, address: address, state: state, changedAt: StoreFixture.start,
                confirmationDueAt: dueAt)
        }

        func add(_ new: [MailRecipient]) async throws {
            let known = try await store.mailRecipients(tenant, channelID: channel.id).map(\.id)
            let isAdded = try await store.addMailRecipients(tenant, channelID: channel.id, new, known: Set(known))
            #expect(isAdded)
        }

        func claim(at now: Timestamp) async throws -> [String] {
            try await store.claimConfirmations(limit: 1000, now: now, leaseUntil: now.adding(seconds: 900))
                .map(\.address).sorted()
        }
    }

    private func scene(_ name: String = "acme", in fixture: StoreFixture? = nil) async throws -> Scene {
        var fixture = fixture
        if fixture == nil { fixture = try await StoreFixture() }
        let opened = try #require(fixture)
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await opened.makeTenant(name, rules: [rule])
        let channel = AlertChannel(
            id: UUID(), kind: .email, name: "leads", target: "sealed", asksRecipients: true)
        try await opened.store.saveAlertChannel(tenant, channel, by: .system("test"))
        let saved = try await opened.store.alertChannels(tenant)
        #expect(saved == [channel])
        return Scene(fixture: opened, tenant: tenant, channel: channel)
    }

    @Test func twoThatAddTheSameAddressAtOnceDoNotBoth() async throws {
        let scene = try await scene()
        let added = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await scene.store.addMailRecipients(
                        scene.tenant, channelID: scene.channel.id, [scene.recipient("\(number)")], known: [])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(added.count { $0 } == 1)
        let known = try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id)
        #expect(known.count == 1)
    }

    @Test func anotherTenantReachesNoRecipientAndNoNotification() async throws {
        let scene = try await scene()
        let other = try await self.scene("other", in: scene.fixture)
        let recipient = scene.recipient("a")
        try await scene.add([recipient])
        try await scene.fixture.scoreIssue(
            "10001", key: "PAY-1", of: scene.tenant,
            rule: try await scene.store.alertRules(scene.tenant).first, at: start)
        let alert = try #require(try await alerts(scene).first)
        let notification = try #require(alert.deliveries.first).id
        let foreign = other.tenant
        #expect(try await scene.store.linkedRecipient(foreign, recipientID: recipient.id) == nil)
        #expect(try await scene.store.linkedNotification(foreign, notificationID: notification) == nil)
        let isSet = try await scene.store.setMailRecipient(
            foreign, recipientID: recipient.id, .unsubscribed, by: .system("test"), now: start)
        let isAcknowledged = try await scene.store.acknowledge(
            foreign, notificationID: notification, name: "x", by: .system("test"), now: start)
        let one = try await scene.store.acknowledge(
            foreign, alertID: alert.alert.id, by: .system("test"), now: start)
        #expect(!isSet && !isAcknowledged && one == nil)
        #expect(try await alerts(scene).map(\.acknowledgedAt) == [nil])
        let state = try await scene.store.linkedRecipient(scene.tenant, recipientID: recipient.id)?.state
        #expect(state == .unconfirmed)
    }

    private func alerts(_ scene: Scene) async throws -> [AlertRecord] {
        try await scene.store.alerts(scene.tenant, state: nil, issueKey: nil, after: nil, limit: 10).items
    }

    @Test func whatWaitsForAConfirmationIsDueAtOnceWhenItComes() async throws {
        let scene = try await scene()
        let recipient = scene.recipient("a")
        try await scene.add([recipient])
        try await scene.fixture.scoreIssue(
            "10001", key: "PAY-1", of: scene.tenant,
            rule: try await scene.store.alertRules(scene.tenant).first, at: start)
        func claim(_ now: Timestamp) async throws -> [OutboxItem] {
            try await scene.store.claimDeliveries(limit: 10, now: now, leaseUntil: now.adding(seconds: 30))
        }
        let item = try #require(try await claim(start).first)
        #expect(item.notifyAt == start)
        try await scene.store.record(
            .postponed(until: start.adding(seconds: 600), reason: MailRecipient.waitingReason), for: item, now: start)
        let minute = start.adding(seconds: 60)
        #expect(try await claim(minute).isEmpty)
        for _ in 0..<2 {
            let isSet = try await scene.store.setMailRecipient(
                scene.tenant, recipientID: recipient.id, .confirmed, by: .system("test"), now: minute)
            #expect(isSet)
        }
        #expect(try await claim(minute).map(\.id) == [item.id])
        let known = try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id)
        #expect(known.map(\.state) == [.confirmed] && known.map(\.changedAt) == [minute])
        #expect(known.map(\.confirmationDueAt) == [nil])
    }

    @Test func whatIsUnsubscribedIsNoDeadLetter() async throws {
        let scene = try await scene()
        try await scene.fixture.scoreIssue(
            "10001", key: "PAY-1", of: scene.tenant,
            rule: try await scene.store.alertRules(scene.tenant).first, at: start)
        let item = try #require(
            try await scene.store.claimDeliveries(limit: 10, now: start, leaseUntil: start.adding(seconds: 30)).first)
        try await scene.store.record(.unsubscribed, for: item, now: start)
        let delivery = try #require(try await alerts(scene).first?.deliveries.first)
        #expect(delivery.state == .unsubscribed && delivery.attempts == 0 && delivery.lastError == nil)
        let isQueued = try await scene.store.retryDelivery(
            scene.tenant, deliveryID: item.id, by: .system("test"), now: start)
        #expect(!isQueued)
        let listed = try await scene.store.alerts(
            scene.tenant, state: .unsubscribed, issueKey: nil, after: nil, limit: 10)
        #expect(listed.items.count == 1)
    }

    @Test func aQuestionIsTakenOnceAndAgainWhenItFailed() async throws {
        let scene = try await scene()
        let (asked, silent) = (scene.recipient("asked"), scene.recipient("confirmed", .confirmed, dueAt: nil))
        try await scene.add([asked, silent])
        #expect(try await scene.claim(at: start) == ["asked"])
        #expect(try await scene.claim(at: start).isEmpty)
        try await scene.store.recordConfirmation(asked.id, retryAt: start.adding(seconds: 60), error: "421 busy")
        #expect(try await scene.claim(at: start.adding(seconds: 59)).isEmpty)
        #expect(try await scene.claim(at: start.adding(seconds: 60)) == ["asked"])
        try await scene.store.recordConfirmation(asked.id, retryAt: nil, error: nil)
        #expect(try await scene.claim(at: start.adding(days: 30)).isEmpty)
        // A node that ended in the middle.
        let again = start.adding(days: 31)
        let count = try await scene.store.requestConfirmations(
            scene.tenant, channelID: scene.channel.id, askedBefore: again.adding(seconds: -600), by: .operator,
            now: again)
        #expect(count == 1)
        #expect(try await scene.claim(at: again) == ["asked"])
        #expect(try await scene.claim(at: again.adding(seconds: 900)) == ["asked"])
    }

    @Test func aTenantAsksALimitedNumberOfPeopleInAnHourAndDelaysNoOther() async throws {
        let scene = try await scene()
        let limit = RiskStore.confirmationsPerHour
        try await scene.add((0..<limit).map { scene.recipient("\($0)") })
        #expect(try await scene.claim(at: start).count == limit)
        try await scene.add([scene.recipient("more")])
        let other = try await self.scene("other", in: scene.fixture)
        try await other.add([other.recipient("other")])
        #expect(try await scene.claim(at: start.adding(seconds: 600)) == ["other"])
        // Those that were asked have not answered, and their leases are over.
        #expect(try await scene.claim(at: start.adding(seconds: 3600)).contains("more"))
    }

    @Test func whoUnsubscribedOrWasAskedTodayIsRemembered() async throws {
        let scene = try await scene()
        let (gone, fresh) = (scene.recipient("gone", .confirmed), scene.recipient("fresh"))
        let refused = scene.recipient("refused", .unsubscribed, dueAt: nil)
        try await scene.add([gone, fresh, refused])
        #expect(try await scene.claim(at: start) == ["fresh"])
        func remove(_ now: Timestamp) async throws -> [String] {
            try await scene.store.removeMailRecipients(
                scene.tenant, [gone.id, fresh.id, refused.id], askedBefore: now.adding(days: -1))
            return try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id).map(\.address)
                .sorted()
        }
        #expect(try await remove(start) == ["fresh", "refused"])
        #expect(try await remove(start.adding(days: 2)) == ["refused"])
    }

    @Test func theAddressesOfADeletedChannelGoWithHousekeeping() async throws {
        let scene = try await scene()
        try await scene.add([scene.recipient("never asked", dueAt: nil), scene.recipient("asked")])
        _ = try await scene.claim(at: start)
        _ = try await scene.store.removeExpired(RetentionPolicy(), currentModel: "m", now: start) { true }
        #expect(try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id).count == 2)
        _ = try await scene.store.deleteAlertChannel(
            scene.tenant, channelID: scene.channel.id, by: .system("test"))
        _ = try await scene.store.removeExpired(RetentionPolicy(), currentModel: "m", now: start) { true }
        let left = try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id)
        #expect(left.map(\.address) == ["asked"])
        let later = start.adding(days: 2)
        _ = try await scene.store.removeExpired(RetentionPolicy(), currentModel: "m", now: later) { true }
        #expect(try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id).isEmpty)
    }

    @Test func addressesAreSealedValuesAndAreSealedAnew() async throws {
        let scene = try await scene()
        let recipient = scene.recipient("sealed by the old key")
        try await scene.add([recipient])
        let values = try await scene.store.sealedValues(.mailAddress, after: nil, limit: 10)
        #expect(values == [SealedValue(kind: .mailAddress, id: recipient.id, sealed: "sealed by the old key")])
        try await scene.store.replaceSealed([values[0]: "sealed by the new key"], by: .operator)
        let known = try await scene.store.mailRecipients(scene.tenant, channelID: scene.channel.id)
        #expect(known.map(\.address) == ["sealed by the new key"])
    }
}
