public import Domain

/// What lists of issues need of the store beside ``QueryStore/issues(_:filter:after:limit:)``.
public protocol IssueListStore: Sendable {
    /// What the filters of lists may be set to, at most `limit` of each, in the order of the alphabet.
    func issueChoices(_ id: TenantID, limit: Int) async throws -> IssueChoices
}
