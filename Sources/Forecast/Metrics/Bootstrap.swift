/// An estimate and the interval in which it lies.
public struct Interval: Sendable, Codable, Equatable {
    /// Of all samples.
    public var estimate: Double
    /// Where it begins.
    public var low: Double
    /// Where it ends.
    public var high: Double
    /// The share of draws inside, in 0…1: 0.9 or 0.95.
    public var confidence: Double

    public init(estimate: Double, low: Double, high: Double, confidence: Double) {
        self.estimate = estimate
        self.low = low
        self.high = high
        self.confidence = confidence
    }

    private enum CodingKeys: String, CodingKey { case estimate, low, high, confidence }
}

/// Draws of whole issues with replacement: samples of one issue are not independent.
struct Bootstrap: Sendable {
    /// For each draw, how often each issue is in it.
    private let draws: [[Int]]
    /// For each sample the number of its issue.
    private let issues: [Int]

    /// - Parameter issues: For each sample its issue, numbered from 0 on.
    init(issues: [Int], draws count: Int = 200, seed: UInt64 = 17) {
        self.issues = issues
        let number = (issues.max() ?? -1) + 1
        var random = SeededRandom(seed: seed)
        draws = (0..<count).map { _ in
            var times = [Int](repeating: 0, count: number)
            for _ in 0..<number { times[random.next(below: number)] += 1 }
            return times
        }
    }

    /// The interval of a figure that `figure` computes from what each sample weighs (nil: all the same). Nil when it
    /// has no value for all the samples, or for any of the draws.
    func interval(confidence: Double, _ figure: ([Double]?) -> Double?) -> Interval? {
        guard let estimate = figure(nil) else { return nil }
        let drawn = draws.compactMap { times in figure(issues.map { Double(times[$0]) }) }.sorted()
        guard drawn.count == draws.count, !drawn.isEmpty else { return nil }
        let tail = (1 - confidence) / 2
        return Interval(
            estimate: estimate, low: Self.quantile(drawn, tail), high: Self.quantile(drawn, 1 - tail),
            confidence: confidence)
    }

    /// A quantile of sorted numbers, linear between them (numpy's default).
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
