/// One earlier score of an issue, for trends and spikes.
public struct ScorePoint: Sendable, Hashable, Codable {
    /// The instant that the analysis spoke of.
    public var at: Timestamp
    /// 0–100.
    public var score: Int

    public init(at: Timestamp, score: Int) {
        self.at = at
        self.score = score
    }
}

/// A row of `analysis_history`, newest first in lists.
public struct HistoryEntry: Sendable, Hashable {
    /// The row's id, unique in the store.
    public var id: String
    /// The issue's key as of the analysis.
    public var issueKey: IssueKey
    /// The project's key as of the analysis.
    public var projectKey: String
    /// 0–100.
    public var riskScore: Int
    /// ``Capacity/dailyCost`` of the analysis.
    public var dailyCost: Double
    /// Open blockers.
    public var blockerCount: Int
    /// Negative comments, 0–100 % of those read.
    public var sentimentNegativePct: Double
    /// The instant that the analysis speaks of (``Analysis/asOf``).
    public var analyzedAt: Timestamp

    public init(
        id: String, issueKey: IssueKey, projectKey: String, riskScore: Int, dailyCost: Double, blockerCount: Int,
        sentimentNegativePct: Double, analyzedAt: Timestamp
    ) {
        self.id = id
        self.issueKey = issueKey
        self.projectKey = projectKey
        self.riskScore = riskScore
        self.dailyCost = dailyCost
        self.blockerCount = blockerCount
        self.sentimentNegativePct = sentimentNegativePct
        self.analyzedAt = analyzedAt
    }
}

/// Which stored analyses a list has.
public struct HistoryFilter: Sendable, Hashable {
    /// Only those of issues that had a key of this project then; in capital letters. Nil for all.
    public var projectKey: String?
    /// Only those that speak of this instant or a later one; nil for all.
    public var from: Timestamp?
    /// Only those that speak of an instant before this one; nil for all.
    public var to: Timestamp?

    public init(projectKey: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil) {
        self.projectKey = projectKey
        self.from = from
        self.to = to
    }
}
