import Domain

/// The stored analyses of issues, as of an instant.
struct CurrentAnalyses: Sendable {
    var store: any QueryStore
    var analyst: any IssueAnalyzing

    /// What is to be rolled up of the issues of `listings`. An analysis whose score time has changed is made anew; as a
    /// rule the rescorer has done so already. Nothing is stored.
    func rolledUp(_ listings: [IssueListing], of tenantID: TenantID, at now: Timestamp) async throws -> [RolledUpIssue]
    {
        var issues: [RolledUpIssue] = []
        for listing in listings {
            guard let changedAt = listing.analysis.nextChangeAt, changedAt <= now else {
                issues.append(RolledUpIssue(listing))
                continue
            }
            let renewed = try await analyst.analyze(
                tenantID: tenantID, key: listing.issue.key, now: now, store: false)
            if let renewed { issues.append(RolledUpIssue(renewed)) }
        }
        return issues
    }
}
