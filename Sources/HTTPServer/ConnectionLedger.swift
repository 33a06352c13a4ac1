import NIOCore
import Synchronization

/// The open connections, and which of them owe no answer, the longest idle first. When the limit is reached, that one is
/// closed, so that idle connections cannot keep Jira out.
///
/// Where every connection is busy, the one whose body has come most slowly goes. Of bodies that have just begun none does:
/// Hummingbird accepts no more then until a connection ends, and new ones wait in the kernel's queue.
public final class ConnectionLedger: Sendable {
    struct Entry: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    /// What a connection is asked to do, on its event loop.
    enum Order: Sendable {
        /// Makes room for another, unless it has received a request by then.
        case closeIfIdle
        /// Makes room for another, unless its body has come to its end by then.
        case closeIfReading
        /// The server shuts down: what is in flight is finished, then the connection closes.
        case drain
        case close
    }

    private struct Connection {
        var eventLoop: any EventLoop
        var obey: @Sendable (Order) -> Void
        /// The number of its place among the idle ones; nil while it is busy.
        var idleSince: UInt64?
        /// The body that is read now; nil for none, and for one that came in one piece.
        var body: Body?
    }

    private struct Body {
        var began: NIODeadline
        var bytes = 0
        /// Whether it is given up for another connection.
        var isGivenUp = false

        /// In bytes a second; nil for one that has just begun.
        func pace(at now: NIODeadline) -> Double? {
            let age = now - began
            guard !isGivenUp, age >= ConnectionLedger.youngest else { return nil }
            return Double(bytes) / Double(age.nanoseconds)
        }
    }

    /// The age from which on a body's pace can be told.
    private static let youngest = TimeAmount.seconds(1)

    private struct State {
        var connections: [UInt64: Connection] = [:]
        /// Connections as they became idle; those that are no longer are passed over.
        var idle: [(connection: UInt64, since: UInt64)] = []
        /// The first of `idle` that has not been passed over.
        var first = 0
        var lastNumber: UInt64 = 0
        var isDraining = false
        /// Whether somebody looks again soon for a body that is slow.
        var looksAgain = false

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

        mutating func takeSlowestBody(at now: NIODeadline) -> Connection? {
            var slowest: (number: UInt64, pace: Double)?
            for (number, connection) in connections where connection.idleSince == nil {
                guard let pace = connection.body?.pace(at: now), pace < slowest?.pace ?? .infinity else { continue }
                slowest = (number, pace)
            }
            guard let slowest else { return nil }
            connections[slowest.number]?.body?.isGivenUp = true
            return connections[slowest.number]
        }
    }

    /// Which connection makes room for others, and how.
    private typealias Room = (connection: Connection, order: Order)

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: the number of connections at which the longest idle one is closed.
    public init(limit: Int) { self.limit = limit }

    /// Connections open now.
    public var count: Int { state.withLock { $0.connections.count } }

    /// - Parameter obey: called on `eventLoop` with what the connection is to do.
    func opened(on eventLoop: any EventLoop, obey: @escaping @Sendable (Order) -> Void) -> Entry {
        let (number, room, looksAgain, isDraining) = state.withLock { state in
            let number = state.next()
            state.connections[number] = Connection(eventLoop: eventLoop, obey: obey)
            // Before the new one is an idle one itself.
            let room = makeRoom(in: &state)
            state.markIdle(number)
            return (number, room, startsToLookAgain(&state, after: room), state.isDraining)
        }
        close(room)
        if looksAgain { lookAgain(on: eventLoop) }
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
        let room = state.withLock { state in
            state.markIdle(entry.number)
            return makeRoom(in: &state)
        }
        close(room)
    }

    /// A request's body is read that did not come in one piece.
    func bodyBegan(on entry: Entry, at now: NIODeadline) {
        state.withLock { $0.connections[entry.number]?.body = Body(began: now) }
    }

    func received(_ bytes: Int, on entry: Entry) {
        state.withLock { $0.connections[entry.number]?.body?.bytes += bytes }
    }

    func bodyEnded(on entry: Entry) { state.withLock { $0.connections[entry.number]?.body = nil } }

    func closed(_ entry: Entry) { state.withLock { $0.connections[entry.number] = nil } }

    private func makeRoom(in state: inout State) -> Room? {
        guard state.connections.count >= limit else { return nil }
        if let idle = state.takeLongestIdle() { return (idle, .closeIfIdle) }
        return state.takeSlowestBody(at: .now()).map { ($0, .closeIfReading) }
    }

    /// Whether the caller is to look again: every connection is busy, and none could be chosen yet.
    private func startsToLookAgain(_ state: inout State, after room: Room?) -> Bool {
        guard room == nil, state.connections.count >= limit, !state.looksAgain, !state.isDraining else { return false }
        state.looksAgain = true
        return true
    }

    private func lookAgain(on eventLoop: any EventLoop) {
        eventLoop.scheduleTask(in: Self.youngest) {
            let (room, looksAgain) = self.state.withLock { state in
                state.looksAgain = false
                // No idle one: it may be that which waited for the place, and has said nothing yet.
                let room: Room? =
                    state.connections.count >= self.limit
                    ? state.takeSlowestBody(at: .now()).map { ($0, .closeIfReading) } : nil
                return (room, self.startsToLookAgain(&state, after: room))
            }
            self.close(room)
            if looksAgain { self.lookAgain(on: eventLoop) }
        }
    }

    private func close(_ room: Room?) {
        // By then it may have a request, or the end of its body, and stays open.
        if let room { room.connection.eventLoop.execute { room.connection.obey(room.order) } }
    }
}
