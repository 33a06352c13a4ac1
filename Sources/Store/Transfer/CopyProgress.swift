import Domain

/// How far a copy is, kept in the store that is being filled, in the same transactions as the rows.
///
/// While the copy is not finished, a step stands in the list of the schema's steps that none has: no consilod, of whatever
/// version, opens half a store.
enum CopyProgress {
    static let tableName = "store_transfers"
    /// Tables in which a step of the schema puts rows of its own.
    private static let filledByTheSchema = ["subscription_plans"]

    /// Makes the schema, or finds a copy that was begun before; what of each table is there.
    ///
    /// Throws `StorageError(.conflict)`, with no effect, when the store holds something else than such a copy.
    ///
    /// - Parameter startsOver: removes what a copy that was not finished has left.
    static func open(
        _ tables: [TransferTable], of source: String, startsOver: Bool, now: Timestamp,
        in connection: any SQLConnection
    ) throws -> [String: CopyCounts] {
        try Migrations.apply(to: connection, now: now, isCopying: true)
        try refuseIfUsed(connection)
        var isBegun =
            try connection.first(
                "SELECT 1 FROM schema_migrations WHERE name = ?", [.text(Migrations.unfinishedCopy)]) != nil
        if isBegun, startsOver {
            for view in AnalystViews.names { try connection.run("DROP VIEW \(view)", []) }
            let index = connection.dialect.hasConcurrentWriters ? [] : [IssueTextStatements.sqliteIndex]
            for table in [tableName] + index + tables.reversed().map(\.name) + ["nodes"] {
                try connection.run("DROP TABLE \(table)", [])
            }
            try connection.run("DELETE FROM schema_migrations", [])
            try Migrations.apply(to: connection, now: now)
            isBegun = false
        }
        guard isBegun else {
            try begin(tables, of: source, now: now, in: connection)
            return [:]
        }
        return try entries(in: connection)
    }

    private static func begin(
        _ tables: [TransferTable], of source: String, now: Timestamp, in connection: any SQLConnection
    ) throws {
        let used = tables.filter { !filledByTheSchema.contains($0.name) }
        for table in used where try connection.first("SELECT 1 FROM \(table.name) LIMIT 1", []) != nil {
            throw StorageError(
                .conflict,
                """
                the database holds a store already (there are rows in \(table.name)), and nothing was changed: a copy \
                goes into an empty database. If it is a copy made before, it is finished
                """)
        }
        // The source's rows come in the place of those that the schema began with.
        for name in filledByTheSchema { try connection.run("DELETE FROM \(name)", []) }
        let dialect = connection.dialect
        try connection.run(
            dialect.schema(
                """
                CREATE TABLE \(tableName) (
                    table_name {key} PRIMARY KEY,
                    source TEXT NOT NULL,
                    started_at {timestamp} NOT NULL,
                    row_count {count} NOT NULL,
                    checksum TEXT NOT NULL
                )
                """), [])
        for table in tables {
            try connection.run(
                """
                INSERT INTO \(tableName) (table_name, source, started_at, row_count, checksum) VALUES (?, ?, ?, 0, ?)
                """, [.text(table.name), .text(source), .timestamp(now), .text(CopyCounts().checksum)])
        }
        try connection.run(
            "INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)",
            [.text(Migrations.unfinishedCopy), .timestamp(now)])
    }

    private static func entries(in connection: any SQLConnection) throws -> [String: CopyCounts] {
        var entries: [String: CopyCounts] = [:]
        for row in try connection.select(EntryColumn.self, "FROM \(tableName)", []) {
            guard let counts = CopyCounts(rows: try row.integer(.rowCount), checksum: try row.text(.checksum)) else {
                throw StorageError(.corrupt, "\(tableName) has an invalid checksum")
            }
            entries[try row.text(.tableName)] = counts
        }
        return entries
    }

    /// Notes that the rows of a page are there. Throws `StorageError(.conflict)` when another process filled the store
    /// meanwhile.
    static func advance(
        _ table: TransferTable, from before: CopyCounts, to after: CopyCounts, in connection: any SQLConnection
    ) throws {
        let changed = try connection.execute(
            "UPDATE \(tableName) SET row_count = ?, checksum = ? WHERE table_name = ? AND row_count = ?",
            [.integer(after.rows), .text(after.checksum), .text(table.name), .integer(before.rows)])
        guard changed == 1 else {
            throw StorageError(.conflict, "another process is copying into the same database")
        }
    }

    /// Opens the store to consilod. Throws `StorageError(.conflict)` when one has begun to work on it already.
    static func close(in connection: any SQLConnection) throws {
        // A copy of hours must not fail at its end because another store of the database changes its schema meanwhile.
        for statement in connection.dialect.beforeMigrating { try connection.run(statement, []) }
        try connection.lock(.exclusive, Migrations.lockName)
        try refuseIfUsed(connection)
        try connection.run("DROP TABLE \(tableName)", [])
        try connection.run("DELETE FROM schema_migrations WHERE name = ?", [.text(Migrations.unfinishedCopy)])
    }

    /// A process that was there before the first row would be in here by now.
    private static func refuseIfUsed(_ connection: any SQLConnection) throws {
        guard let node = try connection.selectFirst(NodeColumn.self, "FROM nodes ORDER BY seen_at DESC LIMIT 1", [])
        else { return }
        throw StorageError(
            .conflict,
            """
            a consilod on \(try node.text(.host)) works on the database, or did so (it was last seen at \
            \(try node.timestamp(.seenAt))): a copy goes into a database that none has used
            """)
    }
}

private enum EntryColumn: Int, SQLColumns {
    case tableName, rowCount, checksum
    static let list = columnList()
}

private enum NodeColumn: Int, SQLColumns {
    case host, seenAt
    static let list = columnList()
}
