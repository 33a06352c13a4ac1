/// A database engine: hands out connections inside transactions. The queries of the store are written once,
/// against this.
protocol SQLDriver: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` against one consistent snapshot; it must not write.
    ///
    /// - Parameter isUrgent: as of a write.
    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction and returns after its commit is on disk; rolls back when `body` throws.
    ///
    /// A transaction, once begun, runs to its end even when the calling task is cancelled: a group commit carries
    /// the work of many callers.
    /// An engine may run `body` again, from the start, when it broke the transaction off: it must have no effect beside
    /// its statements.
    ///
    /// - Parameter isUrgent: goes before all others that wait for a connection, and fails within seconds when the server
    ///   does not answer.
    @discardableResult
    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// As ``write(_:)``, for a transaction that does no more than take rows on a lease, or extend leases. An engine that one process
    /// alone has open need not have it on disk when this returns: it survives the end of the process, and after a power failure no
    /// worker is left that holds the lease, and the rows are claimed again (decision 0064).
    @discardableResult
    func writeLeases<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result

    /// Removes from its files what was deleted or changed before, as far as the engine can do that beside its work.
    func scrub() async throws

    /// Ends all work and closes the database.
    func close() throws
}

extension SQLDriver {
    /// A server cleans up by itself (`VACUUM`).
    func scrub() async throws {}

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await read(isUrgent: false, body)
    }

    @discardableResult
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(isUrgent: false, body)
    }

    /// On disk: a server that fails and starts again must not have lost the lease of a node that goes on working.
    @discardableResult
    func writeLeases<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await write(isUrgent: false, body)
    }
}

/// One connection inside one transaction. Statements take `?` placeholders, bound in order.
protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// Where the transaction notes whose data it changes; nil where no observer is kept.
    var changed: ChangedTenants? { get }

    /// Runs a statement; the number of rows it changed.
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a statement of whose outcome nothing is asked. It may be run later, but before any statement after it; its
    /// failure fails the transaction.
    func run(_ sql: String, _ arguments: [SQLValue]) throws

    /// As ``run(_:_:)``, once for each row of arguments.
    func runAll(_ sql: String, _ rows: [[SQLValue]]) throws

    /// Runs a statement once for each row of arguments; the numbers of rows that each changed.
    func executeAll(_ sql: String, _ rows: [[SQLValue]]) throws -> [Int]

    /// Inserts rows in their order, of which no two are the same. As with ``run(_:_:)``, it may be done later.
    func insert(_ rows: [[SQLValue]], _ insert: SQLInsert) throws

    /// Inserts rows in their order, passing over those that are there already; which of them were new.
    func insertNew(_ rows: [[SQLValue]], _ insert: SQLInsert) throws -> [Bool]

    /// All rows of a query.
    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]

    /// The rows of each of several queries, none of which needs what another gives: with a server they take one round
    /// trip together.
    func query(_ queries: [SQLQuery]) throws -> [[SQLRow]]

    /// Waits until no other transaction holds the lock of this name in a way that excludes `mode`, and holds it to the
    /// end of this one. For what no row stands for yet.
    func lock(_ mode: SQLLockMode, _ name: String) throws
}

enum SQLLockMode { case shared, exclusive }

extension SQLConnection {
    /// The first row of a query, nil without rows.
    func first(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try query(sql, arguments).first }
}

/// Where the engines' SQL differs.
struct SQLDialect: Sendable {
    /// Type names of the schema, by the `{…}` marks of the migrations.
    var types: [String: String]
    /// Whether several transactions write at a time, and rows must be locked against each other.
    var hasConcurrentWriters: Bool
    /// The condition that a column's value is in the list that a `?` stands for (``SQLValue/array(_:)``).
    var isAny: @Sendable (_ column: String) -> String
    /// Statements to begin a change of the schema with.
    var beforeMigrating: [String]
    /// The name of the function that makes letters of every script small.
    var lowercase: @Sendable (_ expression: String) -> String
    /// The day of an instant in UTC, as `2026-11-30`.
    var utcDay: @Sendable (_ expression: String) -> String = { "SUBSTR(\($0), 1, 10)" }
    /// The instant so many whole days before another.
    var daysBefore: @Sendable (_ days: Int, _ expression: String) -> String = {
        "strftime('%Y-%m-%dT%H:%M:%fZ', \($1), '-\($0) days')"
    }

    /// Whether bodies of webhooks are compressed before they are stored: PostgreSQL does that by itself.
    var compressesBodies: Bool { !hasConcurrentWriters }

    /// `FROM` the rows of `table` that meet `condition` and whose `column` is in the list of texts that the first `?` stands for
    /// (``SQLValue/array(_:)``); the other `?` are those of `condition`.
    ///
    /// For a key of which `condition` names all but its last column. PostgreSQL takes the rows of `condition` to be few while it has no
    /// statistics of the table, as in a new store: it would read all of them, filter them by the list, and keep that plan while
    /// the table grows. `OFFSET 0` has it look up each element instead; the list is a subquery because its length, if it were
    /// seen, would have every execution planned again.
    func lookup(_ table: String, by column: String, where condition: String) -> String {
        guard hasConcurrentWriters else { return "FROM \(table) WHERE \(isAny(column)) AND \(condition)" }
        return """
            FROM unnest((SELECT CAST(? AS TEXT[]))) AS listed (listed_value) CROSS JOIN LATERAL (
                SELECT * FROM \(table) WHERE \(condition) AND \(column) = listed_value OFFSET 0) AS found
            """
    }

    /// Whether large bodies of webhooks are stored in pieces: where there is one writer, everybody waits for the longest write.
    var cutsBodies: Bool { !hasConcurrentWriters }

    /// Appended to a `SELECT` that claims rows of `table` to work on: those that another transaction is claiming are left out.
    func claiming(_ table: String) -> String { hasConcurrentWriters ? "FOR UPDATE OF \(table) SKIP LOCKED" : "" }

    /// Appended to a `SELECT` of rows that this transaction will decide on: no other transaction changes them meanwhile.
    var locking: String { hasConcurrentWriters ? "FOR NO KEY UPDATE" : "" }

    /// Appended to a `SELECT` of rows that are not to be locked `FOR UPDATE` by another transaction before this one has ended, as rows
    /// are that a foreign key refers to.
    var holding: String { hasConcurrentWriters ? "FOR KEY SHARE" : "" }

    static let sqlite = SQLDialect(
        types: [
            "serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "uuid": "TEXT", "timestamp": "TEXT", "date": "TEXT",
            "json": "TEXT", "blob": "BLOB", "flag": "INTEGER", "real": "REAL", "key": "TEXT", "count": "INTEGER",
        ],
        // One writer at a time: a claim cannot race with another.
        hasConcurrentWriters: false,
        isAny: { "\($0) IN (SELECT value FROM json_each(?))" },
        beforeMigrating: [],
        // The driver's own function: SQLite's knows the letters of ASCII only.
        lowercase: { "LOWER(\($0))" })

    static let postgres = SQLDialect(
        types: [
            // Not ALWAYS: rows that move in from another store keep their numbers.
            "serial": "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "uuid": "UUID",
            "timestamp": "TIMESTAMPTZ", "date": "DATE", "json": "JSONB", "blob": "BYTEA", "flag": "BOOLEAN",
            "real": "DOUBLE PRECISION", "count": "BIGINT",
            // Keys are sorted by their bytes, as in SQLite, whatever the database's language.
            "key": "TEXT COLLATE \"C\"",
        ],
        hasConcurrentWriters: true,
        isAny: { "\($0) = ANY(?)" },
        // However long it takes, and however long another node takes.
        beforeMigrating: ["SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0"],
        // A database in the language "C" knows the letters of ASCII only.
        lowercase: { "LOWER(\($0) COLLATE \"und-x-icu\")" },
        utcDay: { "TO_CHAR(\($0) AT TIME ZONE 'UTC', 'YYYY-MM-DD')" },
        // Of 24 hours each: sessions are in UTC.
        daysBefore: { "(\($1) - INTERVAL '\($0) days')" })

    /// A statement of the schema with the engine's type names filled in.
    func schema(_ sql: String) -> String {
        types.reduce(sql) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
