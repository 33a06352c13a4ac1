import Domain
import Foundation
import GRDB
import Glibc

/// Looks whether a store could be opened and written by a daemon, without changing anything in it.
public enum StoreProbe {
    /// What was found.
    public enum Finding: Sendable, Hashable {
        /// It is there and takes writes.
        case writable
        /// It is not there yet, and could be made.
        case absent
        /// A daemon uses it; the text names the process.
        case inUse(String)
    }

    /// Looks at a SQLite file. Throws `StorageError` where a daemon could not use it. Root takes the rights of the store's
    /// owner, and keeps them.
    public static func sqlite(path: String) async throws -> Finding {
        try FileOwner.takeOver(path)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: path) else {
            try SQLiteFile.refuseLost(SQLiteFile.resolved(path), wasUsed: StoreLock.wasUsed(SQLiteFile.resolved(path)))
            guard access(folder, W_OK | X_OK) == 0 else {
                throw StorageError(
                    .unavailable, "the folder \(folder) cannot be written: \(String(cString: strerror(errno)))")
            }
            return .absent
        }
        // Never while a daemon runs.
        let lock: StoreLock
        do {
            lock = try StoreLock(storePath: path, opensStore: true)
        } catch let error as StorageError where error.message.hasPrefix("another consilod") {
            return .inUse(error.message)
        }
        defer { lock.release() }
        if let obstacle = SQLiteFault.obstacle(path) { throw StorageError(.unavailable, obstacle) }
        do {
            // Not the daemon's own way to open it, which writes at once so that readers find a log.
            let queue = try DatabaseQueue(path: path)
            try queue.inTransaction(.immediate) { database in
                _ = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master")
                return .rollback
            }
            try queue.close()
        } catch let error as DatabaseError {
            throw SQLiteFault.storageError(error, path: path)
        }
        return .writable
    }

    /// Looks at a PostgreSQL database, which daemons may share. Throws `StorageError` where a daemon could not use it.
    public static func postgres(_ settings: PostgresSettings) async throws -> Finding {
        let driver = PostgresDriver(settings)
        let result: Result<Void, any Error>
        do {
            // Connects to a server that takes writes, as the daemon's settings ask for.
            _ = try await driver.write { try $0.first("SELECT 1", []) != nil }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        driver.close()
        try result.get()
        return .writable
    }
}
