import Domain
import GRDB

/// A caller's transaction that waits for SQLite's one writer.
struct SQLiteWrite: Sendable {
    /// Runs the caller's statements, and keeps what they give. It may run again after a rollback.
    let run: @Sendable (Database) throws -> Void
    /// Tells the caller that its statements are committed, or with an error that they had no effect.
    let end: @Sendable ((any Error)?) -> Void
    /// Whether they must be on disk when the caller is told.
    var isSynced = true
}

/// Writes the transactions of several callers with one commit.
///
/// Where one of them fails, or the commit does, all are rolled back and run again, each in a transaction of its own: no caller
/// has part in another's failure, and none has read what was then undone. That is rare, so it may cost more; a savepoint for each
/// would cost every group a copy of each page it changes.
struct SQLiteWriteGroup {
    /// A caller's transaction and what became of it: nil for committed.
    typealias Ended = (write: SQLiteWrite, failure: (any Error)?)

    let first: SQLiteWrite
    /// Whether the commit must be on disk before the callers are told.
    let isSynced: Bool
    let syncing: SQLiteSyncing
    /// The store's file, for the words of an error.
    let path: String

    /// - Parameter next: gives further transactions, in their order; nil to commit.
    func write(in database: Database, next: () -> SQLiteWrite?) -> [Ended] {
        var writes = [first]
        do {
            try syncing.transaction(isSynced: isSynced, in: database) {
                try first.run(database)
                while let write = next() {
                    writes.append(write)
                    try write.run(database)
                }
            }
            return writes.map { ($0, nil) }
        } catch  where writes.count == 1 {
            return [(first, SQLiteFault.translated(error, path: path))]
        } catch {
            return writes.map { ($0, alone($0, in: database)) }
        }
    }

    private func alone(_ write: SQLiteWrite, in database: Database) -> (any Error)? {
        do {
            try syncing.transaction(isSynced: isSynced, in: database) { try write.run(database) }
            return nil
        } catch {
            return SQLiteFault.translated(error, path: path)
        }
    }
}
