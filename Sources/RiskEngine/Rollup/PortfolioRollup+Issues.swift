public import Domain

extension PortfolioRollup {
    /// Rolls up the issues of a slice, or of all slices: an issue that several name counts once.
    public init(of issues: [RolledUpIssue]) {
        let totals = RollupTotals(issues)
        let highRisk = totals.issues.filter { RiskBand(score: $0.riskScore) == .high }
        let byProject = Dictionary(grouping: totals.issues, by: \.projectKey).mapValues(\.count)
        self.init(
            counts: Counts(
                issues: totals.issues.count, blockers: totals.blockerCount, highRisk: highRisk.count,
                projects: byProject.count),
            risk: Risk(avg: totals.averageRisk, max: totals.highestRisk), capacity: totals.capacity,
            blockersByCategory: totals.blockersByCategory, issuesByProject: byProject,
            topHighRisk: highRisk.prefix(20).map {
                HighRisk(
                    key: $0.key, risk: $0.riskScore, status: $0.status, assignee: $0.assignee,
                    summary: Snippet.of($0.summary, limit: 80))
            })
    }
}
