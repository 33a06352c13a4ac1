import Domain
import Synchronization

/// Hands out a bounded number of connections, first come first served; the last one free is kept for webhooks, which
/// must not wait for somebody's long query.
///
/// While the server cannot be reached, requests fail at once, and a new connection is tried twice a second.
final class PostgresPool: Sendable {
    private typealias Match = (waiting: CheckedContinuation<PostgresSlot, any Error>, slot: PostgresSlot)

    private struct State {
        var idle: [PostgresSlot]
        var urgent: [CheckedContinuation<PostgresSlot, any Error>] = []
        var others: [CheckedContinuation<PostgresSlot, any Error>] = []
        var outage: (error: StorageError, until: ContinuousClock.Instant)?
        var isClosed = false

        /// Who gets a slot now.
        mutating func matches() -> [Match] {
            var matches: [Match] = []
            while !urgent.isEmpty, let slot = idle.popLast() { matches.append((urgent.removeFirst(), slot)) }
            while !others.isEmpty, idle.count > 1, let slot = idle.popLast() {
                matches.append((others.removeFirst(), slot))
            }
            return matches
        }
    }

    private let state: Mutex<State>
    private static let closed = StorageError(.unavailable, "the store is closed")

    /// - Parameter limit: most connections, at least two.
    init(limit: Int) {
        state = Mutex(State(idle: (0..<max(limit, 2)).map { _ in PostgresSlot() }))
    }

    /// Throws `StorageError(.unavailable)` while the server cannot be reached.
    func acquire(isUrgent: Bool) async throws -> PostgresSlot {
        try await withCheckedThrowingContinuation { continuation in
            let (refusal, matches) = state.withLock { state -> (StorageError?, [Match]) in
                if state.isClosed { return (Self.closed, []) }
                if let outage = state.outage, outage.until > .now { return (outage.error, []) }
                if isUrgent { state.urgent.append(continuation) } else { state.others.append(continuation) }
                return (nil, state.matches())
            }
            if let refusal { continuation.resume(throwing: refusal) }
            for (waiting, slot) in matches { waiting.resume(returning: slot) }
        }
    }

    /// Gives a slot back.
    ///
    /// - Parameter outage: why no connection is available; nil if one is. All waiting callers then get it, as each of them
    ///   would wait as long for the same.
    func release(_ slot: PostgresSlot, outage: StorageError?) {
        let (refused, matches, isClosed) = state.withLock { state in
            // The one used last is used next: its connection is warm.
            state.idle.append(slot)
            var refused: [CheckedContinuation<PostgresSlot, any Error>] = []
            if let outage {
                state.outage = (outage, .now + .milliseconds(500))
                refused = state.urgent + state.others
                (state.urgent, state.others) = ([], [])
            } else {
                state.outage = nil
            }
            return (refused, state.matches(), state.isClosed)
        }
        if let outage { for waiting in refused { waiting.resume(throwing: outage) } }
        for (waiting, slot) in matches { waiting.resume(returning: slot) }
        if isClosed { slot.disconnect() }
    }

    /// Refuses all who wait, and ends the connections that are free, the others when they come back.
    func close() {
        let (refused, idle) = state.withLock { state in
            let refused = state.urgent + state.others
            state.isClosed = true
            (state.urgent, state.others) = ([], [])
            return (refused, state.idle)
        }
        for waiting in refused { waiting.resume(throwing: Self.closed) }
        for slot in idle { slot.disconnect() }
    }
}
