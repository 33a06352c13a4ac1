/// A database engine: hands out connections inside transactions. The queries of the store are written once,
/// against this; SQLite is the first engine.
protocol SQLDriver: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` against one consistent snapshot; it must not write.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction and returns after its commit is on disk; rolls back when `body` throws.
    ///
    /// A transaction, once begun, runs to its end even when the calling task is cancelled: a group commit carries
    /// the work of many callers.
    @discardableResult
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Ends all work and closes the database.
    func close() throws
}

/// One connection inside one transaction. Statements take `?` placeholders, bound in order.
protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// Runs a statement; the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// All rows of a query.
    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
}

extension SQLConnection {
    /// The first row of a query, nil where there is none.
    func first(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try query(sql, arguments).first }
}

/// Where the engines' SQL differs.
struct SQLDialect: Sendable {
    /// Type names of the schema, by the `{…}` marks of the migrations.
    var types: [String: String]
    /// Appended to a `SELECT` that claims rows to work on.
    var lockClaimedRows: String

    static let sqlite = SQLDialect(
        types: [
            "serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "uuid": "TEXT", "timestamp": "TEXT", "date": "TEXT",
            "json": "TEXT", "blob": "BLOB", "flag": "INTEGER", "real": "REAL",
        ],
        // One writer at a time: a claim cannot race with another.
        lockClaimedRows: ""
    )

    /// A statement of the schema with the engine's type names filled in.
    func schema(_ sql: String) -> String {
        types.reduce(sql) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
