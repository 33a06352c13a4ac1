public import Domain

/// Runs JQL queries on a tenant's Jira.
public protocol JiraSearching: Sendable {
    /// The issues that Jira shows for `jql`, in Jira's order, at most `limit`. They are in the store and scored when
    /// this returns; one that is not counts nowhere.
    ///
    /// Throws ``JiraSearchError``.
    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID]
}

/// Why Jira did not answer a JQL query.
public enum JiraSearchError: Error, Sendable, Hashable {
    /// Jira refuses the query; what Jira says about it.
    case invalidJQL(message: String)
    /// This host has no access to the tenant's Jira.
    case notConfigured
    /// Jira refuses the tenant's email address and token, or they may not search.
    case credentialsRefused
    /// Jira does not answer, or only that it is too busy; when to retry, in seconds, where it said so.
    case unreachable(retryAfterSeconds: Int?)
}
