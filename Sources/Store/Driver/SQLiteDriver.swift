import Domain
import Foundation
import GRDB
import Synchronization

/// SQLite through GRDB: write-ahead log, every commit but those of leases synced to disk (P1), one writer and concurrent readers.
struct SQLiteDriver: SQLDriver {
    let dialect = SQLDialect.sqlite
    private let pool: DatabasePool
    private let checkpointer: SQLiteCheckpointer
    private let path: String
    /// What must be writable.
    private let files: [String]
    private let metrics: StoreMetrics?
    private let changes: StoreChanges?
    private let turns = SQLiteWriteTurns()
    let syncing: SQLiteSyncing

    /// Opens, and where it is missing creates, the database file. Throws `StorageError(.unavailable)`.
    ///
    /// - Parameters:
    ///   - metrics: counts the commits; nil to count none.
    ///   - changes: hears of commits; nil for none.
    ///   - quietInterval: how long hardly anything must be written for the log to be carried over.
    init(
        path: String, metrics: StoreMetrics? = nil, changes: StoreChanges? = nil, quietInterval: Duration = .seconds(5)
    ) throws {
        let path = SQLiteFile.resolved(path)
        SQLiteFile.create(path)
        self.path = path
        files = SQLiteFault.files(of: path)
        self.metrics = metrics
        self.changes = changes
        let syncing = SQLiteSyncing()
        self.syncing = syncing
        let checkpointer = SQLiteCheckpointer(path: path, quietInterval: quietInterval, syncing: syncing)
        self.checkpointer = checkpointer
        var configuration = GRDB.Configuration()
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = true
        // Short: writers queue up behind one that waits for another process, and Jira hangs up after 20 seconds.
        configuration.busyMode = .timeout(2)
        configuration.maximumReaderCount = 4
        configuration.label = "consilod"
        configuration.prepareDatabase { database in
            if !database.configuration.readonly {
                checkpointer.watch(database)
                // 16 MB, so that what a busy host touches again and again is not read from the file each time.
                try database.execute(sql: "PRAGMA cache_size = -16384")
                // What is deleted is overwritten, and not only forgotten.
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            // SQLite's own knows the letters of ASCII only.
            database.add(
                function: DatabaseFunction("LOWER", argumentCount: 1, pure: true) { values in
                    String.fromDatabaseValue(values[0])?.lowercased()
                })
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // What commits must be, but those of leases (P1). Not where connections are prepared: after that GRDB sets NORMAL for
            // the one that writes, with which a power failure would take the last commits.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try checkpointer.begin(beside: pool)
        } catch {
            throw SQLiteFault.translated(error, path: path)
        }
    }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncUnsafeRead { database in
                continuation.resume(
                    with: Swift.Result {
                        do {
                            let database = try database.get()
                            return try SQLiteStatement.transaction(.deferred, in: database) {
                                try body(SQLiteConnection(database: database))
                            }
                        } catch {
                            throw SQLiteFault.translated(error, path: path)
                        }
                    })
            }
        }
    }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        guard let metrics else { return try await commit(isUrgent: isUrgent, isSynced: true, body) }
        return try await metrics.counting { try await commit(isUrgent: isUrgent, isSynced: true, body) }
    }

    func writeLeases<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        guard let metrics else { return try await commit(isUrgent: false, isSynced: false, body) }
        return try await metrics.counting { try await commit(isUrgent: false, isSynced: false, body) }
    }

    private func commit<Result: Sendable>(
        isUrgent: Bool, isSynced: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        // Not left to SQLite: what it writes to the index of its log it writes to mapped memory, and there a file that
        // cannot be written is no error but the end of the process (SIGBUS). Reading writes to it only once after a
        // commit.
        if let obstacle = SQLiteFault.obstacle(among: files) { throw StorageError(.unavailable, obstacle) }
        let outcome = Outcome<Result>()
        let changed = changes.map { _ in ChangedTenants() }
        return try await withCheckedThrowingContinuation { continuation in
            let write = SQLiteWrite(
                run: { outcome.set(try body(SQLiteConnection(database: $0, changed: changed))) },
                end: { failure in
                    if let changed, failure == nil { changes?.committed(changed) }
                    continuation.resume(with: failure.map { .failure($0) } ?? outcome.result)
                }, isSynced: isSynced)
            if turns.add(write, isUrgent: isUrgent) { begin() }
        }
    }

    /// Writes what waits, in one transaction after the other, until nothing does.
    private func begin() {
        pool.asyncWriteWithoutTransaction { database in
            let began = ContinuousClock.now
            var ended: [SQLiteWriteGroup.Ended] = []
            if let turn = turns.first() {
                ended = write(turn, since: began, in: database)
                metrics?.wrote(in: .now - began)
            }
            // First: the next ones need not wait for what becomes of these.
            if turns.pass() { begin() }
            for (write, failure) in ended { write.end(failure) }
        }
    }

    private func write(
        _ turn: SQLiteWriteTurns.Turn, since began: ContinuousClock.Instant, in database: Database
    ) -> [SQLiteWriteGroup.Ended] {
        let group = SQLiteWriteGroup(first: turn.write, isSynced: turn.isSynced, syncing: syncing, path: path)
        var count = 1
        return group.write(in: database) {
            guard count < SQLiteWriteTurns.groupLimit, .now - began < SQLiteWriteTurns.groupTime else { return nil }
            count += 1
            return turns.next(afterUrgent: turn.isUrgent, isSynced: turn.isSynced)
        }
    }

    /// Writes the database file again, carries the log over, and empties its file.
    ///
    /// `secure_delete` overwrites what is deleted, but where cells move between pages the unused part of a page keeps what was there. A
    /// file of more than ``vacuumLimit`` is left as it is: writers would wait too long.
    func scrub() async throws {
        // Readers that see an older state keep it from being done.
        for attempt in 1... {
            do {
                try await vacuumAndCheckpoint()
                return
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && attempt < Self.scrubAttempts {
                continue
            } catch {
                syncing.note(error)
                throw SQLiteFault.translated(error, path: path)
            }
        }
    }

    private static let scrubAttempts = 10
    /// Bytes; some seconds of writing.
    private static let vacuumLimit = 256 << 20

    /// `VACUUM`, then a checkpoint of the mode `TRUNCATE` (sqlite.org/c3ref/wal_checkpoint_v2.html).
    private func vacuumAndCheckpoint() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Swift.Result {
                        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                        let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
                        if pages * size <= Self.vacuumLimit { try database.execute(sql: "VACUUM") }
                        _ = try database.checkpoint(.truncate)
                    })
            }
        }
    }

    func close() throws {
        do {
            try checkpointer.end()
            try pool.close()
        } catch { throw SQLiteFault.translated(error, path: path) }
    }
}

/// What a caller's statements gave, until their commit is on disk.
private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func set(_ new: sending Value) { value.withLock { $0 = new } }

    /// Asked only after a commit.
    var result: Result<Value, any Error> {
        guard let value = value.withLock({ $0 }) else {
            return .failure(StorageError(.unavailable, "the transaction did not run"))
        }
        return .success(value)
    }
}

struct SQLiteConnection: SQLConnection {
    let dialect = SQLDialect.sqlite
    let database: Database
    var changed: ChangedTenants?

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try SQLiteStatement(sql, in: database).execute(arguments)
    }

    func run(_ sql: String, _ arguments: [SQLValue]) throws { _ = try execute(sql, arguments) }

    func runAll(_ sql: String, _ rows: [[SQLValue]]) throws {
        guard !rows.isEmpty else { return }
        let statement = try SQLiteStatement(sql, in: database)
        for row in rows { _ = try statement.execute(row) }
    }

    func executeAll(_ sql: String, _ rows: [[SQLValue]]) throws -> [Int] {
        let statement = try SQLiteStatement(sql, in: database)
        return try rows.map { try statement.execute($0) }
    }

    func insert(_ rows: [[SQLValue]], _ insert: SQLInsert) throws { try runAll(insert.statement, rows) }

    func insertNew(_ rows: [[SQLValue]], _ insert: SQLInsert) throws -> [Bool] {
        try executeAll(insert.statement, rows).map { $0 > 0 }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try SQLiteStatement(sql, in: database).rows(arguments)
    }

    func query(_ queries: [SQLQuery]) throws -> [[SQLRow]] { try queries.map { try query($0.sql, $0.arguments) } }

    /// There is one writer at a time.
    func lock(_ mode: SQLLockMode, _ name: String) throws {}
}
