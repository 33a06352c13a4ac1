/// How many of several issues will be late: the distribution of the sum of independent outcomes with probabilities of their
/// own (Poisson's binomial distribution).
///
/// Issues of one team are late together more often than independent ones would be: the true range is somewhat wider.
public struct LatenessOutlook: Sendable, Hashable {
    /// Issues that it speaks of.
    public var issues: Int
    /// The mean.
    public var expected: Double
    /// The standard deviation.
    public var deviation: Double
    /// The 10th percentile: at least so many, with 90 %.
    public var low: Int
    /// The 90th percentile: at most so many, with 90 %.
    public var high: Int

    /// - Parameter probabilities: of each issue, 0 to 1.
    public init(_ probabilities: [Double]) {
        // In order, so that the sums are the same to the last digit however the issues came.
        let probabilities = probabilities.sorted()
        let distribution = Self.distribution(probabilities)
        issues = probabilities.count
        expected = probabilities.reduce(0, +)
        deviation = probabilities.reduce(0) { $0 + $1 * (1 - $1) }.squareRoot()
        low = Self.percentile(0.1, of: distribution)
        high = Self.percentile(0.9, of: distribution)
    }

    /// The probability of each number of late issues, from 0 to all.
    public static func distribution(_ probabilities: [Double]) -> [Double] {
        var distribution = [Double](repeating: 0, count: probabilities.count + 1)
        distribution[0] = 1
        for (place, probability) in probabilities.sorted().enumerated() {
            for count in stride(from: place + 1, to: 0, by: -1) {
                distribution[count] += (distribution[count - 1] - distribution[count]) * probability
            }
            distribution[0] *= 1 - probability
        }
        return distribution
    }

    /// The smallest number that is not exceeded with at least this probability.
    private static func percentile(_ share: Double, of distribution: [Double]) -> Int {
        var sum = 0.0
        for (count, part) in distribution.enumerated() {
            sum += part
            // The last digits of the sum are those of rounding.
            if sum >= share - 1e-12 { return count }
        }
        return distribution.count - 1
    }
}
