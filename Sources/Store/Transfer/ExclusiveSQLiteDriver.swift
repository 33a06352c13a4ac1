import Domain
import Foundation
import GRDB

/// A SQLite file that no other process can read or write while it is open here: what is copied from or to it does not
/// change meanwhile.
///
/// In SQLite's exclusive locking mode, set before the first access, the lock of the whole file is taken, which fails while
/// any other connection is open, and kept until this one ends (sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
/// The lock of the store (``StoreLock``) is taken besides, by which a daemon says what is the matter. The end of the
/// process, however it comes, ends both.
///
/// GRDB's `async` accesses roll back when the calling task is cancelled; its callback forms, used here, run to the end.
struct ExclusiveSQLiteDriver: SQLDriver {
    let dialect = SQLDialect.sqlite
    private let lock: StoreLock
    private let queue: DatabaseQueue
    private let path: String

    /// Opens, and where it is missing creates, the file. Throws `StorageError(.unavailable)` while somebody else has it
    /// open.
    init(path: String) throws {
        self.path = path
        lock = try StoreLock(storePath: path)
        var configuration = GRDB.Configuration()
        configuration.foreignKeysEnabled = true
        // Long enough for somebody's look at the tables, short enough for the person who waits.
        configuration.busyMode = .timeout(2)
        configuration.label = "consilod.exclusive"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            // A file without a write-ahead log is locked by the first write only.
            try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE; COMMIT") }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw StorageError(
                .unavailable, "\(path) is open in another process: stop the consilod that works on it first",
                cause: error)
        } catch let error as DatabaseError {
            throw SQLiteFault.storageError(error, path: path)
        }
    }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.asyncRead { database in
                continuation.resume(
                    with: Swift.Result {
                        do { return try body(SQLiteConnection(database: try database.get())) } catch {
                            throw SQLiteFault.translated(error, path: path)
                        }
                    })
            }
        }
    }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.asyncWrite(
                { database in try body(SQLiteConnection(database: database)) },
                completion: { _, result in
                    continuation.resume(with: result.mapError { SQLiteFault.translated($0, path: path) })
                })
        }
    }

    func close() throws {
        do { try queue.close() } catch { throw SQLiteFault.translated(error, path: path) }
        lock.release()
    }
}
