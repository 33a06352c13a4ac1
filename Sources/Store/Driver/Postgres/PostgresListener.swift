import CPostgres
import Dispatch
import Glibc
import Synchronization

/// Sends short texts to the other processes on a PostgreSQL database, and hears theirs (NOTIFY and LISTEN), over a
/// connection of its own.
///
/// Best effort: what is sent while the connection is down is lost, and so is what others send meanwhile. Not sent inside
/// the transactions it announces, because those would commit one at a time then, across all nodes.
final class PostgresListener: Sendable {
    private let settings: PostgresSettings
    private let channel = "consilod"
    /// What waits to be sent; the same text twice is sent once.
    private let pending = Mutex<Set<String>>([])
    private let isEnding = Mutex(false)
    /// Ends a wait at once.
    private let waker: Waker

    init(_ settings: PostgresSettings) throws {
        self.settings = settings
        waker = try Waker()
    }

    func send(_ text: String) {
        if pending.withLock({ $0.insert(text).inserted }) { waker.wake() }
    }

    /// Sends and hears until the task is cancelled.
    ///
    /// - Parameters:
    ///   - onReceive: called with each text of another process.
    ///   - onOutage: called with the reason when the connection is lost.
    func run(
        onReceive: @escaping @Sendable (String) -> Void, onOutage: @escaping @Sendable (any Error) -> Void
    ) async {
        let queue = DispatchQueue(label: "consilod.postgres.listener")
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    self.loop(onReceive, onOutage)
                    continuation.resume()
                }
            }
        } onCancel: {
            isEnding.withLock { $0 = true }
            waker.wake()
        }
    }

    private func loop(_ onReceive: (String) -> Void, _ onOutage: (any Error) -> Void) {
        var session: PostgresSession?
        while !isEnding.withLock({ $0 }) {
            do {
                let current = try session ?? listening()
                session = current
                try sendPending(over: current)
                // Before the wait: some may have come with the answers to what was sent.
                try current.notifications().forEach(onReceive)
                waker.wait(orFor: current.socket, milliseconds: 10_000)
            } catch {
                if session != nil { onOutage(error) }
                session = nil
                waker.wait(orFor: nil, milliseconds: 1000)
            }
        }
    }

    private func listening() throws -> PostgresSession {
        let session = try PostgresSession(settings)
        try session.sendOnce("LISTEN \(channel)")
        try session.synchronize()
        return session
    }

    private func sendPending(over session: PostgresSession) throws {
        let texts = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        guard !texts.isEmpty else { return }
        for text in texts.sorted() { try session.send("SELECT 1 FROM pg_notify(?, ?)", [.text(channel), .text(text)]) }
        try session.synchronize()
        // However many webhooks come in, the others are woken ten times a second at most.
        usleep(100_000)
    }
}

/// A pipe that ends a wait.
private final class Waker: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0,
            ends.allSatisfy({ fcntl($0, F_SETFL, O_NONBLOCK) == 0 && fcntl($0, F_SETFD, FD_CLOEXEC) == 0 })
        else {
            throw PostgresError(sqlState: nil, message: "there are no file descriptors left", endsConnection: false)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// A pipe that is full wakes as well.
    func wake() { _ = write(writeEnd, "w", 1) }

    /// Returns when woken, when `socket` has something to read, or after a while.
    func wait(orFor socket: Int32?, milliseconds: Int32) {
        var descriptors = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        var rest = [UInt8](repeating: 0, count: 256)
        while read(readEnd, &rest, rest.count) > 0 {}
    }
}
