import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Which sprint is meant, and which issues are or were in it.
@Suite struct SprintScopeTests {
    private let start = StoreFixture.start

    /// Commits an issue whose field was told `toldAt` seconds after the start.
    private func commit(
        _ fixture: StoreFixture, of tenant: TenantID, _ number: Int, project: String = "PAY", sprints: [Sprint]?,
        toldAt: Int64 = 0, changes: [Change] = [], isDeleted: Bool = false
    ) async throws {
        let id = IssueID("\(number)")
        let delivery = StoreFixture.delivery(UUID().uuidString, of: tenant, issues: [id])
        _ = try await fixture.store.inbox.append(delivery)
        let claim = try #require(
            try await fixture.store.claimIssues(
                limit: 10, now: start.adding(days: 1), leaseUntil: start.adding(days: 2)
            ).first { $0.issueID == id })
        let key = IssueKey("\(project)-\(number)")
        var result = StoreFixture.result(
            try await fixture.store.loadWork(for: claim), id: id, key: key, score: number % 100)
        let told = start.adding(seconds: toldAt)
        result.state.fields.key = Versioned(key, Version(at: told, sentAt: told))
        if let sprints { result.state.fields.sprints = Versioned(sprints, Version(at: told, sentAt: told)) }
        for change in changes { result.state.changes[change.id] = change }
        result.state.isDeleted = isDeleted
        result.sprintRecords = try await fixture.store.sprintRecords(
            tenantID: tenant, sprintIDs: result.state.sprintIDs)
        try await fixture.store.commit(result, for: claim)
    }

    private func change(_ id: Int, _ from: String?, _ to: String?, field: String = "Sprint") -> Change {
        Change(
            id: ChangeID("\(id)/0"), at: start.adding(seconds: Int64(id)), author: nil, field: field, from: from,
            fromString: from, to: to, toString: to)
    }

    private func webhook(_ sprint: Sprint, at seconds: Int64, deleted: Bool = false, of tenant: TenantID)
        -> WebhookDelivery
    {
        var delivery = StoreFixture.delivery(UUID().uuidString, of: tenant, at: start.adding(seconds: seconds))
        delivery.routing = .sprint(sprint, deleted: deleted)
        return delivery
    }

    private func sprint(_ id: String, _ name: String, _ state: String = "active") -> Sprint {
        Sprint(id: id, name: name, state: state, boardID: "3", startDate: start, endDate: start.adding(days: 14))
    }

    @Test func findsASprintByItsNameInAnyCaseWithoutAnyWebhookOfIt() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        try await commit(fixture, of: tenant, 1, sprints: [sprint("7", "Überholung 7"), sprint("6", "Six", "closed")])
        try await commit(fixture, of: other, 2, sprints: [sprint("9", "Überholung 7")])
        try await commit(fixture, of: tenant, 3, project: "OPS", sprints: [sprint("8", "Ops")])

        let store = fixture.store
        #expect(
            try await store.sprints(tenant, projectKey: "PAY", named: "üBERHOLUNG 7") == [sprint("7", "Überholung 7")])
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: nil).map(\.id) == ["7"])
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "six").map(\.state) == ["closed"])
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "Ops").isEmpty)
        #expect(try await store.sprints(tenant, projectKey: "OPS", named: "ops").map(\.id) == ["8"])
    }

    @Test func theNewestWordOnASprintCountsWhoeverSaidIt() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        // An old copy still calls it active.
        try await commit(fixture, of: tenant, 1, sprints: [sprint("7", "Seven")], toldAt: 10)
        try await commit(fixture, of: tenant, 2, sprints: [sprint("7", "Seven", "closed")], toldAt: 20)
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: nil).isEmpty)
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "seven").map(\.state) == ["closed"])

        _ = try await store.inbox.append(webhook(sprint("7", "Seven, renamed"), at: 15, of: tenant))
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "seven").map(\.state) == ["closed"])
        _ = try await store.inbox.append(webhook(sprint("7", "Reopened"), at: 30, of: tenant))
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: nil).map(\.name) == ["Reopened"])
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "reopened").map(\.id) == ["7"])
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "seven").isEmpty)
        _ = try await store.inbox.append(webhook(sprint("7", "Reopened"), at: 40, deleted: true, of: tenant))
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: "reopened").isEmpty)
    }

    @Test func aSprintThatEveryoneLeftIsFoundByItsWebhook() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(
            fixture, of: tenant, 1, sprints: [], toldAt: 9, changes: [change(1, nil, "7"), change(2, "7", "")])
        #expect(try await fixture.store.sprints(tenant, projectKey: "PAY", named: "Seven").isEmpty)
        _ = try await fixture.store.inbox.append(webhook(sprint("7", "Seven"), at: 5, of: tenant))
        #expect(try await fixture.store.sprints(tenant, projectKey: "PAY", named: "Seven").map(\.id) == ["7"])
        // No issue of this project was ever in it.
        #expect(try await fixture.store.sprints(tenant, projectKey: "OPS", named: "Seven").isEmpty)
    }

    @Test func formerMembersComeWithTheirChanges() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        try await commit(fixture, of: tenant, 11, sprints: [sprint("7", "Seven")], toldAt: 5)
        try await commit(
            fixture, of: tenant, 12, sprints: [sprint("8", "Eight")], toldAt: 9,
            changes: [
                change(3, "6, 7", "8"), change(4, "To Do", "Done", field: "status"),
                change(5, "a", "b", field: "labels"),
            ])
        try await commit(fixture, of: tenant, 13, sprints: [sprint("7", "Seven")], isDeleted: true)
        try await commit(fixture, of: tenant, 14, project: "OPS", sprints: [sprint("7", "Seven")])
        try await commit(fixture, of: other, 15, sprints: [sprint("7", "Seven")])

        let found = try await fixture.store.sprintIssues(tenant, projectKey: "PAY", sprintID: "7")
        #expect(found.map(\.issue.key) == ["PAY-11", "PAY-12"])
        #expect(found.map(\.isMember) == [true, false])
        #expect(found.map(\.toldAt) == [start.adding(seconds: 5), start.adding(seconds: 9)])
        #expect(found.map(\.riskScore) == [11, 12])
        #expect(found[1].issue.changes.map(\.field).sorted() == ["Sprint", "status"])
        #expect(found[1].issue.changes.contains { $0.sprintIDsBefore == ["6", "7"] && $0.sprintIDsAfter == ["8"] })
        #expect(
            try await fixture.store.sprintIssues(tenant, projectKey: "PAY", sprintID: "6").map(\.isMember) == [false])
    }

    /// The rows follow the issue's state, not the way it came about.
    @Test func rowsOfAnIssueAreTheSameWhicheverWayItCame() async throws {
        let fixture = try await StoreFixture()
        let (a, b) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let changes = [change(1, "", "6"), change(2, "6", "7"), change(3, "7", "7, 8")]
        try await commit(fixture, of: a, 1, sprints: [sprint("6", "Six")], toldAt: 1, changes: [changes[0]])
        try await commit(
            fixture, of: a, 1, sprints: [sprint("7", "Seven"), sprint("8", "Eight")], toldAt: 3, changes: changes)
        try await commit(
            fixture, of: b, 1, sprints: [sprint("7", "Seven"), sprint("8", "Eight")], toldAt: 3, changes: changes)
        func rows(_ tenant: TenantID) async throws -> [[SQLValue]] {
            try await fixture.store.driver.read { connection in
                try connection.query(
                    """
                    SELECT sprint_id, is_member, project_key, name, name_key, state, board_id, start_date, end_date,
                        complete_date
                    FROM issue_sprints WHERE tenant_id = ? ORDER BY sprint_id
                    """, [.tenant(tenant)]
                ).map(\.values)
            }
        }
        let expected = try await rows(b)
        #expect(expected.count == 3)
        #expect(try await rows(a) == expected)
    }

    @Test func onlyProjectsWithALivingIssueAreKnown() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        try await commit(fixture, of: tenant, 1, sprints: nil)
        try await commit(fixture, of: tenant, 2, project: "OLD", sprints: nil, isDeleted: true)
        #expect(try await fixture.store.knowsProject(tenant, projectKey: "PAY"))
        #expect(try await !fixture.store.knowsProject(tenant, projectKey: "OLD"))
        #expect(try await !fixture.store.knowsProject(other, projectKey: "PAY"))
    }

    @Test func listingsKeepTheOrderAskedForAndTheTenant() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        for number in [1, 2, 3] { try await commit(fixture, of: tenant, number, sprints: nil) }
        try await commit(fixture, of: tenant, 4, sprints: nil, isDeleted: true)
        try await commit(fixture, of: other, 5, sprints: nil)
        let listed = try await fixture.store.listings(tenant, of: ["3", "5", "1", "4", "nobody"])
        #expect(listed.map(\.issue.key) == ["PAY-3", "PAY-1"])
        #expect(listed.map(\.analysis.riskScore) == [3, 1])
        let many = (0..<450).map { IssueID("x\($0)") } + ["2"]
        #expect(try await fixture.store.listings(tenant, of: many).map(\.issue.key) == ["PAY-2"])
    }

    /// An older store's issues of sprints get a look, those without sprints and those with webhooks waiting do not.
    @Test func theStepQueuesIssuesOfSprintsBehindEverythingElse() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(fixture, of: tenant, 1, sprints: [sprint("7", "Seven")])
        try await commit(fixture, of: tenant, 2, sprints: [], changes: [change(1, "7", "")])
        try await commit(fixture, of: tenant, 3, sprints: [])
        try await commit(fixture, of: tenant, 4, sprints: [sprint("7", "Seven")])
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("waiting", of: tenant, issues: ["4"]))
        let statement = try #require(
            Migrations.all.first { $0.name == "0014-sprint-scope" }?.statements.last)
        try await fixture.store.driver.write { try $0.run($0.dialect.schema(statement), []) }
        let queued = try await fixture.store.driver.read { connection in
            try connection.query(
                "SELECT issue_id, stale_rank FROM issue_queue WHERE tenant_id = ? AND due_at <= ? ORDER BY issue_id",
                [.tenant(tenant), .timestamp(start)]
            ).map { "\(try $0.text(0)) \(try $0.integer(1))" }
        }
        #expect(queued == ["1 2000", "2 2000", "4 0"])
    }

    /// What is asked is found by an index, however many issues there are.
    @Test(.enabled(if: !StoreFixture.isShared, "the plans are SQLite's")) func sprintsAreFoundByAnIndex() async throws {
        let fixture = try await StoreFixture()
        func plan(_ condition: String, _ arguments: [SQLValue] = []) async throws -> String {
            try await fixture.store.driver.read { connection in
                try connection.query(
                    """
                    EXPLAIN QUERY PLAN
                    SELECT sprint_id FROM issue_sprints WHERE tenant_id = ? AND project_key = ? AND \(condition)
                    """, [.text("t"), .text("p")] + arguments
                ).compactMap { try $0.optionalText(3) }.joined()
            }
        }
        #expect(try await plan("is_member AND state = 'active'").contains("issue_sprints_active"))
        #expect(try await plan("name_key = ?", [.text("n")]).contains("issue_sprints_name"))
        #expect(try await plan("sprint_id = ?", [.text("7")]).contains("issue_sprints_sprint"))
    }

    /// A store as consilod kept it before the step: its issues count as members, and are looked at for the rest.
    @Test(.enabled(if: !StoreFixture.isShared, "the file is SQLite's")) func anOlderStoreIsBroughtUpToDate()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A leftover in the temporary folder is not the test's concern.
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("old.sqlite").path
        let (tenant, now) = (TenantID(UUID()), StoreFixture.start)
        let old = try SQLiteDriver(path: path)
        try await old.write { connection in
            try connection.run("CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)", [])
            for step in Migrations.all where step.name < "0013" {
                for statement in step.statements { try connection.run(connection.dialect.schema(statement), []) }
                try connection.run(
                    "INSERT INTO schema_migrations VALUES (?, ?)", [.text(step.name), .timestamp(now)])
            }
            try connection.run(
                """
                INSERT INTO tenants (id, company_name, jira_url, jira_email, jira_token_encrypted, created_at,
                    updated_at, api_key_hash)
                VALUES (?, 'acme', 'https://acme.example', 'it@acme.example', 'sealed', ?, ?, 'hash')
                """, [.tenant(tenant), .timestamp(now), .timestamp(now)])
            var state = IssueState(id: "1")
            let version = Version(at: now, sentAt: now)
            state.fields.key = Versioned("PAY-1", version)
            state.fields.sprints = Versioned([sprint("7", "Seven")], version)
            try connection.run(
                """
                INSERT INTO issue_snapshots (tenant_id, issue_id, issue_key, project_key, updated, comment_count,
                    is_done, is_deleted, state_json)
                VALUES (?, '1', 'PAY-1', 'PAY', ?, 0, FALSE, FALSE, ?)
                """, [.tenant(tenant), .timestamp(now), try .stored(state, as: StoredIssueState.self)])
            try connection.run("INSERT INTO issue_sprints VALUES (?, '1', '7')", [.tenant(tenant)])
            // Waits for time to change its score.
            try connection.run(
                "INSERT INTO issue_queue (tenant_id, issue_id, due_at) VALUES (?, '1', ?)",
                [.tenant(tenant), .timestamp(now.adding(days: 30))])
        }
        try old.close()

        let store = try await RiskStore.sqlite(path: path, now: now)
        let claim = try #require(
            try await store.claimIssues(limit: 10, now: now, leaseUntil: now.adding(seconds: 60)).first)
        #expect(try await store.sprintIssues(tenant, projectKey: "PAY", sprintID: "7").isEmpty)
        let work = try await store.loadWork(for: claim)
        try await store.commit(StoreFixture.result(work, id: "1", score: 10), for: claim)
        #expect(try await store.sprints(tenant, projectKey: "PAY", named: nil) == [sprint("7", "Seven")])
        #expect(try await store.sprintIssues(tenant, projectKey: "PAY", sprintID: "7").map(\.isMember) == [true])
        try store.close()
    }
}
