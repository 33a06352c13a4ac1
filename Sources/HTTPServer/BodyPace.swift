import NIOCore

/// How fast a request's body arrives while the server waits for it. Time in which the server itself reads nothing, because
/// it is busy with what it has, is not the client's.
struct BodyPace {
    /// How long a rate is measured before it is judged.
    static let window = TimeAmount.seconds(5)

    private let leastRate: Int
    private var waitingSince: NIODeadline?
    private var waited = TimeAmount.zero
    private var bytes = 0

    /// - Parameter leastRate: in bytes a second; 0 for any.
    init(leastRate: Int) { self.leastRate = leastRate }

    /// The server wants to read.
    mutating func waits(at now: NIODeadline) {
        if waitingSince == nil { waitingSince = now }
    }

    /// Bytes have come.
    mutating func arrived(_ count: Int, at now: NIODeadline) {
        bytes += count
        if let since = waitingSince { waited = waited + (now - since) }
        waitingSince = nil
    }

    /// Whether the client was too slow since the last time; begins to measure again when that can be told.
    mutating func isTooSlow(at now: NIODeadline) -> Bool {
        var waited = waited
        if let since = waitingSince { waited = waited + (now - since) }
        // A little less than a window has passed in waiting where all of it was spent so.
        guard waited.nanoseconds * 10 >= Self.window.nanoseconds * 9 else { return false }
        let least = Double(leastRate) * Double(waited.nanoseconds) / 1e9
        let isTooSlow = Double(bytes) < least
        self.waited = .zero
        bytes = 0
        if waitingSince != nil { waitingSince = now }
        return isTooSlow
    }
}
