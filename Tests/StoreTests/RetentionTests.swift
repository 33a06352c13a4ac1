import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct RetentionTests {
    private let start = StoreFixture.start

    private func remove(
        _ fixture: StoreFixture, _ policy: RetentionPolicy = RetentionPolicy(), model: String = "wordlist-1",
        at now: Timestamp
    ) async throws -> [RetentionOutcome.Kind: Int] {
        let outcome = try await fixture.store.removeExpired(policy, currentModel: model, now: now) { true }
        #expect(outcome.isComplete)
        return outcome.removed
    }

    /// Keeps everything but what the test is about.
    private func only(_ change: (inout RetentionPolicy) -> Void) -> RetentionPolicy {
        var policy = RetentionPolicy()
        policy.payloadDays = nil
        policy.webhookDays = nil
        policy.rejectedDays = nil
        policy.historyDays = nil
        policy.usageDays = nil
        policy.alertDays = nil
        policy.deletedIssueDays = nil
        policy.unusedReadingDays = nil
        policy.auditDays = nil
        policy.unusedUserDays = nil
        change(&policy)
        return policy
    }

    @Test func whatIsKeptForEverOutlivesEverything() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let before = try await fixture.rowCounts(of: tenant)
        #expect(try await remove(fixture, only { _ in }, model: "another", at: start.adding(days: 40_000)) == [:])
        #expect(try await fixture.rowCounts(of: tenant) == before)
        let bodiless = "SELECT COUNT(*) FROM webhook_events WHERE LENGTH(body) = 0 AND body_id IS NULL"
        #expect(try await fixture.count(bodiless) == 0)
    }

    @Test func theDefaultsRemoveNothingThatIsAMonthOld() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let before = try await fixture.rowCounts(of: tenant)
        #expect(try await remove(fixture, at: start.adding(days: 30)) == [:])
        #expect(try await fixture.rowCounts(of: tenant) == before)
    }

    @Test func aDeliveryIsRecognisedAfterItsBodyIsGoneUntilItsRowGoesToo() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.take(.ignored, "d1", of: tenant, at: start)
        let policy = only {
            $0.payloadDays = 30
            $0.webhookDays = 60
        }
        #expect(try await remove(fixture, policy, at: start.adding(days: 30)) == [:])
        let later = start.adding(days: 30).adding(milliseconds: 1)
        #expect(try await remove(fixture, policy, at: later) == [.payloads: 1])
        #expect(try await fixture.count("SELECT SUM(LENGTH(body)) FROM webhook_events") == 0)
        #expect(try await remove(fixture, policy, at: later) == [:])
        #expect(try await fixture.take(.ignored, "d1", of: tenant, at: later) == .duplicate)
        let listed = try await fixture.store.webhookEvents(tenant, state: .ignored, after: nil, limit: 10).items
        #expect(listed.map(\.deliveryID) == ["d1"])

        #expect(try await remove(fixture, policy, at: start.adding(days: 61)) == [.webhooks: 1])
        #expect(try await fixture.take(.ignored, "d1", of: tenant, at: start.adding(days: 61)) == .stored)
    }

    @Test func webhooksThatWaitOrWereNotUnderstoodKeepTheirBodies() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.take(.issues(["1"]), "pending", of: tenant, at: start)
        try await fixture.take(.rejected(reason: "no issue.id"), "rejected", of: tenant, at: start)
        let policy = only {
            $0.payloadDays = 1
            $0.webhookDays = 1
            $0.rejectedDays = 400
        }
        #expect(try await remove(fixture, policy, at: start.adding(days: 400)) == [:])
        #expect(try await fixture.count("SELECT COUNT(*) FROM webhook_events WHERE LENGTH(body) > 0") == 2)
        #expect(try await remove(fixture, policy, at: start.adding(days: 401)) == [.rejected: 1])
        let claims = try await fixture.store.claimIssues(
            limit: 1, now: start.adding(days: 401), leaseUntil: start.adding(days: 402))
        #expect(try await fixture.store.loadWork(for: try #require(claims.first))?.pending.count == 1)
    }

    @Test func aWebhookKeepsItsBodyForTheDaysGivenWhateverItsAge() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var random = SeededGenerator(seed: 11)
        var ages: [String: Int] = [:]
        for index in 0..<450 {
            let age = Int.random(in: 0...120, using: &random)
            ages["d\(index)"] = age
            try await fixture.take(.ignored, "d\(index)", of: tenant, at: start.adding(days: -age))
        }
        let policy = only {
            $0.payloadDays = 40
            $0.webhookDays = 80
        }
        let removed = try await remove(fixture, policy, at: start)
        // The bodies of those that go altogether are removed first.
        #expect(removed[.payloads] == ages.values.count { $0 > 40 })
        #expect(removed[.webhooks] == ages.values.count { $0 > 80 })
        let left = try await fixture.store.driver.read { connection in
            try connection.query("SELECT delivery_id, LENGTH(body) FROM webhook_events", [])
                .map { (try $0.text(0), try $0.integer(1)) }
        }
        #expect(Set(left.map(\.0)) == Set(ages.filter { $0.value <= 80 }.keys))
        for (id, length) in left { #expect((length > 0) == (ages[id, default: 0] <= 40), "\(id)") }
    }

    @Test func largeBodiesGoInSmallerBatches() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<10 {
            var delivery = StoreFixture.delivery("d\(index)", of: tenant, size: 300)
            delivery.routing = .ignored
            _ = try await fixture.store.inbox.append(delivery)
        }
        let pauses = Counter()
        var batches = BatchSchedule(driver: fixture.store.driver) { await pauses.increment() }
        batches.bytes = 1000
        var pass = RetentionPass(
            batches: batches, policy: only { $0.payloadDays = 1 }, currentModel: "", now: start.adding(days: 2))
        try await pass.run()
        #expect(pass.outcome.removed == [.payloads: 10])
        // Three of 300 bytes in each of three batches and one in the last; a pause before the first and between them.
        #expect(await pauses.count == 4)
    }

    private actor Counter {
        private(set) var count = 0
        func increment() -> Bool {
            count += 1
            return true
        }
    }

    @Test func eachIssueKeepsItsNewestAnalysesAndWhatTrendsLookBackOn() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        var random = SeededGenerator(seed: 7)
        // Days before the start at which each issue was analyzed, and how much later that was written down.
        var analyses: [String: [(analyzed: Int, recorded: Int)]] = [:]
        for (index, owner) in [tenant, other, tenant, tenant, other, tenant].enumerated() {
            let id = IssueID("\(index)")
            let newest = [0, 50, 300, 900, 2000, 3000][index]
            for _ in 0..<120 {
                let analyzed = newest + Int.random(in: 0...1500, using: &random)
                let recorded = Bool.random(using: &random) ? analyzed : Int.random(in: 0...analyzed, using: &random)
                analyses["\(owner)/\(id)", default: []].append((analyzed, recorded))
                try await fixture.store.appendHistory(
                    tenantID: owner,
                    analysis: StoreFixture.analysis(
                        id, key: IssueKey("PAY-\(id)"), score: 10, at: start.adding(days: -analyzed)),
                    newReadings: [:], now: start.adding(days: -recorded))
            }
        }
        let scores = try await recentScores(fixture, [tenant, other])
        let removed = try await remove(fixture, only { $0.historyDays = 730 }, at: start)
        var expected: [String: Int] = [:]
        for (issue, rows) in analyses {
            let newest = try #require(rows.map(\.analyzed).min())
            expected[issue] = rows.count { $0.recorded <= 730 || $0.analyzed <= newest + 31 }
        }
        let total = analyses.values.reduce(0) { $0 + $1.count }
        let kept = expected.values.reduce(0, +)
        #expect(kept < total / 2)
        #expect(removed == [.history: total - kept])
        let left = try await fixture.store.driver.read { connection in
            try connection.query(
                "SELECT tenant_id, issue_id, COUNT(*) FROM analysis_history GROUP BY tenant_id, issue_id", []
            ).map { ("\(try $0.tenantID(0))/\(try $0.text(1))", try $0.integer(2)) }
        }
        #expect(Dictionary(uniqueKeysWithValues: left) == expected)
        #expect(try await recentScores(fixture, [tenant, other]) == scores)
        #expect(try await remove(fixture, only { $0.historyDays = 730 }, at: start) == [:])
    }

    /// What trends and spikes see of each issue.
    private func recentScores(_ fixture: StoreFixture, _ tenants: [TenantID]) async throws -> [[ScorePoint]] {
        try await fixture.store.driver.read { connection in
            try tenants.flatMap { tenant in
                try (0..<6).map { issue in
                    try IssueWorkStatements.load(
                        IssueID("\(issue)"), of: tenant, pendingLimit: 0, from: connection)?.recentScores ?? []
                }
            }
        }
    }

    @Test func usesOfTheCurrentMonthStayHoweverShortTheTerm() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let month = CalendarMonth(containing: start)
        let instants = [month.start.adding(milliseconds: -1), month.start, month.start.adding(days: 1)]
        for instant in instants {
            _ = try await fixture.store.reserveUsage(
                tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: instant),
                by: .system("test"),
                now: instant)
        }
        let lastDay = month.end.adding(milliseconds: -1)
        #expect(try await remove(fixture, only { $0.usageDays = 40 }, at: lastDay) == [:])
        #expect(try await remove(fixture, only { $0.usageDays = 1 }, at: lastDay) == [.usage: 1])
        #expect(try await fixture.store.usage(tenant, from: month.start, to: month.end).issue == 2)
        #expect(try await remove(fixture, only { $0.usageDays = 1 }, at: month.end.adding(days: 5)) == [.usage: 2])
    }

    @Test func anAlertThatStillWaitsIsKeptAndOthersGoWithTheirDeliveries() async throws {
        let fixture = try await StoreFixture()
        let delivered = try await fixture.makeFilledTenant("delivered")
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let (dead, waiting, silent) = (
            try await fixture.makeTenant("dead", rules: [rule]), try await fixture.makeTenant("waiting"),
            try await fixture.makeTenant("silent")
        )
        for tenant in [dead, waiting] {
            try await fixture.store.saveAlertChannel(
                tenant,
                AlertChannel(id: UUID(), kind: .slack, name: "c", target: "sealed", isEnabled: tenant == waiting),
                by: .system("test"))
        }
        for (index, tenant) in [dead, waiting, silent].enumerated() {
            try await fixture.scoreIssue(IssueID("\(index)"), key: "PAY-9", of: tenant, rule: rule, at: start)
        }
        let later = start.adding(days: 366)
        #expect(try await remove(fixture, only { $0.alertDays = 366 }, at: later) == [:])
        #expect(try await remove(fixture, only { $0.alertDays = 365 }, at: later) == [.alerts: 3])
        for tenant in [delivered, dead, silent] {
            let rows = try await fixture.rowCounts(of: tenant)
            #expect(rows["alerts"] == 0)
            #expect(rows["notifications"] == 0)
            #expect(rows["notification_alerts"] == 0)
        }
        #expect(try await fixture.rowCounts(of: waiting)["notifications"] == 1)
        #expect(try await fixture.store.claimDeliveries(limit: 9, now: later, leaseUntil: later).count == 1)
        // Whether a rule fires on an issue is no history.
        #expect(try await fixture.rowCounts(of: delivered)["alert_states"] == 1)
    }

    @Test func anIssueDeletedLongAgoGoesWithAllThatBelongsToIt() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        try await fixture.scoreIssue("1", key: "PAY-1", of: tenant, rule: rule, at: start, isDeleted: true)
        try await fixture.scoreIssue("2", key: "PAY-2", of: tenant, rule: rule, at: start)
        let policy = only { $0.deletedIssueDays = 90 }
        // The term begins when the deletion is noticed, whatever the issue's own dates say.
        let noticed = start.adding(days: 200)
        #expect(try await remove(fixture, policy, at: noticed) == [:])
        #expect(try await remove(fixture, policy, at: noticed.adding(days: 90)) == [:])
        #expect(try await remove(fixture, policy, at: noticed.adding(days: 91)) == [.issues: 1])
        let tables = [
            "issue_snapshots", "issue_comments", "issue_changes", "issue_sprints", "alert_states", "analysis_history",
            "issue_texts",
        ]
        for table in tables {
            let ofIssue = "SELECT COUNT(*) FROM \(table) WHERE tenant_id = ? AND issue_id = ?"
            #expect(try await fixture.count(ofIssue, [.tenant(tenant), .text("1")]) == 0, "\(table)")
            #expect(try await fixture.count(ofIssue, [.tenant(tenant), .text("2")]) > 0, "\(table)")
        }
        // The alerts have a term of their own.
        #expect(try await fixture.rowCounts(of: tenant)["alerts"] == 2)
    }

    @Test func aDeletedIssueWithNewsStaysUntilTheyAreWorkedOff() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await fixture.scoreIssue("1", key: "PAY-1", of: tenant, at: start, isDeleted: true)
        let policy = only { $0.deletedIssueDays = 1 }
        #expect(try await remove(fixture, policy, at: start) == [:])
        let later = start.adding(days: 10)
        try await fixture.take(.issues(["1"]), "late", of: tenant, at: later)
        #expect(try await remove(fixture, policy, at: later) == [:])
        let claims = try await fixture.store.claimIssues(limit: 9, now: later, leaseUntil: later.adding(seconds: 60))
        let claim = try #require(claims.first)
        let work = try await fixture.store.loadWork(for: claim)
        #expect(work?.state?.comments.count == 3)
        try await fixture.store.commit(
            StoreFixture.result(work, id: "1", score: 10, now: later), for: claim)
        #expect(try await remove(fixture, policy, at: later) == [.issues: 1])
    }

    @Test func readingsGoOnceTheirModelIsOutOfUse() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let issues = [("1", "old"), ("2", "older"), ("3", "now")]
        for (id, model) in issues {
            try await fixture.scoreIssue(IssueID(id), key: IssueKey("PAY-\(id)"), of: tenant, at: start, model: model)
        }
        let policy = only { $0.unusedReadingDays = 30 }
        let later = start.adding(days: 31)
        #expect(try await remove(fixture, policy, model: "now", at: later) == [:])
        // The issue of the older model is read anew.
        try await fixture.scoreIssue("2", key: "PAY-2", of: tenant, at: later, model: "now")
        #expect(try await remove(fixture, policy, model: "now", at: start.adding(days: 29)) == [:])
        #expect(try await remove(fixture, policy, model: "now", at: later) == [.readings: 1])
        let left = try await fixture.store.driver.read { connection in
            try connection.query("SELECT DISTINCT model_id FROM sentiment_cache ORDER BY model_id", [])
                .map { try $0.text(0) }
        }
        #expect(left == ["now", "old"])
    }

    @Test func aPassThatIsToldToStopIsGoneOnWithLater() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<450 { try await fixture.take(.ignored, "d\(index)", of: tenant, at: start) }
        let later = start.adding(days: 31)
        let pauses = Counter()
        let outcome = try await fixture.store.removeExpired(RetentionPolicy(), currentModel: "", now: later) {
            _ = await pauses.increment()
            return await pauses.count < 2
        }
        #expect(outcome.isComplete == false)
        #expect(outcome.removed == [.payloads: 200])
        #expect(try await remove(fixture, at: later) == [.payloads: 250])
    }

    /// A search that reads a whole table would take long in each of many batches.
    @Test(.enabled(if: !StoreFixture.isShared, "the plans are SQLite's")) func everySearchForExpiredRowsUsesAnIndex()
        async throws
    {
        let fixture = try await StoreFixture()
        let searches = [
            """
            SELECT id, LENGTH(body) FROM webhook_events WHERE body_removed_at IS NULL
                AND state IN ('applied', 'ignored') AND received_at < ? ORDER BY received_at LIMIT 200
            """: "webhook_events_bodies (received_at<?)",
            """
            SELECT id, LENGTH(body) FROM webhook_events WHERE body_removed_at IS NOT NULL AND received_at < ?
            ORDER BY received_at LIMIT 200
            """: "webhook_events_bodiless (received_at<?)",
            "SELECT id FROM webhook_events WHERE state = 'rejected' AND received_at < ? ORDER BY received_at LIMIT 200":
                "webhook_events_rejected_since (received_at<?)",
            """
            SELECT h.id, h.recorded_at, h.analyzed_at FROM analysis_history AS h
            WHERE h.recorded_at < ? ORDER BY h.recorded_at, h.id LIMIT 200
            """: "COVERING INDEX analysis_history_recorded (recorded_at<?)",
            "SELECT id FROM usage_logs WHERE created_at < ? ORDER BY created_at LIMIT 200":
                "usage_logs_created (created_at<?)",
            "SELECT id FROM alerts WHERE created_at < ? ORDER BY created_at LIMIT 200": "alerts_created (created_at<?)",
            """
            SELECT tenant_id, issue_id FROM issue_snapshots WHERE is_deleted AND deletion_seen_at < ?
            ORDER BY deletion_seen_at, tenant_id, issue_id LIMIT 200
            """: "issue_snapshots_deleted (deletion_seen_at<?)",
            """
            DELETE FROM issue_comments WHERE tenant_id = 'x' AND (issue_id, comment_id) IN (
                SELECT issue_id, comment_id FROM issue_comments WHERE tenant_id = ? LIMIT 200)
            """: "(tenant_id=? AND issue_id=? AND comment_id=?)",
        ]
        for (sql, index) in searches {
            let plan = try await fixture.store.driver.read { connection in
                try connection.query("EXPLAIN QUERY PLAN \(sql)", [.text("2026-01-01T00:00:00.000Z")])
                    .map { try $0.text(3) }
            }
            #expect(plan.contains { $0.contains(index) }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}
