public import Domain
import Synchronization

/// Tells the pages that people have open that something of their tenant has changed.
///
/// It keeps no changes: a page that is told loads itself again. What it misses it learns from the number of changes, which a page
/// knows of the moment it was made.
public final class LiveUpdates: Sendable {
    /// How many streams of events there may be.
    public struct Limits: Sendable, Hashable {
        /// On this node.
        public var total: Int
        /// Of one tenant.
        public var perTenant: Int

        public init(total: Int, perTenant: Int) {
            self.total = total
            self.perTenant = perTenant
        }
    }

    private struct State {
        var streams: [TenantID: [UInt64: LiveStream]] = [:]
        /// The changes of each tenant since the start.
        var changes: [TenantID: UInt64] = [:]
        var count = 0
        var lastNumber: UInt64 = 0
        var hasEnded = false
    }

    private let limits: Limits
    /// Tells the counts of this process from those of others.
    private let name = String(UInt64.random(in: 0 ... .max), radix: 36)
    private let state = Mutex(State())

    public init(limits: Limits) { self.limits = limits }

    /// Something of a tenant has changed, here or on another node.
    public func changed(_ id: TenantID) {
        let streams = state.withLock { state in
            state.changes[id, default: 0] += 1
            return state.streams[id].map { Array($0.values) } ?? []
        }
        for stream in streams { stream.noteChange() }
    }

    /// A tenant or its API key has changed: its streams look whether their sessions still hold.
    public func sessionsChanged(of id: TenantID) {
        for stream in state.withLock({ $0.streams[id].map { Array($0.values) } ?? [] }) { stream.noteDoubt() }
    }

    /// A session was signed out: its streams end.
    func ended(sessionHash: String) {
        let streams = state.withLock { $0.streams.values.flatMap(\.values).filter { $0.sessionHash == sessionHash } }
        for stream in streams { stream.end() }
    }

    /// Ends all streams, for the daemon ends.
    public func end() {
        let streams = state.withLock { state in
            state.hasEnded = true
            return state.streams.values.flatMap(\.values)
        }
        for stream in streams { stream.end() }
    }

    /// Which state of a tenant's data a page shows that is made now: it changes with every change.
    func mark(of id: TenantID) -> String { "\(name)-\(state.withLock { $0.changes[id] ?? 0 })" }

    /// Whether another stream of a tenant may begin.
    func hasRoom(for id: TenantID) -> Bool { state.withLock { hasRoom(for: id, $0) } }

    private func hasRoom(for id: TenantID, _ state: State) -> Bool {
        !state.hasEnded && state.count < limits.total && (state.streams[id]?.count ?? 0) < limits.perTenant
    }

    /// A stream, until ``close(_:)``; nil where there are as many as there may be.
    func open(_ id: TenantID, sessionHash: String) -> LiveStream? {
        state.withLock { state in
            guard hasRoom(for: id, state) else { return nil }
            state.lastNumber += 1
            let stream = LiveStream(number: state.lastNumber, tenantID: id, sessionHash: sessionHash)
            state.streams[id, default: [:]][stream.number] = stream
            state.count += 1
            return stream
        }
    }

    func close(_ stream: LiveStream) {
        state.withLock { state in
            guard state.streams[stream.tenantID]?.removeValue(forKey: stream.number) != nil else { return }
            if state.streams[stream.tenantID]?.isEmpty == true { state.streams[stream.tenantID] = nil }
            state.count -= 1
        }
    }

    /// Between two events of a stream. However many pages are open, they load themselves ten times a second together at most,
    /// each once a second at most.
    var pause: Duration { max(.seconds(1), .milliseconds(state.withLock { $0.count } * 100)) }
}

/// One open page.
final class LiveStream: Sendable {
    private struct Notes {
        var hasChanged = false
        var isDoubtful = false
    }

    let number: UInt64
    let tenantID: TenantID
    let sessionHash: String
    /// Yields when there may be something to do; ends with the stream.
    let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let notes = Mutex(Notes())

    init(number: UInt64, tenantID: TenantID, sessionHash: String) {
        self.number = number
        self.tenantID = tenantID
        self.sessionHash = sessionHash
        (wakes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() { continuation.yield() }

    func end() { continuation.finish() }

    func noteChange() {
        notes.withLock { $0.hasChanged = true }
        wake()
    }

    func noteDoubt() {
        notes.withLock { $0.isDoubtful = true }
        wake()
    }

    /// Whether something has changed since the last time.
    func takeChange() -> Bool { notes.withLock { exchange(&$0.hasChanged) } }

    /// Whether the session is to be looked at.
    func takeDoubt() -> Bool { notes.withLock { exchange(&$0.isDoubtful) } }

    private func exchange(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }
}
