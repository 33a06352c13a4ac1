import Domain
import Foundation
import Logging
import StoreTestSupport
import Testing

@testable import Alerts
@testable import Store
@testable import consilod

/// Notifications that are sent again while their alerts hold: the deliverer's step over the real store.
@Suite struct NotificationRepeatsTests {
    private static let start = StoreFixture.start
    private static let hour: Int64 = 3600

    /// A tenant with a channel whose notifications are repeated every hour.
    private struct Setup {
        let fixture: StoreFixture
        let tenant: TenantID
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let router = AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0, repeatInterval: Int(hour)))

        var store: RiskStore { fixture.store }

        init() async throws {
            fixture = try await StoreFixture()
            tenant = try await fixture.makeTenant(rules: [rule])
            try await store.saveAlertChannel(
                tenant, AlertChannel(id: UUID(), kind: .slack, name: "team", target: "sealed"), by: .system("test"))
        }

        @discardableResult
        func raise(_ issue: Int, at now: Timestamp = start) async throws -> Alert {
            let id = IssueID("\(issue)")
            _ = try await store.inbox.append(
                StoreFixture.delivery("d\(issue)-\(now.milliseconds)", of: tenant, issues: [id]))
            let claims = try await store.claimIssues(
                limit: 1, now: now.adding(days: 1), leaseUntil: now.adding(days: 2))
            let claim = try #require(claims.first)
            let work = try await store.loadWork(for: claim)
            let alert = alert(of: id, at: now)
            var decision = AlertDecision(
                alerts: [alert], states: [AlertState(ruleID: rule.id, isFiring: true, since: now, score: 80)])
            router.route(&decision, by: try await store.alertRouting(tenant, now: now), now: now)
            try await store.commit(
                StoreFixture.result(work, id: id, key: IssueKey("PAY-\(issue)"), score: 80, decision: decision),
                for: claim)
            return alert
        }

        private func alert(of issue: IssueID, at now: Timestamp) -> Alert {
            Alert(
                id: UUID(), tenantID: tenant, event: .raised, band: .high, headline: "rose from 40 to 80",
                createdAt: now,
                subject: .issue(
                    IssueAlert(
                        ruleID: rule.id, ruleName: rule.name, ruleKind: .threshold, issueID: issue,
                        issueKey: IssueKey("PAY-\(issue)"), projectKey: "PAY", summary: "Refund button", status: "Open",
                        assignee: "Ada", url: "https://acme.atlassian.net/browse/PAY-\(issue)", score: 80,
                        previousScore: 40, changes: [], factors: [], remedies: [], model: "wordlist-1")))
        }

        func repeatDue(at now: Timestamp) async {
            let worker = NotificationRepeats(outbox: store, router: router, logger: Logger(label: "test"))
            await worker.run(now: now)
            // Another node that looks at the same instant.
            await worker.run(now: now)
        }

        func deliver(at now: Timestamp) async throws -> [OutboxItem] {
            let items = try await store.claimDeliveries(limit: 100, now: now, leaseUntil: now.adding(seconds: 30))
            for item in items { try await store.record(.delivered, for: item, now: now) }
            return items
        }

        func change(_ sql: String) async throws {
            try await store.driver.write { try $0.run(sql, []) }
        }
    }

    private static func after(_ hours: Int64) -> Timestamp { start.adding(seconds: hours * hour) }

    @Test func whatStillHoldsIsSentAgainAfterEachInterval() async throws {
        let setup = try await Setup()
        let alert = try await setup.raise(1)
        #expect(try await setup.deliver(at: Self.start).map(\.isRepeat) == [false])
        await setup.repeatDue(at: Self.after(1).adding(seconds: -1))
        #expect(try await setup.deliver(at: Self.after(1)).isEmpty)
        for hours in Int64(1)...3 {
            await setup.repeatDue(at: Self.after(hours))
            let items = try await setup.deliver(at: Self.after(hours))
            #expect(items.map(\.isRepeat) == [true])
            #expect(items.flatMap { $0.alerts.map(\.id) } == [alert.id])
        }
    }

    @Test func whatHoldsNoMoreIsNotSentAgain() async throws {
        let setup = try await Setup()
        try await setup.raise(1)
        _ = try await setup.deliver(at: Self.start)
        try await setup.change("UPDATE alert_states SET is_firing = FALSE")
        await setup.repeatDue(at: Self.after(1))
        #expect(try await setup.deliver(at: Self.after(2)).isEmpty)
        try await setup.change("UPDATE alert_states SET is_firing = TRUE")
        await setup.repeatDue(at: Self.after(5))
        #expect(try await setup.deliver(at: Self.after(5)).isEmpty)
    }

    @Test func aLaterNotificationOfTheGroupIsTheOneThatIsRepeated() async throws {
        let setup = try await Setup()
        try await setup.raise(1)
        _ = try await setup.deliver(at: Self.start)
        let later = Self.start.adding(seconds: Self.hour / 2)
        let second = try await setup.raise(1, at: later)
        _ = try await setup.deliver(at: later)
        await setup.repeatDue(at: Self.after(1))
        #expect(try await setup.deliver(at: Self.after(1)).isEmpty)
        await setup.repeatDue(at: later.adding(seconds: Self.hour))
        let items = try await setup.deliver(at: later.adding(seconds: Self.hour))
        #expect(items.flatMap { $0.alerts.map(\.id) } == [second.id])
    }

    @Test func aRepetitionThatWaitsTakesUpWhatIsNewAndIsNoneAnyMore() async throws {
        let setup = try await Setup()
        let first = try await setup.raise(1)
        _ = try await setup.deliver(at: Self.start)
        await setup.repeatDue(at: Self.after(1))
        let second = try await setup.raise(1, at: Self.after(1))
        let items = try await setup.deliver(at: Self.after(1))
        #expect(items.map(\.isRepeat) == [false])
        #expect(items.flatMap { $0.alerts.map(\.id) } == [first.id, second.id])
    }

    @Test func silencesAndQuietHoursHoldForRepetitions() async throws {
        let setup = try await Setup()
        try await setup.raise(1)
        _ = try await setup.deliver(at: Self.start)
        try await setup.store.addAlertSilence(
            setup.tenant,
            AlertSilence(
                id: UUID(), matchers: [AlertMatcher(name: .project, values: ["PAY"])], startsAt: Self.start,
                endsAt: Self.after(2), createdBy: "operator", reason: "Release", createdAt: Self.start),
            by: .operator)
        await setup.repeatDue(at: Self.after(1))
        #expect(try await setup.deliver(at: Self.after(1)).isEmpty)
        var channel = try #require(try await setup.store.alertChannels(setup.tenant).first)
        channel.quietHours = QuietHours(
            timeZone: "UTC", spans: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)],
            dates: [], breakthrough: .high)
        try await setup.store.saveAlertChannel(setup.tenant, channel, by: .operator)
        await setup.repeatDue(at: Self.after(2))
        // Its band is high, which breaks through.
        #expect(try await setup.deliver(at: Self.after(2)).map(\.isRepeat) == [true])
        await setup.repeatDue(at: Self.after(3))
        #expect(try await setup.deliver(at: Self.after(3)).map(\.isRepeat) == [true])
    }

    @Test func aNotificationThatTheChannelDoesNotHaveYetIsNotRepeated() async throws {
        let setup = try await Setup()
        try await setup.raise(1)
        await setup.repeatDue(at: Self.after(1))
        #expect(try await setup.deliver(at: Self.after(1)).map(\.isRepeat) == [false])
        await setup.repeatDue(at: Self.after(2))
        #expect(try await setup.deliver(at: Self.after(2)).map(\.isRepeat) == [true])
    }
}
