public import Domain

extension IssueAnalyst {
    /// The scope of a sprint as of `now`, with the configured names of statuses that end the work.
    public func scope(
        of sprint: Sprint, issues: [SprintIssue], statuses: StatusCatalog, now: Timestamp
    ) -> SprintScope {
        SprintScope(of: sprint, issues: issues, now: now, statuses: statuses) {
            scorer.isDone(Status(name: $0, category: nil))
        }
    }
}
