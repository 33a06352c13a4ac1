/// The scores that the store keeps of one issue, as rules on the score see them.
public struct ScoredPast: Sendable, Hashable {
    /// One analysis.
    public struct Look: Sendable, Hashable {
        /// The instant that the analysis speaks of.
        public var at: Timestamp
        /// The risk score, 0–100.
        public var score: Int
        /// The key that the issue had then.
        public var issueKey: IssueKey
        /// The project that the issue was in then.
        public var projectKey: String
        /// Whether the issue was done or gone then.
        public var isOver: Bool
        /// Whether somebody asked for it: no rule was decided on it, but later ones look back on its score.
        public var isOnRequest: Bool

        public init(
            at: Timestamp, score: Int, issueKey: IssueKey, projectKey: String, isOver: Bool = false,
            isOnRequest: Bool = false
        ) {
            self.at = at
            self.score = score
            self.issueKey = issueKey
            self.projectKey = projectKey
            self.isOver = isOver
            self.isOnRequest = isOnRequest
        }
    }

    /// The issue.
    public var issueID: IssueID
    /// Oldest first.
    public var looks: [Look]

    public init(issueID: IssueID, looks: [Look]) {
        self.issueID = issueID
        self.looks = looks
    }
}
