public import Domain

/// Posts comments into a tenant's Jira. Throws ``Domain/JiraAdministrationError``, and what the store throws.
public protocol JiraCommenting: Sendable {
    /// The account id under which comments are posted.
    func account(of tenant: Tenant) async throws -> String
    /// Posts a comment; its id.
    func post(_ comment: RiskComment, on issueID: IssueID, of tenant: Tenant) async throws -> CommentID
}
