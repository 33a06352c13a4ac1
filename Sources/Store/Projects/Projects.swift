public import Domain

extension RiskStore {
    /// What is known of the categories of the site's statuses.
    public func statusCatalog(_ id: TenantID) async throws -> StatusCatalog {
        try await driver.read { try StatusStatements.catalog($0.query([StatusStatements.select(id)])[0]) }
    }
}

/// The statements on projects and statuses that the inbox and the scoring transaction share.
enum ProjectStatements {
    /// What was said last of a project; nil for one nothing was said of.
    static func record(
        of projectID: String, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> ProjectRecord? {
        let query = select("tenant_id = ? AND project_id = ?", [.tenant(tenantID), .text(projectID)])
        return try records(connection.query([query])[0]).first
    }

    /// What was said last of the projects that meet `condition`.
    static func select(_ condition: String, _ arguments: [SQLValue]) -> SQLQuery {
        .select(RecordColumn.self, "FROM projects WHERE \(condition) ORDER BY project_id", arguments)
    }

    /// The records from the rows of ``select(_:_:)``.
    static func records(_ rows: [SQLRow]) throws -> [ProjectRecord] {
        try rows.map { SQLRecord<RecordColumn>($0) }.map { row in
            ProjectRecord(
                id: try row.text(.projectID), key: try row.text(.projectKey), isGone: try row.flag(.isGone),
                toldAt: try row.timestamp(.toldAt))
        }
    }

    private enum RecordColumn: Int, SQLColumns {
        case projectID, projectKey, isGone, toldAt
        static let list = columnList()
    }

    /// Keeps the newest word about a project, whatever order the events come in; the project's issues when it changes
    /// something for them, which the caller queues.
    static func upsert(
        _ told: ProjectRecord, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        try lock(told.id, of: tenantID, .exclusive, in: connection)
        let known = try record(of: told.id, tenantID, connection)
        if let known, !told.isNewer(than: known) { return [] }
        try connection.run(
            """
            INSERT INTO projects (tenant_id, project_id, project_key, is_gone, told_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, project_id) DO UPDATE SET project_key = excluded.project_key,
                is_gone = excluded.is_gone, told_at = excluded.told_at
            """,
            [
                .tenant(tenantID), .text(told.id), .text(told.key), .flag(told.isGone), .timestamp(told.toldAt),
            ])
        if let known, known.saysTheSame(as: told) { return [] }
        return try connection.query(
            "SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND project_id = ? ORDER BY issue_id",
            [.tenant(tenantID), .text(told.id)]
        ).map { IssueID(try $0.text()) }
    }

    /// Keeps a change of a project and the scoring of its issues apart, in `mode` shared by the scorings: whichever comes
    /// second sees what the first has done. Taken before rows of the queue are locked.
    static func lock(
        _ projectID: String, of tenantID: TenantID, _ mode: SQLLockMode, in connection: any SQLConnection
    ) throws {
        try connection.lock(mode, "project \(tenantID) \(projectID)")
    }
}

/// The statements on the catalog of statuses.
enum StatusStatements {
    /// All statuses whose category is known.
    static func select(_ tenantID: TenantID) -> SQLQuery {
        .select(Column.self, "FROM statuses WHERE tenant_id = ? ORDER BY status_id", [.tenant(tenantID)])
    }

    /// The catalog from the rows of ``select(_:)``.
    static func catalog(_ rows: [SQLRow]) throws -> StatusCatalog {
        StatusCatalog(
            try rows.map { SQLRecord<Column>($0) }.map { row in
                Status(
                    id: try row.text(.statusID), name: try row.text(.name),
                    category: Status.Category(rawValue: try row.text(.category)))
            })
    }

    private enum Column: Int, SQLColumns {
        case statusID, name, category
        static let list = columnList()
    }

    /// Adds statuses, or replaces what was known of them; the issues whose changes of status name one that is new, or has
    /// another category now, which the caller queues.
    static func record(
        _ statuses: [Status], of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        // As nearly always: nothing is read then.
        guard !statuses.isEmpty else { return [] }
        var changed: [String: Status] = [:]
        let known = try catalogRows(tenantID, connection)
        for status in statuses {
            guard let category = status.category else { continue }
            let id = status.id ?? status.name.lowercased()
            if known[id] != category { changed[id] = status }
        }
        // In one order everywhere, so that no two transactions wait for each other.
        for (id, status) in changed.sorted(by: { $0.key < $1.key }) {
            try connection.run(
                """
                INSERT INTO statuses (tenant_id, status_id, name, category) VALUES (?, ?, ?, ?)
                ON CONFLICT (tenant_id, status_id) DO UPDATE SET name = excluded.name, category = excluded.category
                """, [.tenant(tenantID), .text(id), .text(status.name), .text(status.category?.rawValue)])
        }
        guard !changed.isEmpty else { return [] }
        let words: [SQLValue] = changed.keys.sorted().map { .text($0) }
        let names: [SQLValue] = Set(changed.values.map(\.name)).sorted().map { .text($0) }
        return try connection.query(
            """
            SELECT DISTINCT issue_id FROM issue_changes
            WHERE tenant_id = ? AND field IN ('status', 'Status')
                AND (\(connection.dialect.isAny("from_value")) OR \(connection.dialect.isAny("to_value"))
                    OR \(connection.dialect.isAny("from_string")) OR \(connection.dialect.isAny("to_string")))
            ORDER BY issue_id
            """, [.tenant(tenantID), .array(words), .array(words), .array(names), .array(names)]
        ).map { IssueID(try $0.text()) }
    }

    private static func catalogRows(
        _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [String: Status.Category] {
        try connection.query([select(tenantID)])[0].map { SQLRecord<Column>($0) }.reduce(into: [:]) { known, row in
            known[try row.text(.statusID)] = Status.Category(rawValue: try row.text(.category))
        }
    }
}
