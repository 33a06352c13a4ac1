public import Domain
public import RiskEngine

/// The stored analyses of issues, as of an instant.
public struct CurrentAnalyses: Sendable {
    private let analyst: IssueAnalyst

    public init(analyst: IssueAnalyst) { self.analyst = analyst }

    /// What is to be rolled up of the issues of `listings`. An analysis whose score time has changed is made again; as
    /// a rule the rescorer has done so already. Nothing is stored.
    public func rolledUp(
        _ listings: [IssueListing], of tenantID: TenantID, at now: Timestamp
    ) async throws -> [RolledUpIssue] {
        var issues: [RolledUpIssue] = []
        for listing in listings {
            guard let changedAt = listing.analysis.nextChangeAt, changedAt <= now else {
                issues.append(RolledUpIssue(listing))
                continue
            }
            let renewed = try await analyst.analyze(
                tenantID: tenantID, key: listing.issue.key, now: now, storesHistory: false)
            if let renewed {
                issues.append(RolledUpIssue(IssueListing(issue: renewed.issue, analysis: renewed.analysis)))
            }
        }
        return issues
    }
}
