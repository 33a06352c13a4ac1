import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct SimilarIssuesTests {
    private let start = StoreFixture.start

    private func issue(
        _ key: IssueKey, _ summary: String, description: String? = nil, labels: [String] = [], daysOld: Int = 10,
        resolvedDaysAgo: Int? = nil
    ) -> Domain.Issue {
        Domain.Issue(
            id: IssueID("id of \(key)"), key: key, summary: summary, description: description,
            status: resolvedDaysAgo == nil
                ? Status(name: "To Do", category: .new) : Status(name: "Done", category: .done),
            resolvedAt: resolvedDaysAgo.map { start.adding(days: -$0) }, created: start.adding(days: -daysOld),
            updated: start, labels: labels)
    }

    private func add(_ issues: Domain.Issue..., to tenant: TenantID, _ fixture: StoreFixture) async throws {
        for issue in issues {
            let analysis = StoreFixture.analysis(issue.id, key: issue.key, score: 10)
            try await fixture.commit(
                IssueListing(issue: issue, analysis: analysis), of: tenant, at: start, toldAt: start)
        }
    }

    private func similar(
        to issue: Domain.Issue, of tenant: TenantID, _ fixture: StoreFixture, limit: Int = 5
    ) async throws -> [SimilarIssue] {
        try await fixture.store.context(tenant, of: issue, .init(similarIssues: limit), now: start).similarIssues
    }

    @Test func areThoseThatShareDistinctiveWordsSameProjectFirst() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = issue("PAY-1", "Refund fails for expired vouchers")
        try await add(
            asked, issue("OPS-1", "Refund fails for expired vouchers"),
            issue("PAY-2", "Expired vouchers cannot be sold"),
            issue("PAY-3", "Expired vouchers break the refund"), to: tenant, fixture)
        for number in 4...20 {
            try await add(issue(IssueKey("PAY-\(number)"), "Invoice \(number)"), to: tenant, fixture)
        }
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-3", "PAY-2", "OPS-1"])
        #expect(try await similar(to: asked, of: tenant, fixture, limit: 1).map(\.key) == ["PAY-3"])
    }

    @Test(arguments: ["4e5f6a7b", "a4e5f6b7", "12e3pump", "rev1e5"])
    func areFoundByAWordThatBeginsLikeANumber(word: String) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = issue("PAY-1", "Broken by \(word)")
        try await add(asked, issue("PAY-2", "Seen again", description: "Since \(word), I think."), to: tenant, fixture)
        for number in 3...20 {
            try await add(issue(IssueKey("PAY-\(number)"), "Invoice \(number)"), to: tenant, fixture)
        }
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-2"])
    }

    @Test func sayHowLongTheyTookOrHowOldTheyAre() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = issue("PAY-1", "Voucher import stops")
        var closed = issue("PAY-4", "Voucher import hangs", daysOld: 40, resolvedDaysAgo: 0)
        closed.resolvedAt = nil
        closed.changes = [6, 4].map {
            Change(
                id: ChangeID("\($0)/0"), at: start.adding(days: -$0), author: nil, field: "status", from: "1",
                fromString: "Open", to: "2", toString: "Done")
        }
        try await add(
            asked, issue("PAY-2", "Voucher import is slow", daysOld: 7),
            issue("PAY-3", "Voucher import fails", daysOld: 30, resolvedDaysAgo: 9), closed, to: tenant, fixture)
        let found = try await similar(to: asked, of: tenant, fixture).sorted { $0.key.rawValue < $1.key.rawValue }
        #expect(
            found == [
                SimilarIssue(
                    key: "PAY-2", projectKey: "PAY", summary: "Voucher import is slow", status: "To Do", isDone: false,
                    tookDays: nil, ageDays: 7),
                SimilarIssue(
                    key: "PAY-3", projectKey: "PAY", summary: "Voucher import fails", status: "Done", isDone: true,
                    tookDays: 21, ageDays: nil),
                SimilarIssue(
                    key: "PAY-4", projectKey: "PAY", summary: "Voucher import hangs", status: "Done", isDone: true,
                    tookDays: 36, ageDays: nil),
            ])
    }

    @Test func areNeitherDeletedNorHidden() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = issue("PAY-1", "Voucher import stops")
        var (deleted, hidden) = (issue("PAY-2", "Voucher import stops"), issue("PAY-3", "Voucher import stops"))
        (deleted.isDeleted, hidden.isHidden) = (true, true)
        try await add(asked, deleted, hidden, issue("PAY-4", "Voucher import stops"), to: tenant, fixture)
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-4"])
    }

    @Test func areNeverAnotherTenants() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let asked = issue("PAY-1", "Voucher import stops")
        let id = "\(tenant)"
        try await add(
            asked, issue("PAY-2", "Voucher import stops again \(id)", description: "@\(id) tenant_id:\(id) '@\(id)'"),
            issue("PAY-3", "Voucher import \(id.replacing("-", with: ""))", labels: [id]), to: other, fixture)
        // Words that only the other tenant's issues hold are not looked for, either.
        try await add(asked, to: tenant, fixture)
        #expect(try await similar(to: asked, of: tenant, fixture).isEmpty)
        try await add(issue("PAY-9", "Voucher import"), to: tenant, fixture)
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-9"])
        #expect(Set(try await similar(to: asked, of: other, fixture).map(\.key)) == ["PAY-2", "PAY-3"])
        #expect(try await fixture.store.deleteTenant(other, by: .system("test")))
        #expect(try await similar(to: asked, of: other, fixture).isEmpty)
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-9"])
    }

    @Test func followWhatTheIssueSaysNow() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let (vouchers, invoices) = (issue("PAY-1", "Voucher import stops"), issue("PAY-2", "Invoice layout broken"))
        var third = issue("PAY-3", "Voucher import hangs")
        try await add(vouchers, invoices, third, to: tenant, fixture)
        #expect(try await similar(to: vouchers, of: tenant, fixture).map(\.key) == ["PAY-3"])
        (third.summary, third.labels) = ("Nothing of that", ["invoice", "layout"])
        try await add(third, to: tenant, fixture)
        #expect(try await similar(to: vouchers, of: tenant, fixture).isEmpty)
        #expect(try await similar(to: invoices, of: tenant, fixture).map(\.key) == ["PAY-3"])
    }

    @Test func aScoringThatChangesNoTextDoesNotWriteIt() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = issue("PAY-1", "Voucher import stops")
        try await add(asked, to: tenant, fixture)
        try await fixture.store.driver.write { try $0.run("UPDATE issue_texts SET title = 'left alone'", []) }
        try await add(asked, to: tenant, fixture)
        #expect(try await fixture.count("SELECT COUNT(*) FROM issue_texts WHERE title = 'left alone'") == 1)
    }

    @Test func whatManyIssuesSayMakesNoneSimilar() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for number in 1...20 {
            try await add(issue(IssueKey("PAY-\(number)"), "Payment alpha\(number)"), to: tenant, fixture)
        }
        let asked = issue("PAY-21", "Payment of vouchers over the gateway")
        try await add(asked, issue("PAY-22", "Payment gateway"), to: tenant, fixture)
        #expect(try await similar(to: asked, of: tenant, fixture).map(\.key) == ["PAY-22"])
    }

    @Test(arguments: [
        ("決済が失敗する", "クレジット決済の失敗", "画面の色"), ("ÜBERWEISUNG schlägt fehl", "Überweisung doppelt", "Rechnung leer"),
        ("Le café fermé", "CAFE FERME", "porte ouverte"),
    ]) func areFoundInEveryLanguage(asked: String, alike: String, unlike: String) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let first = issue("PAY-1", asked)
        try await add(first, issue("PAY-2", alike), issue("PAY-3", unlike), to: tenant, fixture)
        #expect(try await similar(to: first, of: tenant, fixture).map(\.key) == ["PAY-2"])
    }

    /// Nothing that an issue may say is an error, neither when it is stored nor when it is asked about.
    @Test(arguments: 0..<8) func noTextIsSyntax(seed: UInt64) async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for number in 0..<12 {
            let text = HostileText.make(seed: seed &* 1000 &+ UInt64(number))
            let asked = issue(
                "PAY-1", text, description: HostileText.make(seed: ~seed &- UInt64(number)), labels: [text, "'"])
            var copy = issue("PAY-2", asked.summary, description: asked.description)
            copy.labels = asked.labels
            // PostgreSQL's texts hold no U+0000, and none comes from Jira.
            (copy.summary, copy.description) = (clean(copy.summary), copy.description.map(clean))
            copy.labels = copy.labels.map(clean)
            try await add(copy, to: tenant, fixture)
            var stored = copy
            (stored.id, stored.key) = (asked.id, asked.key)
            try await add(stored, to: tenant, fixture)
            let found = try await similar(to: asked, of: tenant, fixture)
            // Its own copy, where there is a word that no engine takes for something else.
            let words = IssueWords(asked).title
            if words.contains(where: { word in word.utf8.allSatisfy { (0x61...0x7A).contains($0) } }) {
                #expect(found.map(\.key) == ["PAY-2"], "\(words)")
            }
        }
    }

    private func clean(_ text: String) -> String { text.replacing("\0", with: "") }

    // MARK: Stores from elsewhere

    /// Rows of issues as a consilod wrote them that knew no index.
    private func insert(
        _ issues: [Domain.Issue], of tenant: TenantID, into connection: any SQLConnection
    ) throws {
        for issue in issues {
            let version = Version(at: start, sentAt: start)
            var state = IssueState(id: issue.id)
            state.fields.key = Versioned(issue.key, version)
            state.fields.summary = Versioned(issue.summary, version)
            state.fields.description = Versioned(issue.description, version)
            try connection.run(
                """
                INSERT INTO issue_snapshots (tenant_id, issue_id, issue_key, project_key, summary, created, updated,
                    comment_count, is_done, is_deleted, state_json)
                VALUES (?, ?, ?, ?, ?, ?, ?, 0, FALSE, FALSE, ?)
                """,
                [
                    .tenant(tenant), .id(issue.id), .id(issue.key), .text(issue.projectKey), .text(issue.summary),
                    .timestamp(issue.created), .timestamp(issue.updated),
                    try .stored(state, as: StoredIssueState.self),
                ])
        }
    }

    private var manyIssues: [Domain.Issue] {
        (1...450).map { issue(IssueKey("PAY-\($0)"), "Task alpha\($0 / 2) gamma\($0 % 225)") }
    }

    @Test func areFoundAmongTheIssuesOfAnOlderStore() async throws {
        let fixture = try await StoreFixture()
        let tenants = [try await fixture.makeTenant(), try await fixture.makeTenant("other")]
        let issues = manyIssues
        try await fixture.store.driver.write { connection in
            for tenant in tenants { try insert(issues, of: tenant, into: connection) }
            try connection.run("UPDATE issue_snapshots SET state_json = '{}' WHERE issue_key = 'PAY-450'", [])
            if !StoreFixture.isShared { try connection.run("DROP TABLE \(IssueTextStatements.sqliteIndex)", []) }
            try connection.run("DROP TABLE issue_texts", [])
            try connection.run("DELETE FROM schema_migrations WHERE name = '0019-issue-texts'", [])
        }
        let store = try await fixture.reopened()
        for tenant in tenants {
            for (asked, expected) in [(10, ["PAY-11", "PAY-235"]), (448, ["PAY-449", "PAY-223"])]
                as [(Int, Set<String>)]
            {
                let issue = issues[asked - 1]
                let found = try await store.context(tenant, of: issue, .init(), now: start).similarIssues
                #expect(Set(found.map(\.key.rawValue)) == expected)
            }
        }
        // All but the one that cannot be read.
        #expect(try await fixture.count("SELECT COUNT(*) FROM issue_texts") == 2 * 449)
        try store.close()
    }

    @Test func areFoundInACopyOfTheStore() async throws {
        let fixture = try TransferFixture()
        let (issues, tenant) = (manyIssues, TenantID(UUID()))
        let source = try SQLiteDriver(path: fixture.path("source"))
        try await source.write { connection in
            try Migrations.apply(to: connection, now: start)
            try connection.run(
                """
                INSERT INTO tenants (id, company_name, jira_url, jira_email, jira_token_encrypted, created_at,
                    updated_at, api_key_hash)
                VALUES (?, 'acme', 'https://acme.example', 'it@acme.example', 'sealed', ?, ?, 'hash')
                """, [.tenant(tenant), .timestamp(start), .timestamp(start)])
            try insert(issues, of: tenant, into: connection)
            try IssueTextStatements.fill(connection)
        }
        try source.close()
        let destination = try TransferFixture.Destination(fixture)
        let tables = try await TransferFixture.copy(.sqlite(path: fixture.path("source")), to: destination.place) {
            $0.reader.pageRows = 100
        }
        #expect(tables.first { $0.table == "issue_texts" }?.destinationRows == 450)
        let store = try await destination.store()
        let found = try await store.context(tenant, of: issues[9], .init(), now: start).similarIssues
        #expect(Set(found.map(\.key)) == ["PAY-11", "PAY-235"])
        // What comes in now has numbers of its own.
        try await store.driver.write { connection in
            try insert([issue("PAY-500", "Task alpha5")], of: tenant, into: connection)
            try IssueTextStatements.fill(connection)
        }
        let more = try await store.context(tenant, of: issues[9], .init(), now: start).similarIssues
        #expect(Set(more.map(\.key)) == ["PAY-11", "PAY-235", "PAY-500"])
        try store.close()
    }
}
