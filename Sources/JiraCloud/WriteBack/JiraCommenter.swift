public import Domain

/// Posts comments that somebody asked for, with the tenant's account and under its budget.
public struct JiraCommenter: Sendable {
    private let store: any WebhookAdministrationStore
    private let connections: JiraConnections
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - store: says whether the tenant's calls are stopped.
    ///   - connections: the clients of the tenants' Jiras.
    public init(
        store: any WebhookAdministrationStore, connections: JiraConnections, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.connections = connections
        self.now = now
    }

    /// The account id under which comments are posted.
    ///
    /// Throws ``Domain/JiraAdministrationError``, and what the store throws; as does the other.
    public func account(of tenant: Tenant) async throws -> String {
        let client = try await client(of: tenant)
        return try await asking(tenant) { () async throws(JiraError) in try await client.myself().accountID }
    }

    /// Posts a comment; its id. Where Jira gives no answer it may be there.
    public func post(_ comment: RiskComment, on issueID: IssueID, of tenant: Tenant) async throws -> CommentID {
        let client = try await client(of: tenant)
        return try await asking(tenant) { () async throws(JiraError) in
            try await client.addComment(comment, to: issueID)
        }
    }

    private func client(of tenant: Tenant) async throws -> JiraClient {
        if let reason = try await store.jiraAccessStatus(tenant.id)?.stoppedReason {
            throw JiraAdministrationError(.accountRefused, "No calls are made: \(reason).")
        }
        do {
            if let client = try await connections.client(for: tenant.id) { return client }
        } catch let error as UnreadableJiraToken {
            throw JiraAdministrationError(.secretUnreadable, "No call is made: \(error).")
        }
        throw JiraAdministrationError(.unavailable, "The tenant was deleted.")
    }

    private func asking<Value: Sendable>(
        _ tenant: Tenant, _ ask: () async throws(JiraError) -> Value
    ) async throws(JiraAdministrationError) -> Value {
        do {
            return try await ask()
        } catch {
            throw failure(error, of: tenant)
        }
    }

    private func failure(_ error: JiraError, of tenant: Tenant) -> JiraAdministrationError {
        switch error {
        case .unauthorized: return JiraAdministrationError(.accountRefused, "No comment was posted: \(error).")
        case .forbidden, .scopeMissing, .notFound:
            return JiraAdministrationError(
                .permissionMissing,
                """
                No comment was posted: \(tenant.jiraEmail) needs the permission Add comments (ADD_COMMENTS) in the project, \
                and a scoped token the scope write:jira-work.
                """)
        case .badRequest: return JiraAdministrationError(.requestRefused, "\(error).")
        case .rateLimited(let until):
            return JiraAdministrationError(
                .unavailable, "\(error).",
                retryAfterSeconds: max(1, (until.milliseconds - now().milliseconds + 999) / 1000))
        default:
            return JiraAdministrationError(
                .unavailable, "\(error). Look at the issue before you ask again: the comment may be there.")
        }
    }
}
