import Domain

/// The rows of `issue_texts`, which the engine's full text index is made of: in SQLite a table of FTS5 that triggers keep
/// up to date, in PostgreSQL a generated column with a GIN index.
enum IssueTextStatements {
    /// The name of SQLite's index.
    static let sqliteIndex = "issue_search"
    /// Rows read at a time to fill the table.
    private static let fillRows = 200

    /// Whether a table of a SQLite file is part of the index, and no table of the store.
    static func isOfIndex(_ table: String) -> Bool { table == sqliteIndex || table.hasPrefix(sqliteIndex + "_") }

    /// Writes an issue's words, and what lists are filtered by, where they differ from those of the state that is replaced.
    static func record(
        _ state: IssueState, replacing previous: IssueState?, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        try IssueTagStatements.record(state, replacing: previous, of: tenantID, in: connection)
        if let previous, Source(previous.fields) == Source(state.fields) { return }
        try connection.run(upsert, row(state, tenantID))
    }

    /// Writes the words of all issues there are.
    @Sendable static func fill(_ connection: any SQLConnection) throws {
        var place: [SQLValue] = []
        while true {
            let page = try connection.select(
                StateColumn.self,
                """
                FROM issue_snapshots \(place.isEmpty ? "" : "WHERE (tenant_id, issue_id) > (?, ?)")
                ORDER BY tenant_id, issue_id LIMIT ?
                """, place + [.integer(fillRows)])
            guard let last = page.last else { return }
            place = [.tenant(try last.tenantID(.tenantID)), .text(try last.text(.issueID))]
            try connection.runAll(upsert, page.compactMap(row))
        }
    }

    /// Nil for a state that cannot be read: it must not keep the store from opening, and its issue is not scored either.
    private static func row(_ record: SQLRecord<StateColumn>) throws -> [SQLValue]? {
        do {
            return row(
                try record.stored(.stateJSON, as: StoredIssueState.self), try record.tenantID(.tenantID))
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    private static func row(_ state: IssueState, _ tenantID: TenantID) -> [SQLValue] {
        let words = IssueWords(state.fields)
        return [.tenant(tenantID), .id(state.id)]
            + [words.title, words.tags, words.body].map { .text($0.joined(separator: " ")) }
    }

    private static let upsert = """
        INSERT INTO issue_texts (tenant_id, issue_id, title, tags, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, issue_id) DO UPDATE SET title = excluded.title, tags = excluded.tags,
            body = excluded.body
        """

    private enum StateColumn: Int, SQLColumns {
        case tenantID, issueID, stateJSON
        static let list = columnList()
    }

    /// What the words are made of.
    private struct Source: Equatable {
        var summary: String?
        var description: String??
        var components: [String]?
        var labels: [String]?

        init(_ fields: IssueFields) {
            summary = fields.summary?.value
            description = fields.description?.value
            components = fields.components?.value
            labels = fields.labels?.value
        }
    }
}
