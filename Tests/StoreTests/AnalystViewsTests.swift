import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What analysts query, and the page that says what it means.
@Suite struct AnalystViewsTests {
    private func rows(_ fixture: StoreFixture, _ sql: String) async throws -> [SQLRow] {
        try await fixture.store.driver.read { try $0.query(sql, []) }
    }

    @Test func theViewsShowTheNewestAnalysisTheHistoryAndWhatBecameOfAlerts() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.makeFilledTenant("acme")
        let issues = try await rows(
            fixture,
            """
            SELECT company_name, issue_key, summary, is_restricted, risk_score, band, top_factor, blocker_count,
                sentiment_negative_pct, age_days, late_usual FROM v_issue_risk
            """)
        #expect(issues.count == 1)
        let issue = try #require(issues.first)
        #expect(try [0, 1, 2, 5, 6].map { try issue.text($0) } == ["acme", "PAY-1", "Refund button", "high", "age"])
        #expect(try !issue.flag(3) && issue.integer(4) == 80 && issue.integer(7) == 0)
        #expect(try issue.real(8) == 0 && issue.integer(9) == 1 && issue.real(10) == 0.25)

        let history = try await rows(
            fixture, "SELECT issue_key, band, top_factor, risk_score, is_over, on_request FROM v_history")
        #expect(history.count == 1)
        let row = try #require(history.first)
        #expect(try [0, 1, 2].map { try row.text($0) } == ["PAY-1", "high", "age"])
        #expect(try row.integer(3) == 80 && !row.flag(4) && !row.flag(5))

        let alerts = try await rows(
            fixture,
            """
            SELECT kind, event, band, rule_name, issue_key, project_key, score, is_silenced, deliveries, delivered, dead,
                first_delivered_at FROM v_alerts
            """)
        #expect(alerts.count == 1)
        let alert = try #require(alerts.first)
        #expect(
            try (0..<6).map { try alert.text($0) } == ["threshold", "raised", "high", "High risk", "PAY-1", "PAY"])
        #expect(try alert.integer(6) == 80 && !alert.flag(7))
        #expect(try [8, 9, 10].map { try alert.integer($0) } == [1, 1, 0])
        #expect(try alert.timestamp(11) == StoreFixture.start)
    }

    @Test func restrictedTextsDigestsAndTenantsThatAreBeingDeletedAreNotShown() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        try await fixture.store.driver.write { connection in
            try connection.run("UPDATE issue_snapshots SET security_level = 'Board'", [])
            try connection.run("UPDATE alerts SET kind = 'digest'", [])
        }
        let issue = try #require(
            try await rows(fixture, "SELECT summary, is_restricted, risk_score FROM v_issue_risk").first)
        #expect(try issue.optionalText(0) == nil && issue.flag(1) && issue.integer(2) == 80)
        #expect(try await rows(fixture, "SELECT 1 FROM v_alerts").isEmpty)
        try await fixture.store.driver.write {
            try $0.run("UPDATE tenants SET is_deleted = TRUE WHERE id = ?", [.tenant(tenant)])
        }
        for view in AnalystViews.names { #expect(try await rows(fixture, "SELECT 1 FROM \(view)").isEmpty, "\(view)") }
    }

    @Test func anAlertOfNoIssueIsShownWithoutOne() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.makeFilledTenant("acme")
        try await fixture.store.driver.write {
            try $0.run("UPDATE alerts SET kind = 'access', issue_id = '-', issue_key = '-', alert_json = '{}'", [])
        }
        let alert = try #require(
            try await rows(fixture, "SELECT issue_id, issue_key, rule_name, previous_score, kind FROM v_alerts").first)
        #expect(try (0..<3).allSatisfy { try alert.optionalText($0) == nil } && alert.optionalInteger(3) == nil)
        #expect(try alert.text(4) == "access")
    }

    // MARK: The data dictionary

    private static let page = Repository.folder.appendingPathComponent("docs/data-dictionary.md")

    /// The sections `### name` of a part of the page: the cells of their tables, row by row.
    private static func sections(json: Bool) throws -> [String: [[String]]] {
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n## JSON\n")
        #expect(parts.count == 2)
        let sections = parts[json ? 1 : 0].components(separatedBy: "\n### `").dropFirst()
        return Dictionary(
            uniqueKeysWithValues: sections.map { section in
                let lines = section.components(separatedBy: "\n")
                let rows = lines.filter { $0.hasPrefix("| `") }.map { line in
                    line.components(separatedBy: "|").dropFirst().dropLast().map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }
                }
                return (String(lines[0].prefix { $0 != "`" }), rows)
            })
    }

    /// Types of the page as the engines have them.
    private static let types: [String: (postgres: String, sqlite: String)] = [
        "text": ("text", "TEXT"), "integer": ("integer", "INTEGER"), "bigint": ("bigint", "INTEGER"),
        "real": ("double precision", "REAL"), "boolean": ("boolean", "INTEGER"),
        "timestamp": ("timestamp with time zone", "TEXT"), "date": ("date", "TEXT"), "json": ("jsonb", "TEXT"),
        "uuid": ("uuid", "TEXT"), "bytes": ("bytea", "BLOB"), "tsvector": ("tsvector", ""),
    ]

    /// The columns of every table and view, each with its type, of the store's own catalogue.
    private func schema(_ fixture: StoreFixture) async throws -> [String: [String]] {
        try await fixture.store.driver.read { connection in
            var columns: [String: [String]] = [:]
            for row in try connection.query(
                StoreFixture.isShared
                    ? """
                    SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
                    FROM information_schema.columns WHERE table_schema = current_schema()
                    ORDER BY table_name, ordinal_position
                    """
                    : """
                    SELECT m.name, c.name, CASE WHEN m.type = 'view' THEN '' ELSE c.type END
                    FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                    WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid
                    """, [])
            {
                let table = try row.text(0)
                guard !IssueTextStatements.isOfIndex(table) else { continue }
                columns[table, default: []].append("\(try row.text(1)) \(try row.text(2))")
            }
            return columns
        }
    }

    @Test func theDataDictionaryHasEveryTableAndColumnOfTheSchemaAndNoOther() async throws {
        let fixture = try await StoreFixture()
        let schema = try await schema(fixture)
        let sections = try Self.sections(json: false)
        #expect(Set(sections.keys) == Set(schema.keys))
        for (table, rows) in sections {
            let columns = try rows.compactMap { row -> String? in
                let name = row[0].trimmingCharacters(in: ["`"])
                let type = try #require(Self.types[row[1]], "\(table).\(name) has the type \(row[1])")
                #expect(row.count == 3 && !row[2].isEmpty, "\(table).\(name) is not explained")
                if StoreFixture.isShared { return "\(name) \(type.postgres)" }
                if row[2].hasSuffix("in PostgreSQL alone.") { return nil }
                return AnalystViews.names.contains(table) ? "\(name) " : "\(name) \(type.sqlite)"
            }
            #expect(columns == schema[table], "\(table)")
        }
    }

    /// Every path of a JSON value, as `factors[].name`; keys of objects that are maps are a star.
    private static func paths(of value: Any, at prefix: String = "") -> Set<String> {
        switch value {
        case let object as [String: Any]:
            let isMap = ["not_judged.", "cost_multipliers."].contains { prefix.hasSuffix($0) }
            return object.reduce(into: []) { paths, member in
                let path = prefix + (isMap ? "*" : member.key)
                paths.formUnion([path])
                paths.formUnion(Self.paths(of: member.value, at: path + "."))
            }
        case let list as [Any]:
            return list.reduce(into: []) { $0.formUnion(Self.paths(of: $1, at: "\(prefix.dropLast())[].")) }
        default: return []
        }
    }

    /// What the frozen fixtures of a stored form hold.
    private static func paths(ofFixtures name: String) throws -> Set<String> {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/v1")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix(name) }
        #expect(!files.isEmpty, "no fixture of \(name)")
        return try files.reduce(into: []) { paths, file in
            let found = Self.paths(of: try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
            // A child of a route is a route.
            paths.formUnion(found.map { $0.replacing("routes[].", with: "") })
        }
    }

    @Test func theDataDictionaryHasTheKeysOfTheStoredJSON() throws {
        let sections = try Self.sections(json: true)
        let forms = [
            "analysis_json": "analysis", "alert_json": "alert", "state_json": "state", "payload": "forecast",
            "rule_json": "rule", "route_json": "route", "silence_json": "silence", "quiet_json": "quiet-hours",
            "digest_json": "digest-schedule", "fields_json": "custom-fields",
        ]
        #expect(Set(sections.keys) == Set(forms.keys))
        for (form, fixture) in forms {
            let stored = try Self.paths(ofFixtures: fixture)
            let said = Set(
                (sections[form] ?? []).flatMap { $0[0].matches(of: /`([^`]+)`/).map { String($0.output.1) } })
            #expect(said.isSubset(of: stored), "\(form) has no \(said.subtracting(stored).sorted())")
            // Of the others the members of members are consilod's own.
            let explained = form == "analysis_json" ? stored : stored.filter { !$0.contains(".") && !$0.contains("[") }
            #expect(explained.isSubset(of: said), "\(form) lacks \(explained.subtracting(said).sorted())")
        }
    }
}
