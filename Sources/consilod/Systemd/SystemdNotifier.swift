import CSystemd
import Dispatch
import Domain
import Foundation
import Glibc
import NIOCore
import Synchronization

/// Tells systemd how the daemon is (sd_notify(3)). Does nothing outside a `Type=notify` unit.
struct SystemdNotifier: Sendable {
    /// The listener accepts and the store is migrated.
    func ready(status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

    /// SIGHUP was taken; `ready` must follow.
    func reloading() {
        // Dispatch's uptime is CLOCK_MONOTONIC, which systemd asks for.
        send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
    }

    /// The daemon was told to end, and takes so long at most. From then on it tells nothing else but a failure.
    func stopping(within limit: Duration) {
        let microseconds = limit.components.seconds * 1_000_000
        send("STOPPING=1\nSTATUS=finishing what is in hand\nEXTEND_TIMEOUT_USEC=\(microseconds)", isLastOfRun: true)
    }

    func status(_ text: String) { send("STATUS=\(Self.oneLine(text))") }

    /// Runs a step of the start, for as long as it takes: systemd goes on waiting while it is at work.
    func keepingStartAlive<Value: Sendable>(
        _ what: String, _ step: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        status(what)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await step() }
            group.addTask {
                // Most starts are done before anybody needs to be asked. The sleep fails only when the step is done.
                while (try? await Task.sleep(for: .seconds(5))) != nil { send("EXTEND_TIMEOUT_USEC=60000000") }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    func watchdog() { send("WATCHDOG=1") }

    /// The start, or a part later on, failed for good: the unit's `status` shows the text and the error.
    func failed(_ error: any Error) {
        sendLast("STATUS=\(Self.oneLine("\(error)"))\nERRNO=\(Self.code(of: error))")
    }

    /// The code of errno(3) that says best what kind of failure it was.
    private static func code(of error: any Error) -> CInt {
        switch error {
        case let error as IOError: error.errnoCode
        case let error as StorageError where error.code == .corrupt: EBADMSG
        case is ConfigurationError, is InheritedSocketError: EINVAL
        default: EIO
        }
    }

    /// How long systemd waits for a sign of life; nil when the unit has no `WatchdogSec=`.
    var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// sd_notify(3) waits while systemd does not read, and must not keep a thread of the workers from its work.
    private static let queue = DispatchQueue(label: "consilod.notify")
    private static let state = Mutex(State())
    /// Most messages that wait for systemd. Those beyond are dropped: the next ones will tell better.
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
            // Nobody to tell is no failure, and nothing could be done about one: systemd's own time-outs are the net.
            _ = sd_notify(0, message)
            Self.state.withLock { $0.waiting -= 1 }
        }
    }

    /// As ``send(_:isLastOfRun:)``, and returns when systemd has heard it and all before; for the end of the process.
    private func sendLast(_ message: String) { Self.queue.sync { _ = sd_notify(0, message) } }

    /// What has been told so far has been heard when this returns.
    static func flush() { queue.sync {} }

    /// A message's value ends with its line.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
