import Synchronization

@testable import Store

/// How often transactions waited for a server.
final class RoundTrips: Sendable {
    private let count = Mutex(0)

    func add() { count.withLock { $0 += 1 } }

    /// How many there were since the last call.
    func taken() -> Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}

/// A driver that counts what is a round trip with a server: each statement whose answer is wanted, and each group of statements that
/// are sent together. It counts on SQLite as well.
struct CountedDriver: SQLDriver {
    let driver: any SQLDriver
    let trips: RoundTrips

    var dialect: SQLDialect { driver.dialect }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await driver.read(isUrgent: isUrgent) { [trips] connection in
            try body(CountedConnection(connection: connection, trips: trips))
        }
    }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await driver.write(isUrgent: isUrgent) { [trips] connection in
            try body(CountedConnection(connection: connection, trips: trips))
        }
    }

    func close() throws { try driver.close() }
}

private struct CountedConnection: SQLConnection {
    let connection: any SQLConnection
    let trips: RoundTrips

    var dialect: SQLDialect { connection.dialect }
    var changed: ChangedTenants? { connection.changed }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        trips.add()
        return try connection.execute(sql, arguments)
    }

    // These are sent with what comes next.
    func run(_ sql: String, _ arguments: [SQLValue]) throws { try connection.run(sql, arguments) }
    func runAll(_ sql: String, _ rows: [[SQLValue]]) throws { try connection.runAll(sql, rows) }
    func insert(_ rows: [[SQLValue]], _ insert: SQLInsert) throws { try connection.insert(rows, insert) }
    func lock(_ mode: SQLLockMode, _ name: String) throws { try connection.lock(mode, name) }

    func executeAll(_ sql: String, _ rows: [[SQLValue]]) throws -> [Int] {
        trips.add()
        return try connection.executeAll(sql, rows)
    }

    func insertNew(_ rows: [[SQLValue]], _ insert: SQLInsert) throws -> [Bool] {
        trips.add()
        return try connection.insertNew(rows, insert)
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        trips.add()
        return try connection.query(sql, arguments)
    }

    func query(_ queries: [SQLQuery]) throws -> [[SQLRow]] {
        trips.add()
        return try connection.query(queries)
    }
}
