import Domain

/// The end of a long removal between two of its batches.
struct Cancelled: Error {}

/// Long removals in batches, a transaction each: a writer waits for one of them at most, and the
/// write-ahead log stays small.
struct BatchSchedule: Sendable {
    let driver: any SQLDriver
    /// Most rows in one transaction: some 20 ms on SQLite, with 4 kB of JSON in each.
    var rows = 200
    /// Most bytes of webhook bodies in one transaction, of which there is at least one.
    var bytes = 16 << 20
    /// Called between two batches; false ends the removal.
    let proceed: @Sendable () async -> Bool

    /// Throws ``Cancelled`` when it is to end.
    func pause() async throws {
        guard await proceed() else { throw Cancelled() }
    }

    /// Runs `batch` until it finds less than a whole batch; what it removed. Throws ``Cancelled``.
    func repeated(
        _ batch: @escaping @Sendable (any SQLConnection) throws -> (removed: Int, hasMore: Bool),
        count: (Int) -> Void
    ) async throws {
        while true {
            let (removed, hasMore) = try await driver.write(batch)
            count(removed)
            guard hasMore else { return }
            try await pause()
        }
    }

    /// Deletes the rows of `table` that meet `condition`, which names the tenant; `key` are the columns that tell the
    /// tenant's rows apart. Throws ``Cancelled``.
    func delete(
        from table: String, key: [String], where condition: String, _ arguments: [SQLValue], tenantID: TenantID,
        count: (Int) -> Void = { _ in }
    ) async throws {
        let limit = rows
        let columns = key.joined(separator: ", ")
        // By itself `id` names one row of the table. With the tenant beside it SQLite would rather walk all of its rows.
        let outer = key == ["id"] ? "id" : "tenant_id = ? AND \(key.count == 1 ? columns : "(\(columns))")"
        let bound = (key == ["id"] ? [] : [.tenant(tenantID)]) + arguments + [.integer(limit)]
        try await repeated(
            { connection in
                let removed = try connection.execute(
                    """
                    DELETE FROM \(table) WHERE \(outer) IN (SELECT \(columns) FROM \(table) WHERE \(condition) LIMIT ?)
                    """, bound)
                return (removed, removed == limit)
            }, count: count)
    }
}
