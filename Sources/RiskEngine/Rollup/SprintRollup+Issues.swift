public import Domain

extension SprintRollup {
    /// Rolls up the open issues of a sprint as of `now`. Each issue counts once, however often it is given.
    public init(of issues: [RolledUpIssue], at now: Timestamp) {
        let totals = RollupTotals(issues)
        let bands = Dictionary(grouping: totals.issues) { RiskBand(score: $0.riskScore) }
        let idleDays = totals.issues.map { now.wholeDays(since: $0.updated) }
        self.init(
            counts: Counts(
                issues: totals.issues.count, blockers: totals.blockerCount, highRisk: bands[.high]?.count ?? 0,
                mediumRisk: bands[.medium]?.count ?? 0, lowRisk: bands[.low]?.count ?? 0,
                staleFor5Days: idleDays.count { $0 > 5 }, staleFor10Days: idleDays.count { $0 > 10 }),
            risk: Risk(
                avg: totals.averageRisk, max: totals.highestRisk, highRiskKeys: bands[.high]?.map(\.key) ?? []),
            capacity: totals.capacity, blockersByCategory: totals.blockersByCategory)
    }
}
