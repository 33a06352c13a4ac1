import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What is to be written to Jira, as rows.
@Suite struct WriteBackTests {
    private let now = StoreFixture.start

    /// A tenant that writes, with these issues, by their scores.
    private func makeTenant(
        of fixture: StoreFixture, _ settings: WriteBackSettings = WriteBackSettings(target: .property),
        scores: [(IssueID, Int)]
    ) async throws -> TenantID {
        let tenant = try await fixture.makeTenant()
        #expect(try await fixture.store.setWriteBack(tenant, settings, by: .system("test"), now: now))
        for (id, score) in scores { try await self.score(id, score, of: tenant, in: fixture) }
        try await fixture.store.driver.write { connection in
            try connection.run(
                "UPDATE jira_access SET swept_at = ? WHERE tenant_id = ?",
                [.timestamp(StoreFixture.start), .tenant(tenant)])
        }
        return tenant
    }

    private func score(_ id: IssueID, _ score: Int, of tenant: TenantID, in fixture: StoreFixture) async throws {
        let claim = try await fixture.claim(id, of: tenant, at: now)
        let work = try await fixture.store.loadWork(for: claim)
        let result = StoreFixture.result(work, id: id, key: IssueKey("PAY-\(id)"), score: score, now: now)
        try await fixture.store.commit(result, for: claim)
        try await set("whole_at = created", of: [id], tenant, in: fixture)
    }

    private func set(
        _ assignment: String, of ids: [IssueID], _ tenant: TenantID, in fixture: StoreFixture
    ) async throws {
        try await fixture.store.driver.write { connection in
            for id in ids {
                try connection.run(
                    "UPDATE issue_snapshots SET \(assignment) WHERE tenant_id = ? AND issue_id = ?",
                    [.tenant(tenant), .id(id)])
            }
        }
    }

    private func ownWrites(of tenant: TenantID, in fixture: StoreFixture) async throws -> OwnWrites {
        try #require(try await fixture.store.jiraCredentials(tenant)).own
    }

    private func claimed(_ fixture: StoreFixture, at instant: Timestamp) async throws -> WriteBackClaim? {
        try await fixture.store.claimWriteBack(now: instant, leaseUntil: instant.adding(seconds: 60))
    }

    private func write(
        _ score: Int, to id: IssueID, _ claim: WriteBackClaim, in fixture: StoreFixture, window: ClosedRange<Int>
    ) async throws {
        try await fixture.store.record(
            .written(WrittenRisk(score: score), WriteWindow(scores: window)), of: id, under: claim, nextAt: now,
            leaseUntil: now.adding(seconds: 60), now: now)
    }

    @Test func whatIsCurrentIsDueOnceAndAgainOnlyOutsideItsWindow() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80), ("2", 30)])
        let claim = try #require(try await claimed(fixture, at: now))
        let due = try await fixture.store.dueWrites(claim, limit: 10, now: now)
        #expect(due.map(\.issueID) == ["1", "2"] && due.map { $0.risk?.score } == [80, 30])
        for issue in due {
            let score = issue.risk?.score ?? 0
            try await write(score, to: issue.issueID, claim, in: fixture, window: score - 4...score + 4)
        }
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).isEmpty)
        try await set("risk_score = 84", of: ["1"], tenant, in: fixture)
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).isEmpty)
        try await set("risk_score = 85", of: ["1"], tenant, in: fixture)
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).map(\.issueID) == ["1"])
    }

    @Test func restrictedDeletedAndHalfKnownIssuesAreNeverDue() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80), ("2", 70), ("3", 60), ("4", 50)])
        try await set("security_level = 'Board'", of: ["1"], tenant, in: fixture)
        try await set("is_deleted = TRUE", of: ["2"], tenant, in: fixture)
        try await set("whole_at = NULL", of: ["3"], tenant, in: fixture)
        let claim = try #require(try await claimed(fixture, at: now))
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).map(\.issueID) == ["4"])
    }

    @Test func aDoneIssueThatWasWrittenToIsClearedOnce() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80), ("2", 70)])
        let claim = try #require(try await claimed(fixture, at: now))
        try await write(80, to: "1", claim, in: fixture, window: 76...84)
        try await set("is_done = TRUE", of: ["1", "2"], tenant, in: fixture)
        let due = try await fixture.store.dueWrites(claim, limit: 10, now: now)
        #expect(due.map(\.issueID) == ["1"] && due.first?.risk == nil, "nothing was written to the other")
        try await fixture.store.record(
            .cleared, of: "1", under: claim, nextAt: now, leaseUntil: now.adding(seconds: 60), now: now)
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).isEmpty)
        try await set("is_done = FALSE", of: ["1"], tenant, in: fixture)
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).map(\.issueID) == ["1"])
    }

    @Test func aForecastThatAppearsGoesOrMovesIsDue() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80)])
        let (store, at) = (fixture.store, now.adding(days: 20))
        let claim = try #require(try await claimed(fixture, at: now))
        try await write(80, to: "1", claim, in: fixture, window: 76...84)
        func forecast(_ at: Timestamp?) async throws -> Bool {
            try await store.saveForecasts(
                [ForecastRecord(issueID: "1", modelID: "m", asOf: now, lateUsual: nil, p85At: at, payload: "{}")],
                of: tenant)
            return try await store.dueWrites(claim, limit: 10, now: now).first?.risk?.forecastAt == at
        }
        #expect(try await forecast(at))
        try await store.record(
            .written(
                WrittenRisk(score: 80, forecastAt: at),
                WriteWindow(
                    scores: 76...84, forecastAfter: at.adding(days: -3), forecastBefore: at.adding(days: 3))),
            of: "1", under: claim, nextAt: now, leaseUntil: now.adding(seconds: 60), now: now)
        #expect(try await store.dueWrites(claim, limit: 10, now: now).isEmpty)
        #expect(try await forecast(at.adding(days: 2)) == false)
        #expect(try await forecast(at.adding(days: 3)))
        _ = try await forecast(nil)
        #expect(try await store.dueWrites(claim, limit: 10, now: now).map(\.issueID) == ["1"])
    }

    @Test func oneNodeWritesAtATimeAndALostLeaseRecordsNothing() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80)])
        let store = fixture.store
        let first = try #require(try await claimed(fixture, at: now))
        #expect(try await claimed(fixture, at: now) == nil)
        let later = now.adding(seconds: 61)
        let second = try #require(try await claimed(fixture, at: later))
        await #expect(throws: StorageError.self) {
            try await write(80, to: "1", first, in: fixture, window: 76...84)
        }
        #expect(try await store.writeBackStatus(tenant)?.written == 0)
        try await store.release(
            second, dueAt: later, hasFailed: false, stop: (later.adding(seconds: 3600), "Jira refuses it"))
        #expect(try await claimed(fixture, at: later) == nil)
        #expect(try await store.jiraAccessFigures(sweptBefore: now, now: later).refusedWrites == 1)
        #expect(try await store.writeBackStatus(tenant)?.stoppedReason == "Jira refuses it")
        // Setting it again starts it again.
        _ = try await store.setWriteBack(
            tenant, WriteBackSettings(target: .property), by: .system("test"), now: later)
        #expect(try await claimed(fixture, at: later) != nil)
    }

    @Test func anotherJiraSiteIsNotWrittenToAndNothingOfTheOldOneIsKept() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let tenant = try await makeTenant(
            of: fixture, WriteBackSettings(target: .fields, fields: .init(score: "customfield_1")),
            scores: [("1", 80), ("2", 70)])
        #expect(try await store.beginJiraComment(tenant, on: "PAY-1", account: "bot", by: .operator, now: now))
        let claim = try #require(try await claimed(fixture, at: now))
        try await write(80, to: "1", claim, in: fixture, window: 76...84)
        #expect(try await store.mayWrite(to: "2", under: claim))
        _ = try await store.updateTenant(
            tenant, TenantChanges(jiraURL: "https://other.atlassian.net"), by: .operator, now: now)
        await #expect(throws: StorageError.self, "the visit that is under way ends before its next write") {
            _ = try await store.mayWrite(to: "2", under: claim)
        }
        let status = try await store.writeBackStatus(tenant)
        #expect(status?.settings == nil && status?.written == 0)
        #expect(try await claimed(fixture, at: now.adding(seconds: 3600)) == nil)
        _ = try await store.setWriteBack(tenant, WriteBackSettings(target: .property), by: .operator, now: now)
        #expect(try await ownWrites(of: tenant, in: fixture).isEmpty)
    }

    @Test func anotherTokenEndsTheLeaseAndTheStopAndKeepsTheRest() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let tenant = try await makeTenant(
            of: fixture, WriteBackSettings(target: .fields, fields: .init(score: "customfield_1")),
            scores: [("1", 80)])
        let first = try #require(try await claimed(fixture, at: now))
        try await write(80, to: "1", first, in: fixture, window: 76...84)
        try await store.release(
            first, dueAt: now, hasFailed: false, stop: (now.adding(seconds: 3600), "Jira refuses it"))
        _ = try await store.updateTenant(
            tenant, TenantChanges(jiraTokenEncrypted: "sealed"), by: .operator, now: now)
        let status = try await store.writeBackStatus(tenant)
        #expect(status?.stoppedReason == nil && status?.settings != nil && status?.written == 1)
        #expect(try await claimed(fixture, at: now) != nil)
        #expect(try await ownWrites(of: tenant, in: fixture).fields == ["customfield_1"])
    }

    @Test func anIssueThatIsRestrictedOrDeletedDuringALookIsNotWrittenTo() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80), ("2", 70), ("3", 60), ("4", 50)])
        let claim = try #require(try await claimed(fixture, at: now))
        #expect(try await fixture.store.dueWrites(claim, limit: 10, now: now).count == 4)
        try await set("security_level = 'Board'", of: ["1"], tenant, in: fixture)
        try await set("is_deleted = TRUE", of: ["2"], tenant, in: fixture)
        try await set("whole_at = NULL", of: ["3"], tenant, in: fixture)
        for (id, may) in [("1", false), ("2", false), ("3", false), ("4", true), ("5", false)] {
            #expect(try await fixture.store.mayWrite(to: IssueID(id), under: claim) == may, "\(id)")
        }
    }

    @Test func aCauseNamesNoOtherIssue() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80)])
        func cause(_ factors: [Factor]) async throws -> String? {
            let claim = try await fixture.claim("1", of: tenant, at: now)
            let work = try await fixture.store.loadWork(for: claim)
            var result = StoreFixture.result(work, id: "1", score: 80, now: now)
            let link = Evidence(kind: .link, id: "7", note: "SEC-5")
            result.analysis?.factors = factors
            result.analysis?.blockers = [
                Blocker(author: "Unknown", date: now, snippet: "SEC-5", categories: [], evidence: link)
            ]
            result.analysis?.blockerCount = 1
            try await fixture.store.commit(result, for: claim)
            try await set("whole_at = created", of: ["1"], tenant, in: fixture)
            let due = WriteBackClaim(
                tenantID: tenant, leaseToken: "none", attempts: 0, settings: WriteBackSettings(target: .property))
            return try await fixture.store.dueWrites(due, limit: 10, now: now).first?.risk?.cause
        }
        let upstream = Factor(
            name: .upstream, points: 60, cap: 100, explanation: "Blocked by SEC-5, whose own risk is 90.")
        let blockers = Factor(
            name: .blockers, points: 20, cap: 100, explanation: "1 open blocker: the link \"SEC-5\".")
        #expect(try await cause([blockers, upstream]) == "1 open blocker: an issue link.")
        #expect(try await cause([upstream]) == nil)
    }

    @Test func whatWasRefusedComesLastAndSomeProjectsAreLeftOut() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80), ("2", 70), ("3", 60)])
        let claim = try #require(try await claimed(fixture, at: now))
        try await set("project_key = 'PAY'", of: ["1", "2", "3"], tenant, in: fixture)
        #expect(try await store.hasOneProject(tenant))
        try await store.record(
            .refused("no such field"), of: "1", under: claim, nextAt: now, leaseUntil: now.adding(seconds: 60),
            now: now)
        let due = try await store.dueWrites(claim, limit: 10, now: now)
        #expect(due.map(\.issueID) == ["2", "3", "1"] && due.map(\.attempts) == [0, 0, 1])
        #expect(due.map(\.projectKey) == ["PAY", "PAY", "PAY"])
        try await set("project_key = 'OPS'", of: ["2"], tenant, in: fixture)
        #expect(try await store.hasOneProject(tenant) == false)
        let others = try await store.dueWrites(claim, except: ["OPS", "X"], limit: 10, now: now)
        #expect(others.map(\.issueID) == ["3", "1"])
    }

    @Test func whatIsDueIsFoundInAnIndexThatHoldsAllThatIsAsked() async throws {
        let fixture = try await StoreFixture()
        // PostgreSQL's planner goes by what is stored.
        guard !StoreFixture.isShared else { return }
        _ = try await makeTenant(of: fixture, scores: [("1", 80)])
        let claim = try #require(try await claimed(fixture, at: now))
        let query = WriteBackStatements.due(claim, except: ["OPS"], limit: 10, now: now)
        let plan = try await fixture.store.driver.read { connection in
            try connection.query("EXPLAIN QUERY PLAN \(query.sql)", query.arguments)
                .map { try $0.text(3) }.joined(separator: "; ")
        }
        #expect(plan.contains("COVERING INDEX issue_snapshots_write_back"), "\(plan)")
    }

    @Test(arguments: [Tenant.Status.suspended, .cancelled])
    func suspendedAndCancelledTenantsAreNotWrittenFor(status: Tenant.Status) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80)])
        func set(_ status: Tenant.Status) async throws {
            try await fixture.store.driver.write { connection in
                try connection.run(
                    "UPDATE tenants SET status = ? WHERE id = ?", [.text(status.rawValue), .tenant(tenant)])
            }
        }
        try await set(status)
        #expect(try await claimed(fixture, at: now) == nil)
        try await set(.active)
        #expect(try await claimed(fixture, at: now) != nil)
    }

    @Test func whatAWrongClockPutOffIsDueAgain() async throws {
        let fixture = try await StoreFixture()
        _ = try await makeTenant(of: fixture, scores: [("1", 80)])
        let (store, far) = (fixture.store, now.adding(days: 366))
        let claim = try #require(try await claimed(fixture, at: now))
        try await store.record(
            .refused("no such field"), of: "1", under: claim, nextAt: far, leaseUntil: far, now: now)
        try await store.release(claim, dueAt: far, hasFailed: false, stop: (far, "refused"))
        #expect(try await claimed(fixture, at: now) == nil)
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) >= 2)
        let next = try #require(try await claimed(fixture, at: now))
        #expect(try await store.dueWrites(next, limit: 10, now: now).map(\.attempts) == [1])
    }

    @Test func fieldsThatWereEverWrittenToStayKnown() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let tenant = try await makeTenant(
            of: fixture, WriteBackSettings(target: .fields, fields: .init(score: "customfield_1")),
            scores: [("1", 80)])
        let claim = try #require(try await claimed(fixture, at: now))
        try await write(80, to: "1", claim, in: fixture, window: 76...84)
        _ = try await store.setWriteBack(
            tenant, WriteBackSettings(target: .fields, fields: .init(score: "customfield_2")), by: .system("test"),
            now: now)
        #expect(try await ownWrites(of: tenant, in: fixture).fields == ["customfield_1", "customfield_2"])
        let next = try #require(try await claimed(fixture, at: now))
        #expect(try await store.dueWrites(next, limit: 10, now: now).map(\.issueID) == ["1"], "to the other field")
        #expect(try await store.beginJiraComment(tenant, on: "PAY-1", account: "bot", by: .operator, now: now))
        #expect(try await store.endWriteBack(tenant, by: .operator, now: now))
        #expect(try await store.endWriteBack(tenant, by: .operator, now: now) == false)
        #expect(try await store.beginJiraComment(tenant, on: "PAY-1", account: "b2", by: .operator, now: now) == false)
        let own = try await ownWrites(of: tenant, in: fixture)
        #expect(own == OwnWrites(fields: ["customfield_1", "customfield_2"], accounts: ["bot"]))
        let work = try await store.loadIssue(tenantID: tenant, key: "PAY-1")
        #expect(work?.tenant.own == own)
        #expect(work?.tenant.fields == nil, "nothing was discovered: the host's fields are read")
    }

    @Test func anIssueIsAsNewAsJiraDatesItWithOwnWrites() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await makeTenant(of: fixture, scores: [("1", 80)])
        let claim = try await fixture.claim("1", of: tenant, at: now)
        var result = StoreFixture.result(try await fixture.store.loadWork(for: claim), id: "1", score: 80, now: now)
        let at = now.adding(seconds: 900)
        result.state.changes["9/0"] = Change(
            id: "9/0", at: at, author: .consilod, field: "Risk score", from: nil, fromString: nil, to: nil,
            toString: nil)
        try await fixture.store.commit(result, for: claim)
        #expect(try await fixture.store.issueOutlines(tenant, ["1"])["1"]?.updated == at)
        #expect(try await fixture.store.issueState(tenant, "1")?.lastOwnAt == at)
    }
}
