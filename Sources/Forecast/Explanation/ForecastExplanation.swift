import Domain

/// Why a probability is what it is: points by factor group that sum, with the typical issue's, to the number that is
/// shown.
///
/// It is association ("issues like this"), not cause.
public struct ForecastExplanation: Sendable, Codable, Equatable {
    /// What a group adds or takes.
    public struct Part: Sendable, Codable, Equatable {
        /// The group.
        public var group: FactorGroup
        /// Percentage points, of at least 1 before rounding.
        public var points: Int

        private enum CodingKeys: String, CodingKey { case group, points }
    }

    /// The number that is shown, in percent (``ShownProbability``).
    public var percent: Int
    /// A typical open issue's probability for the same time left, in percent.
    public var typical: Int
    /// The groups that matter, the largest effect first.
    public var parts: [Part]
    /// The groups under one point together, and what rounding the shown number adds.
    public var other: Int

    private enum CodingKeys: String, CodingKey { case percent, typical, parts, other }

    /// Rounds exact contributions.
    public init(_ contributions: GroupContributions) {
        let percent = ShownProbability.percent(contributions.probability)
        let large = contributions.groups.indices.filter { abs(contributions.groups[$0]) >= 0.01 }
        let kept = large.map { contributions.groups[$0] * 100 }
        let exact = [contributions.typical * 100] + kept
        let rounded = LargestRemainder.round(exact + [Double(percent) - exact.reduce(0, +)], to: percent)
        self.percent = percent
        typical = rounded[0]
        other = rounded[rounded.count - 1]
        parts = zip(large, rounded.dropFirst()).compactMap { index, points in
            FactorGroup(rawValue: index).map { Part(group: $0, points: points) }
        }
        .sorted { (abs($1.points), $0.group.rawValue) < (abs($0.points), $1.group.rawValue) }
    }
}

/// The exact effect of each group on a probability.
public struct GroupContributions: Sendable, Equatable {
    /// The probability, in 0…1.
    public var probability: Double
    /// The mean probability of the reference samples for the same time left.
    public var typical: Double
    /// In the order of `FactorGroup`; with ``typical`` they sum to ``probability``.
    public var groups: [Double]
}

enum LargestRemainder {
    /// Rounds numbers that sum to `total` to integers that do: down, and then up where the remainder is largest.
    static func round(_ values: [Double], to total: Int) -> [Int] {
        var rounded = values.map { Int($0.rounded(.down)) }
        let order = values.indices.sorted { a, b in
            let (x, y) = (values[a] - values[a].rounded(.down), values[b] - values[b].rounded(.down))
            return (y, a) < (x, b)
        }
        // Between 0 and one for each, but for an error of the last digit.
        let missing = total - rounded.reduce(0, +)
        if missing < 0 { rounded[rounded.count - 1] += missing }
        for index in order.prefix(max(missing, 0)) { rounded[index] += 1 }
        return rounded
    }
}
