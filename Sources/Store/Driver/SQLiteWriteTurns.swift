import Synchronization

/// The order in which transactions get SQLite's one writer: those that are urgent before all others that wait, otherwise as
/// they came. GRDB's own queue knows no urgency, so it never holds more than what has its turn.
///
/// What waits when a turn begins is written in one transaction, for a commit costs as much as what it commits: the sync, and
/// the pages of indexes that every transaction touches. What is urgent shares its commit only with what is urgent, and ends a
/// group that it waits for.
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

    /// The first transaction of a turn, and whether it is urgent. Nil where nothing waits.
    func first() -> (write: SQLiteWrite, isUrgent: Bool)? {
        state.withLock { state in
            if !state.urgent.isEmpty { return (state.urgent.removeFirst(), true) }
            return state.others.isEmpty ? nil : (state.others.removeFirst(), false)
        }
    }

    /// The next transaction of a turn whose first one was urgent, or not. Nil where the turn should end.
    func next(afterUrgent isUrgent: Bool) -> SQLiteWrite? {
        state.withLock { state in
            if isUrgent { return state.urgent.isEmpty ? nil : state.urgent.removeFirst() }
            return state.others.isEmpty || !state.urgent.isEmpty ? nil : state.others.removeFirst()
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
