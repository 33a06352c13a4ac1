/// What an issue is shown beside.
public struct IssueContext: Sendable {
    /// How much of it is asked for.
    public struct Wanted: Sendable, Hashable {
        /// How many similar issues at most.
        public var similarIssues: Int
        /// How many of the newest analyses of its history at most; 0 for none.
        public var analyses: Int
        /// Other issues.
        public var issues: [IssueID]

        public init(similarIssues: Int = 5, analyses: Int = 0, issues: [IssueID] = []) {
            self.similarIssues = similarIssues
            self.analyses = analyses
            self.issues = issues
        }
    }

    /// Issues that share distinctive words with it, finished ones included: those of its project first, then those that
    /// share the most.
    public var similarIssues: [SimilarIssue]
    /// Means over the newest open issues of its project.
    public var teamBaseline: TeamBaseline
    /// The analyses of its history, newest first, without those made on request.
    public var analyses: [Analysis]
    /// The other issues, in the order in which they were asked for; those without an analysis, deleted or unknown are left
    /// out.
    public var listings: [IssueListing]

    public init(
        similarIssues: [SimilarIssue], teamBaseline: TeamBaseline, analyses: [Analysis] = [],
        listings: [IssueListing] = []
    ) {
        self.similarIssues = similarIssues
        self.teamBaseline = teamBaseline
        self.analyses = analyses
        self.listings = listings
    }
}
