/// How many issues have a score of each band. Digests are stored with it.
public struct RiskCounts: Sendable, Hashable, Codable {
    /// Scores from 70.
    public var high: Int
    /// Scores from 40 to 69.
    public var medium: Int
    /// Scores below 40.
    public var low: Int

    public init(high: Int = 0, medium: Int = 0, low: Int = 0) {
        self.high = high
        self.medium = medium
        self.low = low
    }

    /// Of these scores.
    public init(of scores: some Sequence<Int>) {
        self.init()
        for score in scores { add(score) }
    }

    /// Counts another score.
    public mutating func add(_ score: Int) {
        switch RiskBand(score: score) {
        case .high: high += 1
        case .medium: medium += 1
        case .low: low += 1
        }
    }

    /// All issues that have a score.
    public var total: Int { high + medium + low }

    private enum CodingKeys: String, CodingKey { case high, medium, low }
}

/// A project with its open issues by band.
public struct ProjectRisk: Sendable, Hashable {
    /// The project's key.
    public var projectKey: String
    /// Its open issues.
    public var counts: RiskCounts

    public init(projectKey: String, counts: RiskCounts) {
        self.projectKey = projectKey
        self.counts = counts
    }
}
