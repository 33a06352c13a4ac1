import Domain
import Synchronization

/// Bounds how many wrong keys are looked up on this node.
///
/// Keys have 256 random bits and cannot be guessed; this keeps the store and the log from those who try.
final class SignInThrottle: Sendable {
    /// Refused attempts within ``windowSeconds``; the next ones are not looked at.
    static let limit = 30
    static let windowSeconds: Int64 = 60

    private let refused = Mutex<[Timestamp]>([])

    /// Seconds until another attempt is looked at; nil where one is now.
    func wait(now: Timestamp) -> Int64? {
        let times = refused.withLock { recent($0, now) }
        guard times.count >= Self.limit, let first = times.first else { return nil }
        return max(1, (first.adding(seconds: Self.windowSeconds).milliseconds - now.milliseconds + 999) / 1000)
    }

    /// Notes an attempt that was refused.
    func note(now: Timestamp) {
        refused.withLock { $0 = recent($0, now).suffix(Self.limit - 1) + [now] }
    }

    private func recent(_ times: [Timestamp], _ now: Timestamp) -> [Timestamp] {
        times.filter { $0 > now.adding(seconds: -Self.windowSeconds) && $0 <= now }
    }
}
