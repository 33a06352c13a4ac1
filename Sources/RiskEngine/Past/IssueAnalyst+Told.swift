public import Domain

extension IssueAnalyst {
    /// When the history last said this score of an issue before an instant; nil where it did not in the days that it is looked back on.
    /// Throws what the store throws.
    public func instant(
        ofScore score: Int, issueID: IssueID, tenantID: TenantID, before: Timestamp
    ) async throws -> Timestamp? {
        let past = try await store.lookBack(tenantID: tenantID, issueID: issueID, before: before)
        return past.scores.last { $0.score == score && $0.at < before }?.at
    }
}
