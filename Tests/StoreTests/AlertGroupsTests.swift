import Alerts
import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

/// How alerts share notifications in the store, and what becomes of those that silences kept back.
@Suite struct AlertGroupsTests {
    private static let start = StoreFixture.start

    /// A tenant with a channel and a rule, and issues that alerts are raised for.
    private struct Setup {
        let fixture: StoreFixture
        let tenant: TenantID
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))

        init() async throws {
            fixture = try await StoreFixture()
            tenant = try await fixture.makeTenant(rules: [rule])
            try await fixture.store.saveAlertChannel(
                tenant, AlertChannel(id: UUID(), kind: .email, name: "team", target: "sealed"), by: .system("test"))
        }

        /// Raises an alert of an issue, committed with its score.
        @discardableResult
        func raise(
            _ issue: Int, at now: Timestamp = start, wait: Int = 30, interval: Int = 300, repeatInterval: Int = 0
        ) async throws -> Alert {
            let id = IssueID("\(issue)")
            _ = try await fixture.store.inbox.append(
                StoreFixture.delivery("d\(issue)-\(now.milliseconds)", of: tenant, issues: [id]))
            let claims = try await fixture.store.claimIssues(
                limit: 1, now: now.adding(days: 1), leaseUntil: now.adding(days: 2))
            let claim = try #require(claims.first)
            let work = try await fixture.store.loadWork(for: claim)
            var alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: now)
            alert.changeSubject(id, IssueKey("PAY-\(issue)"))
            let state = AlertState(ruleID: rule.id, isFiring: true, since: now, score: 80)
            let decision = try await fixture.decision(
                alert, states: [state],
                timing: AlertGroupTiming(wait: wait, interval: interval, repeatInterval: repeatInterval))
            try await fixture.store.commit(
                StoreFixture.result(work, id: id, key: IssueKey("PAY-\(issue)"), score: 80, decision: decision),
                for: claim)
            return alert
        }

        func claim(at now: Timestamp) async throws -> [OutboxItem] {
            try await fixture.store.claimDeliveries(limit: 100, now: now, leaseUntil: now.adding(seconds: 30))
        }

        func deliver(at now: Timestamp) async throws -> [OutboxItem] {
            let items = try await claim(at: now)
            for item in items { try await fixture.store.record(.delivered, for: item, now: now) }
            return items
        }
    }

    @Test func anAlertThatIsStoredIsNeitherStoredNorSentAgain() async throws {
        let setup = try await Setup()
        let alert = try await setup.raise(1)
        #expect(try await setup.deliver(at: Self.start.adding(seconds: 30)).count == 1)
        // As an event of the same instant decides that is applied later.
        let (decision, tenant) = (try await setup.fixture.decision(alert), setup.tenant)
        #expect(decision.alerts == [alert] && decision.notifications.count == 1)
        try await setup.fixture.store.driver.write {
            try NotificationStatements.record(decision, of: tenant, in: $0)
        }
        #expect(try await setup.claim(at: Self.start.adding(days: 1)).isEmpty)
        let stored = try await setup.fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10)
        #expect(stored.items.map(\.alert.id) == [alert.id])
    }

    @Test func alertsOfAGroupThatWaitsAreOneNotification() async throws {
        let setup = try await Setup()
        let alerts = [
            try await setup.raise(1), try await setup.raise(1, at: Self.start.adding(seconds: 10)),
            try await setup.raise(2, at: Self.start.adding(seconds: 20)),
        ]
        #expect(try await setup.claim(at: Self.start.adding(seconds: 29)).isEmpty)
        let first = try await setup.deliver(at: Self.start.adding(seconds: 30))
        #expect(first.map { $0.alerts.map(\.id) } == [[alerts[0].id, alerts[1].id]])
        let second = try await setup.deliver(at: Self.start.adding(seconds: 50))
        #expect(second.map { $0.alerts.map(\.id) } == [[alerts[2].id]])
    }

    @Test func theNextNotificationOfAGroupWaitsForItsIntervalAndKnowsTheLastOne() async throws {
        let setup = try await Setup()
        let first = try await setup.raise(1)
        let sentAt = Self.start.adding(seconds: 30)
        #expect(try await setup.deliver(at: sentAt).first?.previousAlerts == [])
        let second = try await setup.raise(1, at: sentAt.adding(seconds: 60))
        #expect(try await setup.claim(at: sentAt.adding(seconds: 299)).isEmpty)
        let item = try #require(try await setup.deliver(at: sentAt.adding(seconds: 300)).first)
        #expect(item.alerts.map(\.id) == [second.id] && item.previousAlerts.map(\.id) == [first.id])
    }

    @Test func whatWasTriedGrowsNoMore() async throws {
        let setup = try await Setup()
        try await setup.raise(1, wait: 0, interval: 0)
        let item = try #require(try await setup.claim(at: Self.start).first)
        try await setup.raise(1, at: Self.start.adding(seconds: 1), wait: 0, interval: 0)
        try await setup.fixture.store.record(
            .retry(at: Self.start.adding(seconds: 60), reason: "421"), for: item, now: Self.start)
        try await setup.raise(1, at: Self.start.adding(seconds: 2), wait: 0, interval: 0)
        let all = try await setup.claim(at: Self.start.adding(seconds: 60))
        #expect(all.map(\.alerts.count).sorted() == [1, 2])
    }

    @Test func manyGroupsOfAProjectThatWaitAreAStorm() async throws {
        let setup = try await Setup()
        var alerts: [UUID] = []
        for issue in 1...12 {
            alerts.append(try await setup.raise(issue, at: Self.start.adding(seconds: Int64(issue))).id)
        }
        let items = try await setup.deliver(at: Self.start.adding(seconds: 31))
        #expect(items.count == 1)
        #expect(Set(items.flatMap { $0.alerts.map(\.id) }) == Set(alerts))
        // The storm is over: the next one is a group of its own.
        let later = Self.start.adding(seconds: 3600)
        try await setup.raise(30, at: later)
        #expect(try await setup.deliver(at: later.adding(seconds: 30)).map(\.alerts.count) == [1])
    }

    @Test func anAlertThatCannotBeReadTakesNoOtherOfItsGroupWithIt() async throws {
        let setup = try await Setup()
        let broken = try await setup.raise(1)
        let whole = try await setup.raise(1, at: Self.start.adding(seconds: 1))
        try await setup.fixture.store.driver.write {
            try $0.run("UPDATE alerts SET alert_json = '{}' WHERE id = ?", [.uuid(broken.id)])
        }
        let items = try await setup.deliver(at: Self.start.adding(seconds: 30))
        #expect(items.map { $0.alerts.map(\.id) } == [[whole.id]])
    }

    // MARK: Silences

    private func silence(_ seconds: Int64) -> AlertSilence {
        AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .project, values: ["PAY"])], startsAt: Self.start,
            endsAt: Self.start.adding(seconds: seconds), createdBy: "operator", reason: "Release",
            createdAt: Self.start)
    }

    private func release(_ setup: Setup, at now: Timestamp) async throws -> [Bool] {
        let store = setup.fixture.store
        var results: [Bool] = []
        for silence in try await store.endedSilences(now: now, limit: 10) {
            var decision = AlertDecision(alerts: try await store.heldAlerts(of: silence))
            AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)).route(
                &decision, by: try await store.alertRouting(silence.tenantID, now: now), now: now)
            results.append(try await store.release(silence, decision, now: now))
            // Another node that has seen the same.
            #expect(try await store.release(silence, decision, now: now) == false)
        }
        return results
    }

    @Test func whatASilenceKeptBackAndStillHoldsIsSentOnceWhenItEnds() async throws {
        let setup = try await Setup()
        let silence = silence(3600)
        try await setup.fixture.store.addAlertSilence(setup.tenant, silence, by: .operator)
        let held = try await setup.raise(1)
        let cleared = try await setup.raise(2)
        let listed = try await setup.fixture.store.alerts(
            setup.tenant, state: nil, issueKey: nil, after: nil, limit: 10)
        #expect(Set(listed.items.map(\.silenceID)) == [silence.id])
        #expect(listed.items.allSatisfy { $0.deliveries.isEmpty } && listed.items.count == 2)
        try await setup.fixture.store.driver.write {
            try $0.run("UPDATE alert_states SET is_firing = FALSE WHERE issue_id = '2'", [])
        }
        #expect(try await release(setup, at: silence.endsAt.adding(milliseconds: -1)) == [])
        #expect(try await release(setup, at: silence.endsAt) == [true])
        let sent = try await setup.deliver(at: silence.endsAt).flatMap { $0.alerts.map(\.id) }
        #expect(sent == [held.id] && !sent.contains(cleared.id))
        #expect(try await release(setup, at: silence.endsAt.adding(days: 1)) == [])
    }

    @Test func aSilenceThatIsEndedEarlyEndsThen() async throws {
        let setup = try await Setup()
        let store = setup.fixture.store
        let silence = silence(3600)
        try await store.addAlertSilence(setup.tenant, silence, by: .operator)
        try await setup.raise(1)
        let end = Self.start.adding(seconds: 60)
        let other = try await setup.fixture.makeTenant("other")
        #expect(try await store.expireAlertSilence(other, silenceID: silence.id, by: .operator, now: end) == nil)
        let ended = try await store.expireAlertSilence(setup.tenant, silenceID: silence.id, by: .operator, now: end)
        #expect(ended?.endsAt == end && ended?.state(at: end) == .expired)
        #expect(try await release(setup, at: end) == [true])
        #expect(try await setup.deliver(at: end).count == 1)
        let page = try await store.alertSilences(setup.tenant, after: nil, limit: 10)
        #expect(page.items.map(\.id) == [silence.id])
    }

    @Test func whatAnotherSilenceStillKeepsBackWaitsForThatOne() async throws {
        let setup = try await Setup()
        let (short, long) = (silence(60), silence(7200))
        for silence in [short, long] {
            try await setup.fixture.store.addAlertSilence(setup.tenant, silence, by: .operator)
        }
        try await setup.raise(1)
        _ = try await release(setup, at: short.endsAt)
        #expect(try await setup.deliver(at: short.endsAt).isEmpty)
        _ = try await release(setup, at: long.endsAt)
        #expect(try await setup.deliver(at: long.endsAt).count == 1)
    }

    @Test func routesAndQuietHoursAreKeptAsTheyWereSaved() async throws {
        let setup = try await Setup()
        let store = setup.fixture.store
        #expect(try await store.alertRoute(setup.tenant) == AlertRoute())
        var channel = try #require(try await store.alertChannels(setup.tenant).first)
        channel.quietHours = QuietHours(
            timeZone: "Europe/Warsaw", spans: [.init(weekdays: [6, 7], from: 0, to: 1440)],
            dates: [try #require(CalendarDay("2026-12-25"))], breakthrough: .high)
        try await store.saveAlertChannel(setup.tenant, channel, by: .operator)
        let root = AlertRoute(
            groupBy: .project, groupWait: 10,
            routes: [
                AlertRoute(
                    matchers: [AlertMatcher(name: .issueType, isEqual: false, values: ["Bug"])],
                    channelIDs: [channel.id], groupInterval: 60, repeatInterval: 3600, continues: true)
            ])
        try await store.saveAlertRoute(setup.tenant, root, by: .operator)
        let routing = try await store.alertRouting(setup.tenant, now: Self.start)
        #expect(routing.root == root && routing.channels == [channel])
    }
}

extension Alert {
    fileprivate mutating func changeSubject(_ id: IssueID, _ key: IssueKey) {
        guard case .issue(var issue) = subject else { return }
        (issue.issueID, issue.issueKey) = (id, key)
        subject = .issue(issue)
    }
}
