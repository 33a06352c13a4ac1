public import Domain

extension IssueAnalyst {
    /// The past of an issue, read as its analyses read it; nil while too little is known of the issue.
    public func past(of stored: StoredIssueHistory, statuses: StatusCatalog) -> IssuePast? {
        scorer.history(of: stored, statuses: statuses)
    }

    /// The past of an issue that was analysed: what a forecast is made of.
    public func past(of found: AnalyzedIssue) -> IssuePast {
        scorer.past(of: found.issue, found.state, project: found.work.project)
    }
}
