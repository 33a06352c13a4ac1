import Dispatch
import Domain
import Glibc

/// PostgreSQL through libpq: a pool of connections, each with a thread of its own while a transaction runs on it.
///
/// A connection that broke is replaced at the next transaction. A transaction that lost its connection before its COMMIT
/// was sent, or that the server broke off (serialization failure, deadlock), is run again; one whose COMMIT may or may
/// not have arrived fails as `.unavailable`, and the caller's retry finds out.
struct PostgresDriver: SQLDriver {
    let dialect = SQLDialect.postgres
    let settings: PostgresSettings
    private let pool: PostgresPool
    private let metrics: StoreMetrics?
    private let changes: StoreChanges?

    /// - Parameters:
    ///   - metrics: counts the commits; nil to count none.
    ///   - changes: hears of commits; nil for none.
    init(_ settings: PostgresSettings, metrics: StoreMetrics? = nil, changes: StoreChanges? = nil) {
        self.settings = settings
        self.metrics = metrics
        self.changes = changes
        pool = PostgresPool(limit: settings.connectionLimit)
    }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await transaction(Self.beginReading, isUrgent: isUrgent, body)
    }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let changed = changes.map { _ in ChangedTenants() }
        defer { if let changed { changes?.committed(changed) } }
        guard let metrics else { return try await transaction("BEGIN", isUrgent: isUrgent, changed: changed, body) }
        return try await metrics.counting {
            try await transaction("BEGIN", isUrgent: isUrgent, changed: changed, body) { metrics.wrote(in: $0) }
        }
    }

    func close() { pool.close() }

    fileprivate static let beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    private func transaction<Result: Sendable>(
        _ begin: String, isUrgent: Bool, changed: ChangedTenants? = nil,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        onEnd: @escaping @Sendable (Duration) -> Void = { _ in }
    ) async throws -> Result {
        let slot = try await pool.acquire(isUrgent: isUrgent)
        var settings = settings
        if isUrgent { settings.answerSeconds = min(settings.answerSeconds, PostgresSettings.urgentAnswerSeconds) }
        let bounded = settings
        let result = await withCheckedContinuation { continuation in
            slot.queue.async {
                let began = ContinuousClock.now
                let result = Swift.Result { try slot.transaction(begin, bounded, changed, body) }
                onEnd(.now - began)
                continuation.resume(returning: result)
            }
        }
        do {
            let value = try result.get()
            pool.release(slot, outage: nil)
            return value
        } catch let error as PostgresError {
            pool.release(slot, outage: error.isOutage ? error.translated : nil)
            throw error.translated
        } catch {
            pool.release(slot, outage: nil)
            throw error
        }
    }
}

/// A place in the pool: a connection, or none yet, and the queue whose thread uses it.
///
/// `@unchecked Sendable`: the pool gives a slot to one task at a time, which touches the session on the queue only, and
/// looks at it afterwards, before it gives the slot back.
final class PostgresSlot: @unchecked Sendable {
    let queue = DispatchQueue(label: "consilod.postgres")
    fileprivate(set) var session: PostgresSession?

    /// Maximum runs of a transaction that the server aborts.
    private let attemptLimit = 10

    fileprivate func transaction<Result>(
        _ begin: String, _ settings: PostgresSettings, _ changed: ChangedTenants?,
        _ body: (any SQLConnection) throws -> Result
    ) throws -> Result {
        var attempt = 1
        while true {
            let isReused = session != nil
            let session = try self.session ?? Self.connected(settings)
            self.session = session
            session.answerSeconds = settings.answerSeconds
            let connection = PostgresConnection(session: session, changed: changed)
            var commitIsSent = false
            do {
                try session.sendOnce(begin)
                let result = try body(connection)
                if begin == PostgresDriver.beginReading, session.isInTransaction {
                    try session.endReading()
                    return result
                }
                commitIsSent = true
                try session.sendOnce("COMMIT")
                let tag = try session.synchronize().last?.tag
                // Of a transaction in which something failed and was overlooked, COMMIT makes a ROLLBACK.
                guard tag == "COMMIT" else {
                    throw StorageError(.unavailable, "PostgreSQL rolled the transaction back")
                }
                return result
            } catch let error as PostgresError {
                if error.endsConnection {
                    self.session = nil
                    guard isReused, !commitIsSent else { throw error }
                } else {
                    rollBack(session)
                    guard error.isRetryable, attempt < attemptLimit else { throw error }
                    // The conflicting transaction has not ended yet.
                    usleep(UInt32.random(in: 1000...10_000) * UInt32(attempt))
                }
                attempt += 1
            } catch {
                rollBack(session)
                throw error
            }
        }
    }

    private static func connected(_ settings: PostgresSettings) throws -> PostgresSession {
        do {
            return try PostgresSession(settings)
        } catch var error as PostgresError {
            error.isOutage = true
            throw error
        }
    }

    private func rollBack(_ session: PostgresSession) {
        do {
            // What was sent and not answered yet is answered first, and its failure is no news.
            do { try session.synchronize() } catch let error as PostgresError where !error.endsConnection {}
            try session.sendOnce("ROLLBACK")
            try session.synchronize()
        } catch {
            self.session = nil
        }
    }

    func disconnect() { queue.async { self.session = nil } }
}

/// A transaction of a session.
private struct PostgresConnection: SQLConnection {
    let dialect = SQLDialect.postgres
    let session: PostgresSession
    let changed: ChangedTenants?

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try session.send(sql, arguments)
        return try session.synchronize().last?.changed ?? 0
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws { try session.send(sql, arguments) }

    func runAll(_ sql: String, _ rows: [[SQLValue]]) throws {
        for row in rows { try session.send(sql, row) }
    }

    func executeAll(_ sql: String, _ rows: [[SQLValue]]) throws -> [Int] {
        var changed: [Int] = []
        // The answers to what was sent before, and of the portions, must not be mixed up.
        try session.synchronize()
        for start in stride(from: 0, to: rows.count, by: 256) {
            for row in rows[start..<min(start + 256, rows.count)] { try session.send(sql, row) }
            changed += try session.synchronize().map(\.changed)
        }
        return changed
    }

    func insert(_ rows: [[SQLValue]], _ insert: SQLInsert) throws {
        guard rows.count > 1 else { return try runAll(insert.statement, rows) }
        for portion in Self.portions(of: rows) { try session.sendArrays(insert.statementOfArrays, portion) }
    }

    func insertNew(_ rows: [[SQLValue]], _ insert: SQLInsert) throws -> [Bool] {
        guard rows.count > 1 else { return try executeAll(insert.statement, rows).map { $0 > 0 } }
        // Each key is of one new row.
        var new: Set<[[UInt8]?]> = []
        for portion in Self.portions(of: rows) {
            try session.sendArrays(insert.statementOfArraysTellingNew, portion)
            for row in try session.synchronize().last?.rows ?? [] { new.insert(try row.values.map(Self.identity)) }
        }
        return try rows.map { row in new.remove(try insert.key.map { try Self.identity(row[$0]) }) != nil }
    }

    /// What tells a value of a key from others at the server: for it, other than for Swift, texts are their bytes.
    private static func identity(_ value: SQLValue) throws -> [UInt8]? {
        switch value {
        case .uuid: try PostgresType.uuid.encode(value)
        case .integer: try PostgresType.int8.encode(value)
        default: try PostgresType.text.encode(value)
        }
    }

    /// Of no more rows and bytes than a statement should have: it is in memory several times at once.
    private static func portions(of rows: [[SQLValue]]) -> [ArraySlice<[SQLValue]>] {
        var portions: [ArraySlice<[SQLValue]>] = []
        var (start, bytes) = (0, 0)
        for (index, row) in rows.enumerated() {
            let size = row.reduce(0) { sum, value in
                switch value {
                case .blob(let data): sum + data.count
                case .text(let text): sum + text.utf8.count
                default: sum
                }
            }
            if index > start, index - start == 256 || bytes + size > 4 << 20 {
                portions.append(rows[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        if start < rows.count { portions.append(rows[start...]) }
        return portions
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try session.send(sql, arguments)
        return try session.synchronize().last?.rows ?? []
    }

    func query(_ queries: [SQLQuery]) throws -> [[SQLRow]] { try session.answers(to: queries).map(\.rows) }

    func lock(_ mode: SQLLockMode, _ name: String) throws {
        let function = mode == .shared ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock"
        // The function itself gives nothing, which is no type to read.
        try run("SELECT 1 FROM \(function)(hashtextextended(?, 0))", [.text(name)])
    }
}
