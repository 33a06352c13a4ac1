import Synchronization

/// The order in which transactions get SQLite's one writer: those that are urgent before all others that wait, otherwise as
/// they came. GRDB's own queue knows no urgency, so it never holds more than the transaction whose turn it is.
final class SQLiteWriteTurns: Sendable {
    typealias Begin = @Sendable () -> Void

    private struct State {
        var isTaken = false
        var urgent: [Begin] = []
        var others: [Begin] = []
    }

    private let state = Mutex(State())

    /// Calls `begin` when it is its turn, at once where nothing is written. It must lead to one call of ``pass()``.
    func take(isUrgent: Bool, _ begin: @escaping Begin) {
        let mayBegin = state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            if isUrgent { state.urgent.append(begin) } else { state.others.append(begin) }
            return false
        }
        if mayBegin { begin() }
    }

    /// Ends a turn: the next one begins before this returns.
    func pass() {
        let next = state.withLock { state -> Begin? in
            if !state.urgent.isEmpty { return state.urgent.removeFirst() }
            if !state.others.isEmpty { return state.others.removeFirst() }
            state.isTaken = false
            return nil
        }
        next?()
    }
}
