import GRDB
import GRDBSQLite
import Synchronization

/// Which transactions of the connection that writes are synced (decision 0064), and what becomes of the log when a sync fails.
///
/// What is not synced stays in the log, and the next sync takes it along; a checkpoint syncs the log first, whatever is set
/// (sqlite.org/pragma.html#pragma_synchronous). Linux reports a page that could not be written to the sync that follows, and only to that one:
/// later transactions would be on disk behind a gap, where a recovery ends. So after such a failure nothing is added to the log.
final class SQLiteSyncing: Sendable {
    private struct State {
        /// What the connection is set to; nil while it is not known.
        var isSynced: Bool?
        /// Whether a sync of the log has failed since it began.
        var isLogDoubtful = false
    }

    private let state = Mutex(State())

    /// Runs `body` in a transaction of `connection`, on its queue. Throws what that throws, with no effect, and GRDB's `DatabaseError`.
    ///
    /// - Parameter isSynced: whether it must be on disk when this returns.
    func transaction(isSynced: Bool, in connection: Database, _ body: () throws -> Void) throws {
        if state.withLock({ $0.isLogDoubtful }) {
            // All that the log holds goes into the database file, that is synced, and the log begins at its first page.
            try connection.checkpoint(.truncate)
            state.withLock { $0.isLogDoubtful = false }
        }
        try set(isSynced, of: connection)
        do {
            try SQLiteStatement.transaction(.immediate, in: connection, body)
        } catch {
            note(error)
            throw error
        }
    }

    /// Notes the failure of a transaction or a checkpoint, if it is that of a sync.
    func note(_ error: any Error) {
        guard (error as? DatabaseError)?.extendedResultCode == .SQLITE_IOERR_FSYNC else { return }
        doubtLog()
    }

    /// Has the log begin at its first page before the next transaction.
    func doubtLog() { state.withLock { $0.isLogDoubtful = true } }

    private func set(_ isSynced: Bool, of connection: Database) throws {
        guard state.withLock({ $0.isSynced }) != isSynced else { return }
        state.withLock { $0.isSynced = nil }
        // Not a statement that is kept prepared: SQLite does this one while it reads it, and nothing when it runs it.
        let code = sqlite3_exec(
            connection.sqliteConnection, "PRAGMA synchronous = \(isSynced ? "FULL" : "NORMAL")", nil, nil, nil)
        guard code == SQLITE_OK else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: sqlite3_errmsg(connection.sqliteConnection).map { String(cString: $0) })
        }
        state.withLock { $0.isSynced = isSynced }
    }
}
