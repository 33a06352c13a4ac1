import Domain

/// The statements on projects that the inbox and the scoring transaction share.
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
