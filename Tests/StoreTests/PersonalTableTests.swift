import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

/// Every table is known for what it holds of people.
@Suite struct PersonalTableTests {
    @Test func everyTableOfTheSchemaIsClassified() async throws {
        let fixture = try await StoreFixture()
        let (tables, columns) = try await fixture.store.driver.read { connection in
            let tables = try connection.query(
                StoreFixture.isShared
                    ? """
                    SELECT table_name::text FROM information_schema.tables
                    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
                    """
                    : "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", []
            ).map { try $0.text() }.filter { !IssueTextStatements.isOfIndex($0) }
            var columns: [String: Set<String>] = [:]
            for table in tables {
                columns[table] = Set(
                    try connection.query(
                        StoreFixture.isShared
                            ? """
                            SELECT column_name::text FROM information_schema.columns
                            WHERE table_schema = current_schema() AND table_name = '\(table)'
                            """ : "SELECT name FROM pragma_table_info('\(table)')", []
                    ).map { try $0.text() })
            }
            return (tables, columns)
        }
        let known = PersonalTable.all.map(\.name)
        #expect(Set(known).count == known.count)
        #expect(Set(tables) == Set(known), "a table that nobody has said of what it holds of people")
        for table in PersonalTable.all {
            let named = Set(table.columns.map(\.name) + table.key.map(\.name))
            #expect(named.isSubset(of: columns[table.name] ?? []), "\(table.name)")
            if case .nothing(let reason) = table.treatment {
                #expect(!reason.isEmpty && table.columns.isEmpty, "\(table.name)")
            }
        }
    }

    /// Columns with JSON or texts in tables that an erasure rewrites are looked at, or are no texts of people.
    @Test func everyTextOfARewrittenTableIsLookedAt() async throws {
        let others: [String: Set<String>] = [
            "webhook_events": ["delivery_id", "event", "issue_id", "state"],
            "issue_snapshots": [
                "issue_id", "issue_key", "project_key", "project_id", "issue_type", "status", "status_id",
                "status_category", "priority", "security_level", "scorer_id", "model_id",
            ],
            "issue_comments": ["issue_id", "comment_id", "author_time_zone"],
            "issue_changes": ["issue_id", "change_id", "author_time_zone", "field"],
            "analysis_history": ["issue_id", "issue_key", "project_key", "assignee_role", "scorer_id", "model_id"],
            "alerts": ["issue_id", "issue_key", "kind", "event"],
            "notifications": ["channel_kind", "group_key", "state", "lease_token", "recipient_encrypted", "storm_key"],
            "forecasts": ["issue_id", "model_id"], "risk_pictures": ["project_key"],
            "alert_channels": ["kind", "target_encrypted", "quiet_json", "digest_json"],
            "backfills": ["state", "page_token"], "sprints": ["sprint_id", "state", "board_id"],
        ]
        for table in try TransferTable.all() {
            guard let personal = PersonalTable.all.first(where: { $0.name == table.name }) else { continue }
            switch personal.treatment {
            case .derived, .nothing: continue
            case .columns, .ofIssue: break
            }
            let texts = table.columns.filter { [.text, .key, .json, .blob].contains($0.type) }.map(\.name)
            let known = Set(personal.columns.map(\.name)).union(others[table.name] ?? [])
            #expect(Set(texts).subtracting(known) == [], "\(table.name)")
        }
    }
}
