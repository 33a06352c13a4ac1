import NIOCore
import Synchronization

/// The open connections, and which of them owe no answer, the longest idle first. When the limit is reached, that one is
/// closed, so that idle connections cannot keep Jira out.
///
/// Where every connection is busy none is closed: Hummingbird accepts no more until one ends, and new ones wait in the
/// kernel's queue.
public final class ConnectionLedger: Sendable {
    struct Entry: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    /// What a connection is asked to do, on its event loop.
    enum Order: Sendable {
        /// Makes room for another, unless it has received a request by then.
        case closeIfIdle
        /// The server shuts down: what is in flight is finished, then the connection closes.
        case drain
        case close
    }

    private struct Connection {
        var eventLoop: any EventLoop
        var obey: @Sendable (Order) -> Void
        /// The number of its place among the idle ones; nil while it is busy.
        var idleSince: UInt64?
    }

    private struct State {
        var connections: [UInt64: Connection] = [:]
        /// Connections as they became idle; those that are no longer are passed over.
        var idle: [(connection: UInt64, since: UInt64)] = []
        /// The first of `idle` that has not been passed over.
        var first = 0
        var lastNumber: UInt64 = 0
        var isDraining = false

        mutating func next() -> UInt64 {
            lastNumber += 1
            return lastNumber
        }

        mutating func markIdle(_ number: UInt64) {
            let since = next()
            connections[number]?.idleSince = since
            idle.append((number, since))
            // Each request leaves an entry behind; more than half of them stale are worth a sweep.
            if idle.count > 2 * connections.count + 64 {
                idle = idle[first...].filter { connections[$0.connection]?.idleSince == $0.since }
                first = 0
            }
        }

        mutating func takeLongestIdle() -> Connection? {
            while first < idle.count {
                let (number, since) = idle[first]
                first += 1
                guard let connection = connections[number], connection.idleSince == since else { continue }
                connections[number]?.idleSince = nil
                return connection
            }
            return nil
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: the number of connections at which the longest idle one is closed.
    public init(limit: Int) { self.limit = limit }

    /// Connections open now.
    public var count: Int { state.withLock { $0.connections.count } }

    /// - Parameter obey: called on `eventLoop` with what the connection is to do.
    func opened(on eventLoop: any EventLoop, obey: @escaping @Sendable (Order) -> Void) -> Entry {
        let (number, longestIdle, isDraining) = state.withLock { state in
            let number = state.next()
            state.connections[number] = Connection(eventLoop: eventLoop, obey: obey)
            // Before the new one is an idle one itself.
            let longestIdle = makeRoom(in: &state)
            state.markIdle(number)
            return (number, longestIdle, state.isDraining)
        }
        close(longestIdle)
        if isDraining { eventLoop.execute { obey(.drain) } }
        return Entry(number: number)
    }

    /// Asks every connection, and each that opens later, to finish what is in flight and close.
    func drain() {
        let connections = state.withLock { state in
            state.isDraining = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.eventLoop.execute { connection.obey(.drain) } }
    }

    /// Closes every connection, whatever is in flight.
    func closeAll() {
        for connection in state.withLock({ Array($0.connections.values) }) {
            connection.eventLoop.execute { connection.obey(.close) }
        }
    }

    func becameBusy(_ entry: Entry) { state.withLock { $0.connections[entry.number]?.idleSince = nil } }

    func becameIdle(_ entry: Entry) {
        let longestIdle = state.withLock { state in
            state.markIdle(entry.number)
            return makeRoom(in: &state)
        }
        close(longestIdle)
    }

    func closed(_ entry: Entry) { state.withLock { $0.connections[entry.number] = nil } }

    private func makeRoom(in state: inout State) -> Connection? {
        state.connections.count >= limit ? state.takeLongestIdle() : nil
    }

    private func close(_ connection: Connection?) {
        // By then it may have a request, and stays open.
        if let connection { connection.eventLoop.execute { connection.obey(.closeIfIdle) } }
    }
}
