public import Domain

/// What lists of issues need of the store beside ``QueryStore/issues(_:filter:after:limit:)``.
public protocol IssueListStore: Sendable {
    /// As ``QueryStore/issues(_:filter:after:limit:)``, with what tables show: their whole analyses are not read.
    func issueLines(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueLine>
    /// What the filters of lists may be set to, at most `limit` of each, in the order of the alphabet.
    func issueChoices(_ id: TenantID, limit: Int) async throws -> IssueChoices
}
