public import Domain

extension RiskStore {
    /// What is known of the categories of the site's statuses.
    public func statusCatalog(_ id: TenantID) async throws -> StatusCatalog {
        try await driver.read { try StatusStatements.catalog($0.query([StatusStatements.select(id)])[0]) }
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
            records: try rows.map { SQLRecord<Column>($0) }.compactMap { row -> StatusRecord? in
                let (key, name) = (try row.text(.statusID), try row.text(.name))
                // The name stands for the id where Jira sent none. Ids are numbers, and every scoring reads all of them.
                let isID = key.utf8.allSatisfy { (0x30...0x39).contains($0) } || key != name.lowercased()
                let status = Status(
                    id: isID ? key : nil, name: name, category: Status.Category(rawValue: try row.text(.category)))
                return StatusRecord(status, toldOn: try row.optionalTimestamp(.toldAt)?.utcDay)
            })
    }

    private enum Column: Int, SQLColumns {
        case statusID, name, category, toldAt
        static let list = columnList()
    }

    /// Keeps the newest word about each status, whatever order they come in; the issues whose changes of status name one that
    /// has another category by it, which the caller queues.
    static func record(
        _ told: [StatusRecord], of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        // As nearly always: nothing is read then.
        guard !told.isEmpty else { return [] }
        try lock(tenantID, .exclusive, in: connection)
        let before = try catalog(connection.query([select(tenantID)])[0])
        var after = before
        let news = told.filter { after.take($0) }
        for record in news {
            try connection.run(
                """
                INSERT INTO statuses (tenant_id, status_id, name, category, told_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant_id, status_id) DO UPDATE SET name = excluded.name, category = excluded.category,
                    told_at = excluded.told_at
                """,
                [
                    .tenant(tenantID), .text(record.key), .text(record.name), .text(record.category.rawValue),
                    .timestamp(record.toldOn?.startUTC),
                ])
        }
        // As a rule it is only a later day.
        let changed = news.filter { after.differs(from: before, by: $0) }
        return try issues(naming: changed, before: before, of: tenantID, in: connection)
    }

    /// The issues whose changes of status name one of these by its id or, in any case, a name.
    private static func issues(
        naming records: [StatusRecord], before: StatusCatalog, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        guard !records.isEmpty else { return [] }
        let words = SQLValue.array(Set(records.map(\.key)).sorted().map { .text($0) })
        let formerNames = records.compactMap { before.record($0.key)?.name }
        // Also as they are: an engine makes some letters small in another way than Swift does, as the sigma at the end of a word.
        let names = SQLValue.array(
            Set((records.map(\.name) + formerNames).flatMap { [$0, $0.lowercased()] }).sorted().map { .text($0) })
        let (isAny, lowercase) = (connection.dialect.isAny, connection.dialect.lowercase)
        return try connection.query(
            """
            SELECT DISTINCT issue_id FROM issue_changes
            WHERE tenant_id = ? AND field IN ('status', 'Status')
                AND (\(isAny("from_value")) OR \(isAny("to_value")) OR \(isAny("from_string")) OR \(isAny("to_string"))
                    OR \(isAny(lowercase("from_string"))) OR \(isAny(lowercase("to_string"))))
            ORDER BY issue_id
            """, [.tenant(tenantID), words, words, names, names, names, names]
        ).map { IssueID(try $0.text()) }
    }

    /// Keeps a change of the catalog and the commits of scorings that rest on it apart, in `mode` shared by the scorings:
    /// whichever comes second sees what the first has done. Taken before rows of the queue are locked.
    static func lock(_ tenantID: TenantID, _ mode: SQLLockMode, in connection: any SQLConnection) throws {
        try connection.lock(mode, "statuses \(tenantID)")
    }
}

extension RescoreResult {
    /// Whether the analysis rests on what the catalog says of statuses that the issue was in before.
    var usesStatusCatalog: Bool { statusCatalog != nil && state.changes.values.contains(where: \.isOfStatus) }

    /// Whether `catalog` says another category of a status that the issue's changes name.
    func isOutdated(by catalog: StatusCatalog) -> Bool {
        statusCatalog.map { catalog.differs(from: $0, for: state.changes.values) } ?? false
    }
}
