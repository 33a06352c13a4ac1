/// How fast something goes, over its last ten seconds.
struct RateWindow: Sendable {
    /// The time over which the rate is taken.
    static let length = Duration.seconds(10)

    private var samples: [(at: ContinuousClock.Instant, count: Int)] = []

    /// Notes how much is done at `now`.
    mutating func note(_ count: Int, at now: ContinuousClock.Instant) {
        samples.append((now, count))
        // The oldest sample is the last one that is no younger than the window.
        while samples.count > 2, now - samples[1].at >= Self.length { samples.removeFirst() }
    }

    /// How much is done in a second; 0 while that cannot be told.
    var perSecond: Double {
        guard let oldest = samples.first, let newest = samples.last else { return 0 }
        let seconds = (newest.at - oldest.at) / .seconds(1)
        return seconds > 0.2 ? Double(newest.count - oldest.count) / seconds : 0
    }

    /// `, 0:34 left` for what remains at a rate; empty where the estimate would say nothing.
    static func timeLeft(_ remaining: Int, perSecond: Double) -> String {
        guard perSecond > 0, remaining > 0 else { return "" }
        let seconds = Double(remaining) / perSecond
        return seconds < 100 * 3600 ? ", \(clock(Int(seconds.rounded(.up)))) left" : ""
    }

    /// `0:07`, `12:30`, `1:02:30`.
    private static func clock(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
