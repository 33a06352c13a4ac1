import CSystemd
import Dispatch
import Domain
import Foundation
import Glibc
import NIOCore
import Synchronization

/// Sends the daemon's state to systemd (sd_notify(3)). Does nothing outside a `Type=notify` unit.
struct SystemdNotifier: Sendable {
    /// The listener accepts and the store is migrated.
    func ready(status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

    /// SIGHUP was taken; `ready` must follow.
    func reloading() {
        // Dispatch's uptime is CLOCK_MONOTONIC, which systemd asks for.
        send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
    }

    /// The daemon shuts down, and takes so long at most. From then on nothing else is sent but a failure.
    func stopping(within limit: Duration) {
        let microseconds = limit.components.seconds * 1_000_000
        send(
            "STOPPING=1\nSTATUS=shutting down, finishing work in flight\nEXTEND_TIMEOUT_USEC=\(microseconds)",
            isLastOfRun: true)
    }

    func status(_ text: String) { send("STATUS=\(Self.oneLine(text))") }

    /// Runs a step of the start, for as long as it takes: systemd's start timeout is extended while it runs.
    func keepingStartAlive<Value: Sendable>(
        _ what: String, _ step: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        status(what)
        return try await extendingTimeout(during: step)
    }

    /// Runs a step of the start or of a reload, which systemd bounds with `TimeoutStartSec=` too: a reload that takes longer
    /// counts as failed otherwise.
    func extendingTimeout<Value: Sendable>(
        during step: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await step() }
            group.addTask {
                // Most steps are done before an extension is needed. The sleep fails only when the step is done.
                while (try? await Task.sleep(for: .seconds(5))) != nil { send("EXTEND_TIMEOUT_USEC=60000000") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    func watchdog() { send("WATCHDOG=1") }

    /// The start, or a service later on, failed: the unit's `status` shows the text and the error.
    func failed(_ error: any Error) {
        sendLast("STATUS=\(Self.oneLine("\(error)"))\nERRNO=\(Self.code(of: error))")
    }

    /// The code of errno(3) that says best what kind of failure it was.
    private static func code(of error: any Error) -> CInt {
        switch error {
        case let error as IOError: error.errnoCode
        case let error as StorageError where error.code == .corrupt: EBADMSG
        case is ConfigurationError, is InheritedSocketError, is WrongEncryptionKey: EINVAL
        default: EIO
        }
    }

    /// How long systemd waits for a watchdog ping; nil when the unit has no `WatchdogSec=`.
    var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// sd_notify(3) waits while systemd does not read, and must not keep a thread of the workers from its work.
    private static let queue = DispatchQueue(label: "consilod.notify")
    private static let state = Mutex(State())
    /// Most messages that wait for systemd. Those beyond are dropped: later ones are newer.
    private static let waitingLimit = 32

    private struct State {
        var waiting = 0
        var isStopping = false
    }

    private func send(_ message: String, isLastOfRun: Bool = false) {
        let isTaken = Self.state.withLock { state in
            guard !state.isStopping, state.waiting < Self.waitingLimit || isLastOfRun else { return false }
            state.waiting += 1
            state.isStopping = isLastOfRun
            return true
        }
        guard isTaken else { return }
        Self.queue.async {
            // Without systemd there is nothing to send, and a failure could not be handled: systemd has timeouts of its own.
            _ = sd_notify(0, message)
            Self.state.withLock { $0.waiting -= 1 }
        }
    }

    /// As ``send(_:isLastOfRun:)``, and returns when it and all before are sent; for the end of the process.
    private func sendLast(_ message: String) { Self.queue.sync { _ = sd_notify(0, message) } }

    /// Returns when everything so far is sent.
    static func flush() { queue.sync {} }

    /// A message's value ends with its line.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
