import Domain
import Foundation
import Logging
import ServiceLifecycle
import StoreTestSupport
import TestSupport
import Testing

@testable import Alerts
@testable import Store
@testable import consilod

/// What is for an address whose owner does not answer (decision 0039): the deliverer over the real store, with a mail server
/// and a clock that the test moves.
@Suite struct UnconfirmedAddressTests {
    private static let start = StoreFixture.start
    private static let mailName = "lead@example.com"

    private struct Scene {
        let fixture: StoreFixture
        let tenant: TenantID
        let sinks: Sinks
        let clock = SettableClock(start)
        var store: RiskStore { fixture.store }

        /// A tenant with a digest for one address that is to be confirmed.
        init() async throws {
            fixture = try await StoreFixture()
            sinks = try await Sinks(in: FileManager.default.makeTemporaryFolder())
            tenant = try await fixture.makeTenant()
            let channel = AlertChannel(
                id: UUID(), kind: .email, name: "leads", target: mailName, asksRecipients: true)
            try await store.saveAlertChannel(tenant, channel, by: .system("test"))
            let content = DigestContent(
                every: .day, timeZone: "UTC", from: start.adding(days: -1), to: start, asOf: start,
                siteURL: "https://acme.example")
            try await store.queueAlerts(
                tenant, DigestPlanner().decide(content, for: channel, of: tenant), by: .system("test"))
        }

        private func deliverer(_ mail: EmailSink) -> AlertDeliverer {
            let recipients = MailRecipients(
                store: store, policy: RecipientPolicy(asks: true), open: { $0 }, seal: { $0 },
                now: { [clock] in clock.now })
            return AlertDeliverer(
                outbox: store, openTarget: { $0 }, sealTarget: { $0 }, sinks: [.email: mail], retry: RetryPolicy(),
                router: AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)), recipients: recipients,
                nudges: AsyncStream { $0.finish() }, now: { [clock] in clock.now }, onLoop: {},
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        }

        /// Runs a deliverer until the digest's one delivery is as `condition` says; that delivery.
        func deliver(
            until condition: @escaping @Sendable (AlertRecord.Delivery) -> Bool
        ) async throws -> AlertRecord.Delivery {
            let mail = EmailSink(
                MailSettings(
                    host: "127.0.0.1", port: sinks.smtpPort, security: .none, username: nil, password: nil,
                    from: "risk@example.com"))
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [deliverer(mail)], gracefulShutdownSignals: [], logger: Logger(label: "test")))
            return try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                var found: AlertRecord.Delivery?
                do {
                    try await eventually("the delivery is as expected") {
                        found = try await delivery()
                        return found.map(condition) ?? false
                    }
                } catch {
                    Issue.record(error)
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                await mail.shutdown()
                return try #require(found)
            }
        }

        private func delivery() async throws -> AlertRecord.Delivery? {
            let deliveries = try await store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10).items
                .flatMap(\.deliveries)
            #expect(deliveries.count == 1)
            return deliveries.first
        }
    }

    @Test func afterSevenDaysADeliveryToAnUnconfirmedAddressIsADeadLetter() async throws {
        let scene = try await Scene()
        let week = Self.start.adding(days: 7)
        for instant in [Self.start, Self.start.adding(days: 3), week.adding(seconds: -1)] {
            scene.clock.now = instant
            let waiting = try await scene.deliver { $0.nextAttemptAt == instant.adding(seconds: 600) }
            #expect(waiting.state == .queued && waiting.attempts == 0)
            #expect(waiting.lastError == MailRecipient.waitingReason)
        }
        scene.clock.now = week.adding(seconds: 599)
        let dead = try await scene.deliver { $0.state != .queued }
        #expect(dead.state == .dead)
        #expect(dead.lastError == "the recipient did not confirm the address within 7 days")
        #expect(try scene.sinks.mails().isEmpty)
    }

    @Test func oneThatIsConfirmedOnTheLastDayIsDelivered() async throws {
        let scene = try await Scene()
        _ = try await scene.deliver { $0.nextAttemptAt == Self.start.adding(seconds: 600) }
        scene.clock.now = Self.start.adding(days: 7).adding(seconds: -60)
        let channel = try #require(try await scene.store.alertChannels(scene.tenant).first)
        let recipients = try await scene.store.mailRecipients(scene.tenant, channelID: channel.id)
        let recipient = try #require(recipients.first)
        #expect(recipients.map(\.state) == [.unconfirmed])
        let isSet = try await scene.store.setMailRecipient(
            scene.tenant, recipientID: recipient.id, .confirmed, by: .system("test"), now: scene.clock.now)
        #expect(isSet)
        let delivered = try await scene.deliver { $0.state != .queued }
        #expect(delivered.state == .delivered && delivered.attempts == 1)
        #expect(try scene.sinks.mails().count == 1)
    }
}
