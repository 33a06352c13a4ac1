import Dispatch
import GRDB
import GRDBSQLite
import Synchronization

/// Carries what the write-ahead log holds over into the database file, beside the writer and not in its way.
///
/// Left to itself SQLite does it in the commit that makes the log long: all its pages are written and synced while webhooks
/// wait. Here a connection of its own does nearly all of that while others write on (a passive checkpoint,
/// sqlite.org/c3ref/wal_checkpoint_v2.html). The log restarts only when nothing is left in it, so the writer carries over
/// the few pages that it has written meanwhile.
///
/// When it is quiet, the rest follows: a copy of the database file alone is then a copy of the store.
final class SQLiteCheckpointer: Sendable {
    private struct State {
        weak var writer: DatabasePool?
        var helper: DatabaseQueue?
        var isAtWork = false
        /// Pages in the log, the carried over ones too.
        var length = 0
        /// The length at which to begin.
        var nextAt = SQLiteCheckpointer.portion
        /// Pages written since the last checkpoint began, and since the last look whether it is quiet.
        var pagesWaiting = 0
        var pagesSinceLook = 0
        var looksSinceCheckpoint = 0
    }

    /// What the heartbeats of an idle daemon stay below.
    private static let fewPages = 64
    /// After how many quiet looks a few pages are carried over.
    private static let patience = 12

    /// Pages of 4 kB. With fewer the same pages would be written more often, with more it would take longer to read.
    private static let portion = 4096
    private let path: String
    private let quietInterval: Duration
    private let syncing: SQLiteSyncing
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of the database file.
    ///   - quietInterval: how often it is looked whether it is quiet.
    ///   - syncing: hears of a sync that failed.
    init(path: String, quietInterval: Duration, syncing: SQLiteSyncing) {
        self.path = path
        self.quietInterval = quietInterval
        self.syncing = syncing
    }

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
        lookLater()
    }

    private func lookLater() {
        let milliseconds = Int(quietInterval / .milliseconds(1))
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            guard let self, self.look() else { return }
            self.lookLater()
        }
    }

    /// Carries the log over where hardly anything was written since the last look; a few pages now and then only. False
    /// after the end.
    private func look() -> Bool {
        state.withLock { state in
            guard let helper = state.helper else { return false }
            let isQuiet = state.pagesSinceLook < Self.fewPages
            state.pagesSinceLook = 0
            state.looksSinceCheckpoint += 1
            if isQuiet, !state.isAtWork, state.pagesWaiting > 0,
                state.pagesWaiting >= Self.fewPages || state.looksSinceCheckpoint >= Self.patience
            {
                begin(&state, helper)
            }
            return true
        }
    }

    /// To be called within the lock, so that it comes before the end.
    private func begin(_ state: inout State, _ helper: DatabaseQueue) {
        state.isAtWork = true
        (state.pagesWaiting, state.looksSinceCheckpoint) = (0, 0)
        helper.asyncWriteWithoutTransaction { self.work($0) }
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
            let written = pages > state.length ? pages - state.length : pages
            state.pagesWaiting += written
            state.pagesSinceLook += written
            if pages < state.length { state.nextAt = Self.portion }
            state.length = pages
            guard let helper = state.helper, !state.isAtWork, pages >= state.nextAt else { return }
            begin(&state, helper)
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
            syncing.note(error)
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
