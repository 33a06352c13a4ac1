import CSystemd
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Tells systemd how the daemon is (sd_notify(3)). Does nothing outside a `Type=notify` unit.
struct SystemdNotifier: Sendable {
    /// The listener accepts and the store is migrated.
    func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

    /// SIGHUP was taken; `ready` must follow.
    func reloading() {
        // Dispatch's uptime is CLOCK_MONOTONIC, which systemd asks for.
        send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
    }

    func stopping() {
        sendLast("STOPPING=1\nSTATUS=draining")
    }
    func status(_ text: String) { send("STATUS=\(text)") }

    /// The start takes longer: systemd waits this long from now.
    func extendStart(by duration: Duration) { send("EXTEND_TIMEOUT_USEC=\(duration.components.seconds * 1_000_000)") }

    func watchdog() { send("WATCHDOG=1") }

    /// The start failed for good: the unit's `status` shows the text.
    func failed(_ text: String) {
        sendLast("STATUS=\(text)\nERRNO=\(EINVAL)")
    }

    /// How long systemd waits for a sign of life; nil when the unit has no `WatchdogSec=`.
    var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// sd_notify(3) waits while systemd does not read, and must not keep a thread of the workers from its work.
    private static let queue = DispatchQueue(label: "consilod.notify")
    private static let waiting = Mutex(0)
    /// Most messages that wait for systemd. Those beyond are dropped: the next ones will tell better.
    private static let waitingLimit = 32

    private func send(_ state: String) {
        let isTaken = Self.waiting.withLock { waiting in
            guard waiting < Self.waitingLimit else { return false }
            waiting += 1
            return true
        }
        guard isTaken else { return }
        Self.queue.async {
            // Nobody to tell is no failure, and nothing could be done about one: systemd's own time-outs are the net.
            _ = sd_notify(0, state)
            Self.waiting.withLock { $0 -= 1 }
        }
    }

    /// As ``send(_:)``, and returns when systemd has heard it and all before; for the end of the process.
    private func sendLast(_ state: String) { Self.queue.sync { _ = sd_notify(0, state) } }
}
