import CSystemd
import Dispatch
import Foundation
import Glibc

/// Tells systemd how the daemon is (sd_notify(3)). Does nothing outside a `Type=notify` unit.
struct SystemdNotifier: Sendable {
    /// The listener accepts and the store is migrated.
    func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

    /// SIGHUP was taken; `ready` must follow.
    func reloading() {
        // Dispatch's uptime is CLOCK_MONOTONIC, which systemd asks for.
        send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
    }

    func stopping() { send("STOPPING=1\nSTATUS=draining") }
    func status(_ text: String) { send("STATUS=\(text)") }

    /// The start takes longer: systemd waits this long from now.
    func extendStart(by duration: Duration) { send("EXTEND_TIMEOUT_USEC=\(duration.components.seconds * 1_000_000)") }

    func watchdog() { send("WATCHDOG=1") }

    /// The start failed for good: the unit's `status` shows the text.
    func failed(_ text: String) { send("STATUS=\(text)\nERRNO=\(EINVAL)") }

    /// How long systemd waits for a sign of life; nil when the unit has no `WatchdogSec=`.
    var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        return sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    private func send(_ state: String) {
        // Nobody to tell is no failure, and nothing could be done about one: systemd's own time-outs are the net.
        _ = sd_notify(0, state)
    }
}
