import GRDB
import GRDBSQLite
import Synchronization

/// Carries what the write-ahead log holds over into the database file, beside the writer and not in its way.
///
/// Left to itself SQLite does it in the commit that makes the log long: all its pages are written and synced while webhooks
/// wait. Here a connection of its own does nearly all of that while others write on (a passive checkpoint,
/// sqlite.org/c3ref/wal_checkpoint_v2.html). The log restarts only when nothing is left in it, so the writer carries over
/// the few pages that it has written meanwhile.
final class SQLiteCheckpointer: Sendable {
    private struct State {
        weak var writer: DatabasePool?
        var helper: DatabaseQueue?
        var isAtWork = false
        /// Pages in the log, the carried over ones too.
        var length = 0
        /// The length at which to begin.
        var nextAt = SQLiteCheckpointer.portion
    }

    /// Pages of 4 kB. With fewer the same pages would be written more often, with more it would take longer to read.
    private static let portion = 4096
    private let path: String
    private let state = Mutex(State())

    /// - Parameter path: of the database file.
    init(path: String) { self.path = path }

    /// Has `connection`, the one that writes, tell after each commit how long the log is. It must own the checkpointer.
    func watch(_ connection: Database) {
        sqlite3_wal_hook(
            connection.sqliteConnection,
            { context, _, _, pages in
                if let context {
                    Unmanaged<SQLiteCheckpointer>.fromOpaque(context).takeUnretainedValue().log(holds: Int(pages))
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Begins to work on the log of an open database. Throws GRDB's `DatabaseError`.
    func begin(beside writer: DatabasePool) throws {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(2)
        configuration.label = "consilod.checkpoint"
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let helper = try DatabaseQueue(path: path, configuration: configuration)
        state.withLock { ($0.writer, $0.helper) = (writer, helper) }
    }

    /// Ends the work; to be called before the database is closed. Throws GRDB's `DatabaseError`.
    func end() throws {
        let helper = state.withLock { state in
            defer { state.helper = nil }
            return state.helper
        }
        try helper?.close()
    }

    private func log(holds pages: Int) {
        state.withLock { state in
            if pages < state.length { state.nextAt = Self.portion }
            state.length = pages
            guard let helper = state.helper, !state.isAtWork, pages >= state.nextAt else { return }
            state.isAtWork = true
            // Within the lock, so that it comes before the end.
            helper.asyncWriteWithoutTransaction { self.work($0) }
        }
    }

    private func work(_ helper: Database) {
        guard let pages = carryOver(helper) else { return rest() }
        let writer = state.withLock { $0.length > pages ? $0.writer : nil }
        guard let writer else { return rest() }
        // A checkpoint that others write past has synced nothing, and all of it would be left for the writer to wait for.
        Self.sync(helper)
        writer.asyncWriteWithoutTransaction { writer in
            _ = self.carryOver(writer)
            self.rest()
        }
    }

    /// Until the log has grown by as much again; a log that restarts is watched from its beginning.
    private func rest() {
        state.withLock { state in
            state.isAtWork = false
            state.nextAt = state.length + Self.portion
        }
    }

    /// Carries over all that no reader still needs in its older form; up to which page of the log. Nil where it failed: the next
    /// commits fail of the same, and are told, or it is done later.
    private func carryOver(_ connection: Database) -> Int? {
        // As in the driver's own writes.
        guard SQLiteFault.obstacle(path) == nil else { return nil }
        do {
            return try connection.checkpoint(.passive).checkpointedFrameCount
        } catch {
            return nil
        }
    }

    /// Syncs the database file through SQLite's own handle: to open it once more and close it would end SQLite's locks
    /// (sqlite.org/howtocorrupt.html, section 2.2). It is done only so that the writer has less to wait for: the checkpoint
    /// that ends the log syncs the file again.
    private static func sync(_ connection: Database) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        sqlite3_file_control(connection.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        _ = file?.pointee.pMethods?.pointee.xSync?(file, SQLITE_SYNC_NORMAL)
    }
}
