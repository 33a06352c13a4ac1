import Domain

/// Reads a whole store in one snapshot, table by table, in key order, in pages.
struct TransferReader: Sendable {
    /// Rows of a table, behind those counted in `before`.
    struct Page: Sendable {
        var table: TransferTable
        var rows: [[SQLValue]]
        var before: CopyCounts
        var after: CopyCounts
    }

    /// What was read.
    enum Item: Sendable {
        /// How many rows there are in all.
        case total(Int)
        /// Rows that need not be copied, or not any more.
        case known(TransferTable, rows: Int)
        case page(Page)
        /// A table's end.
        case end(TransferTable, CopyCounts)
    }

    let tables: [TransferTable]
    /// Most rows, and most bytes, of a page. One row that is larger comes alone.
    var pageRows = 2000
    var pageBytes = 8 << 20

    /// Reads everything and hands it on.
    ///
    /// Throws `StorageError(.stale)` when what was copied before is not what is there now.
    ///
    /// - Parameters:
    ///   - known: what of each table has been copied before, nil where nothing is to be copied at all.
    func read(
        _ driver: any SQLDriver, known: [String: CopyCounts]?, onto pipeline: CopyPipeline<Item>
    ) async throws {
        defer { pipeline.finish() }
        try await driver.read { connection in
            // An engine starts over when it lost its connection.
            guard pipeline.start() else {
                throw StorageError(.unavailable, "the connection to the store that is read was lost")
            }
            for setting in connection.dialect.beforeLongReading { try connection.run(setting, []) }
            let counts = try tables.map { table in
                try connection.first("SELECT COUNT(*) FROM \(table.name)", [])?.integer() ?? 0
            }
            try pipeline.put(.total(counts.reduce(0, +)))
            for table in tables {
                try read(table, known: known.map { $0[table.name] ?? CopyCounts() }, connection, pipeline)
            }
        }
    }

    private func read(
        _ table: TransferTable, known: CopyCounts?, _ connection: any SQLConnection,
        _ pipeline: CopyPipeline<Item>
    ) throws {
        var (tally, lastKey, buffer) = (CopyCounts(), [SQLValue](), [UInt8]())
        while true {
            // The rows that are there already end where a page ends.
            let left = (known?.rows).map { $0 - tally.rows } ?? 0
            let limit = try pageSize(
                table, behind: lastKey, limit: left > 0 ? min(left, pageRows) : pageRows, connection)
            let page = try connection.query(
                table.rows(isFirst: lastKey.isEmpty), lastKey + [.integer(limit)])
            guard let last = page.last else { break }
            lastKey = table.key(of: last)
            let before = tally
            let rows = try page.map { row in
                let converted = try table.converted(row)
                try tally.add(converted, of: table, buffer: &buffer)
                return converted
            }
            if known != nil, left <= 0 {
                try pipeline.put(.page(Page(table: table, rows: rows, before: before, after: tally)))
            } else {
                if let known, tally.rows == known.rows { try verify(tally, is: known, table) }
                try pipeline.put(.known(table, rows: rows.count))
            }
        }
        if let known, tally.rows < known.rows { try verify(tally, is: known, table) }
        try pipeline.put(.end(table, tally))
    }

    private func verify(_ tally: CopyCounts, is known: CopyCounts, _ table: TransferTable) throws {
        guard tally != known else { return }
        throw StorageError(
            .stale,
            """
            the rows of \(table.name) copied before are not those that are in this store now: it has changed since, or \
            the copy is one of another store. Start over (--start-over)
            """)
    }

    /// How many of the next rows make a page.
    private func pageSize(
        _ table: TransferTable, behind key: [SQLValue], limit: Int, _ connection: any SQLConnection
    ) throws -> Int {
        guard let sizes = table.sizes(isFirst: key.isEmpty, in: connection.dialect) else { return limit }
        var (rows, bytes) = (0, 0)
        for row in try connection.query(sizes, key + [.integer(limit)]) {
            bytes += try row.integer()
            if rows > 0, bytes > pageBytes { break }
            rows += 1
        }
        return max(rows, 1)
    }
}
