/// How many open issues a tenant, or one project, has in each band.
public struct RiskCounts: Sendable, Hashable {
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

    /// All open issues that have a score.
    public var total: Int { high + medium + low }
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
