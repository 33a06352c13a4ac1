/// A tenth of the predictions, by their probabilities.
public struct ReliabilityBin: Sendable, Codable, Equatable {
    /// Predictions in it.
    public var count: Int
    /// Their mean, in 0…1.
    public var predicted: Double
    /// The share that came true, in 0…1.
    public var seen: Double

    private enum CodingKeys: String, CodingKey { case count, predicted, seen }
}

/// How well probabilities agree with what came true.
enum Calibration {
    /// The mean of (p - outcome)²; nil without predictions.
    static func brier(_ probabilities: [Double], _ outcomes: [Bool]) -> Double? {
        guard !outcomes.isEmpty else { return nil }
        return zip(probabilities, outcomes).reduce(0) { $0 + squaredError($1.0, $1.1) } / Double(outcomes.count)
    }

    static func squaredError(_ probability: Double, _ outcome: Bool) -> Double {
        let error = probability - (outcome ? 1 : 0)
        return error * error
    }

    /// Bins of equal counts, the lowest probabilities first; the first ones hold one more where it does not divide.
    /// Ties stay in their order.
    static func bins(_ probabilities: [Double], _ outcomes: [Bool], count bins: Int = 10) -> [ReliabilityBin] {
        let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
        let (size, larger) = order.count.quotientAndRemainder(dividingBy: bins)
        var start = 0
        return (0..<bins).compactMap { bin in
            let part = order[start..<start + size + (bin < larger ? 1 : 0)]
            start = part.endIndex
            guard !part.isEmpty else { return nil }
            let count = Double(part.count)
            return ReliabilityBin(
                count: part.count, predicted: part.reduce(0) { $0 + probabilities[$1] } / count,
                seen: part.reduce(0) { $0 + (outcomes[$1] ? 1 : 0) } / count)
        }
    }

    /// The expected calibration error: the mean distance of predicted and seen over the bins, by count; nil without
    /// bins.
    static func expectedError(_ bins: [ReliabilityBin]) -> Double? {
        let all = bins.reduce(0) { $0 + $1.count }
        guard all > 0 else { return nil }
        return bins.reduce(0) { $0 + Double($1.count) * abs($1.seen - $1.predicted) } / Double(all)
    }
}
