import Synchronization

/// The order in which transactions get SQLite's one writer: those that are urgent before all others that wait, otherwise as
/// they came. GRDB's own queue knows no urgency, so it never holds more than what has its turn.
///
/// What waits when a turn begins is written in one transaction, for a commit costs as much as what it commits: the sync, and
/// the pages of indexes that every transaction touches. What is urgent shares its commit only with what is urgent, and ends a
/// group that it waits for. What need not be on disk is synced where something waits with it that must be, and otherwise shares
/// its commit only with its like.
final class SQLiteWriteTurns: Sendable {
    /// How many transactions share a commit, at most.
    static let groupLimit = 16
    /// After how long no more are added to a group.
    static let groupTime = Duration.milliseconds(5)

    private struct State {
        var isTaken = false
        var urgent: [SQLiteWrite] = []
        var others: [SQLiteWrite] = []
    }

    private let state = Mutex(State())

    /// Adds a transaction to those that wait. True where the caller must begin a turn, because nothing is written.
    func add(_ write: SQLiteWrite, isUrgent: Bool) -> Bool {
        state.withLock { state in
            if isUrgent { state.urgent.append(write) } else { state.others.append(write) }
            defer { state.isTaken = true }
            return !state.isTaken
        }
    }

    /// The first transaction of a turn, whether it is urgent, and whether the turn's commit must be on disk.
    typealias Turn = (write: SQLiteWrite, isUrgent: Bool, isSynced: Bool)

    /// Begins a turn. Nil where nothing waits.
    func first() -> Turn? {
        state.withLock { state in
            if !state.urgent.isEmpty {
                let isSynced = state.urgent.contains(where: \.isSynced)
                return (state.urgent.removeFirst(), true, isSynced)
            }
            guard !state.others.isEmpty else { return nil }
            let isSynced = state.others.contains(where: \.isSynced)
            return (state.others.removeFirst(), false, isSynced)
        }
    }

    /// The next transaction of a turn whose first one was urgent, or not, and whose commit is synced, or not. Nil where the turn
    /// should end.
    func next(afterUrgent isUrgent: Bool, isSynced: Bool = true) -> SQLiteWrite? {
        state.withLock { state in
            if isUrgent {
                guard let next = state.urgent.first, isSynced || !next.isSynced else { return nil }
                return state.urgent.removeFirst()
            }
            guard state.urgent.isEmpty, let next = state.others.first, isSynced || !next.isSynced else { return nil }
            return state.others.removeFirst()
        }
    }

    /// Ends a turn. True where another must begin, because something waits.
    func pass() -> Bool {
        state.withLock { state in
            state.isTaken = !state.urgent.isEmpty || !state.others.isEmpty
            return state.isTaken
        }
    }
}
