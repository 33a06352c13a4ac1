import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What a clock that was wrong has written is brought back, and nothing else.
@Suite struct FutureInstantsTests {
    private let now = StoreFixture.start

    private func instants(_ store: RiskStore, _ table: String, _ column: String) async throws -> [Timestamp?] {
        try await store.driver.read { connection in
            try connection.query("SELECT \(column) FROM \(table)", []).map { try $0.optionalTimestamp(0) }
        }
    }

    private func change(_ store: RiskStore, _ statement: String, _ arguments: [SQLValue] = []) async throws {
        try await store.driver.write { try $0.run(statement, arguments) }
    }

    @Test func workIsDueAgain() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let far = SQLValue.timestamp(now.adding(days: 366))
        try await change(store, "UPDATE tenants SET late_until = ?", [far])
        try await change(store, "UPDATE issue_queue SET due_at = ?, lease_token = 'x', leased_until = ?", [far, far])
        try await change(store, "UPDATE jira_access SET due_at = ?, swept_at = ?, sweep_due_at = ?", [far, far, far])
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) > 0)
        #expect(try await instants(store, "tenants", "late_until") == [nil])
        #expect(try await store.claimIssues(limit: 1, now: now, leaseUntil: now.adding(seconds: 60)).count == 1)
        #expect(try await instants(store, "jira_access", "due_at") == [now])
        #expect(try await instants(store, "jira_access", "swept_at") == [now.adding(days: -7)])
        let claim = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        #expect(claim.isFullSweepAsked)
    }

    @Test func forecastsAsOfTheFutureAreMadeAgain() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        for id in ["1", "2"] as [IssueID] {
            try await fixture.scoreIssue(id, key: IssueKey("PAY-\(id)"), of: tenant, at: now)
        }
        try await store.saveBasis(ForecastBasis(pace: [1], asOf: now, finished: 80), of: tenant, at: now)
        try await store.saveForecasts(
            [("1", now), ("2", now.adding(days: 366))].map {
                ForecastRecord(issueID: $0, modelID: "prior", asOf: $1, payload: "{}")
            }, of: tenant)
        let claim = try #require(
            try await store.claimForecastRefresh(now: now, leaseUntil: now.adding(seconds: 60)))
        let basis = try #require(try await store.forecastBasisID(tenant))
        try await store.finish(claim, with: basis, at: now.adding(days: 366))
        #expect(try await store.claimForecastRefresh(now: now, leaseUntil: now.adding(seconds: 60)) == nil)
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) > 0)
        #expect(try await store.forecasts(tenant, of: ["1", "2"]).keys.map(\.rawValue) == ["1"])
        #expect(try await store.claimForecastRefresh(now: now, leaseUntil: now.adding(seconds: 60)) != nil)
    }

    @Test func whatIsDueInGoodTimeIsLeftAlone() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let claim = try await fixture.claim("10001", of: tenant, at: now)
        let work = try await store.loadWork(for: claim)
        // Its next turning point is months ahead.
        let turning = now.adding(days: 100)
        try await store.commit(
            StoreFixture.result(work, id: "10001", score: 10, now: now, requeueAt: turning), for: claim)
        try await change(store, "UPDATE tenants SET late_until = ?", [.timestamp(now.adding(seconds: 10))])
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: true) == 0)
        #expect(try await instants(store, "issue_queue", "due_at") == [turning])
        #expect(try await instants(store, "tenants", "late_until") == [now.adding(seconds: 10)])
    }

    @Test func anAnalysisAsOfTheFutureIsMadeAgain() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let later = now.adding(days: 366)
        let claim = try await fixture.claim("10001", of: tenant, at: later)
        let work = try await store.loadWork(for: claim)
        // Nothing changes it any more: it left the queue.
        try await store.commit(StoreFixture.result(work, id: "10001", score: 90, now: later), for: claim)
        try await store.appendHistory(
            tenantID: tenant, analysis: StoreFixture.analysis("10001", key: "PAY-1", score: 91, at: later),
            newReadings: [:], now: later)
        #expect(try await instants(store, "issue_queue", "due_at").isEmpty)
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) > 0)
        let due = try await store.claimIssues(limit: 10, now: now, leaseUntil: now.adding(seconds: 60))
        #expect(due.map(\.issueID) == ["10001"])
        #expect(try await store.loadWork(for: due[0])?.rescoreFrom == now)
        // The one that was asked for is gone; the other goes when the issue is analysed again.
        #expect(try await instants(store, "analysis_history", "analyzed_at") == [later])
        #expect(try await instants(store, "webhook_events", "received_at") == [now])
    }

    @Test func aDeliveryOfTheFutureIsDueAndOneThatBacksOffIsNot() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let channel = AlertChannel(id: UUID(), kind: .email, name: "team", target: "sealed")
        try await store.saveAlertChannel(tenant, channel, by: .system("test"))
        for (id, dueAt) in [(UUID(), now.adding(days: 800)), (UUID(), now.adding(seconds: 24 * 3600))] {
            try await change(
                store,
                """
                INSERT INTO notifications (id, tenant_id, channel_id, channel_name, channel_kind, group_key, notify_at,
                    state, attempts, due_at) VALUES (?, ?, ?, 'team', 'email', 'x', ?, 'queued', 3, ?)
                """, [.uuid(id), .tenant(tenant), .uuid(channel.id), .timestamp(now), .timestamp(dueAt)])
        }
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) == 1)
        let due = try await instants(store, "notifications", "due_at").compactMap(\.self).sorted()
        #expect(due == [now, now.adding(seconds: 24 * 3600)])
    }

    /// They would count again in the month that the clock had named.
    @Test func usesOfTheFutureCountForThisMonthAlone() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ahead = now.adding(days: 365)
        _ = try await store.reserveUsage(
            tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: ahead), by: .system("test"),
            now: ahead)
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: true) == 1)
        for (instant, uses) in [(now, 1), (ahead, 0)] {
            let month = CalendarMonth(containing: instant)
            #expect(try await store.usage(tenant, from: month.start, to: month.end).issue == uses)
        }
    }

    /// A write to Stripe that was stopped under that clock would keep every other one waiting until then.
    @Test func anOpenWriteToStripeOfTheFutureIsGivenUpInTime() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        func begin(_ kind: StripeIntent.Kind, at now: Timestamp) async throws -> StripeIntentStart? {
            try await store.beginStripeIntent(
                kind, of: tenant, parameters: "", resumableSince: nil,
                busySince: now.adding(seconds: -StripeIntent.busySeconds), by: .operator, now: now)
        }
        _ = try await begin(.upgrade, at: now.adding(days: 365))
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) == 1)
        #expect(try await begin(.cancel, at: now) == .busy)
        let after = try await begin(.cancel, at: now.adding(seconds: 91))
        #expect(after != nil && after != .busy)
    }

    @Test func theStoreRemembersWhenItWasInUseAndWhatAnOperatorConfirmed() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        #expect(try await store.clockRecord() == ClockRecord())
        let node = StoreNode(host: "h", version: "1", startedAt: now)
        func beat(_ note: ClockNote) async throws -> ClockRecord {
            try await store.heartbeat(of: node, now: now, clock: note).clock
        }
        #expect(try await beat(ClockNote(trustedAt: now)) == ClockRecord(trustedAt: now))
        let far = now.adding(days: 30)
        #expect(
            try await beat(ClockNote(trustedAt: nil, doubtedAt: far))
                == ClockRecord(trustedAt: now, doubtedAt: far))
        try await store.confirmClock(at: far, by: .operator)
        #expect(try await store.clockRecord() == ClockRecord(trustedAt: far, confirmedAt: far))
        let counted = now.adding(seconds: 60)
        #expect(
            try await beat(ClockNote(trustedAt: counted, doubtedAt: far, isCounting: true))
                == ClockRecord(trustedAt: counted, doubtedAt: far, isCounting: true, confirmedAt: far))
    }
}
