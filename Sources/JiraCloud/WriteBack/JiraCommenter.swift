public import Domain

/// Posts comments that somebody asked for, with the tenant's account and under its budget.
public struct JiraCommenter: Sendable {
    private let calls: RequestedCalls

    /// - Parameters:
    ///   - store: says whether the tenant's calls are stopped.
    ///   - connections: the clients of the tenants' Jiras.
    public init(
        store: any WebhookAdministrationStore, connections: JiraConnections, now: @escaping @Sendable () -> Timestamp
    ) {
        calls = RequestedCalls(
            store: store, connections: connections, now: now, missingPermission: Self.missingPermission,
            unknownOutcome: " Look at the issue before you ask again: the comment may be there.")
    }

    /// The account id under which comments are posted.
    ///
    /// Throws ``Domain/JiraAdministrationError``, and what the store throws; as does the other.
    public func account(of tenant: Tenant) async throws -> String {
        let client = try await calls.client(of: tenant)
        return try await calls.asking(tenant) { () async throws(JiraError) in try await client.myself().accountID }
    }

    /// Posts a comment; its id. Where Jira gives no answer it may be there.
    public func post(_ comment: RiskComment, on issueID: IssueID, of tenant: Tenant) async throws -> CommentID {
        let client = try await calls.client(of: tenant)
        return try await calls.asking(tenant) { () async throws(JiraError) in
            try await client.addComment(comment, to: issueID)
        }
    }

    /// 404 too: Jira says so of an issue that the account may not see.
    private static func missingPermission(_ error: JiraError, of tenant: Tenant) -> String? {
        switch error {
        case .forbidden, .scopeMissing, .notFound:
            """
            No comment was posted: \(tenant.jiraEmail) needs the permission Add comments (ADD_COMMENTS) in the project, \
            and a scoped token the scope write:jira-work.
            """
        default: nil
        }
    }
}
