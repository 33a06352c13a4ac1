/// A share of what was counted, with the range that so small a number leaves open.
public struct Proportion: Sendable, Hashable, Codable {
    /// How many had it.
    public var count: Int
    /// Of how many.
    public var total: Int

    public init(_ count: Int, of total: Int) {
        self.count = count
        self.total = total
    }

    private enum CodingKeys: String, CodingKey { case count, total }

    /// From 0 to 1; nil where nothing was counted.
    public var share: Double? { total > 0 ? Double(count) / Double(total) : nil }

    /// The 95 % interval of the share, from 0 to 1: E. B. Wilson, Probable inference, the law of succession, and statistical
    /// inference (1927). Of nothing it is 0 to 1.
    public var interval: ClosedRange<Double> {
        guard total > 0 else { return 0...1 }
        let (n, z) = (Double(total), 1.959963984540054)
        let share = Double(count) / n
        let middle = share + z * z / (2 * n)
        let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        let (low, high) = (max(0, (middle - spread) / scale), min(1, (middle + spread) / scale))
        // At the ends the formula gives them but for the last digits.
        return (count == 0 ? 0 : low)...(count == total ? 1 : high)
    }
}
