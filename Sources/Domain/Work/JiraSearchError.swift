/// Why Jira did not answer a JQL query, or whether it has an issue.
public enum JiraSearchError: Error, Sendable, Hashable {
    /// Jira refuses the query; what Jira says about it.
    case invalidJQL(message: String)
    /// This host has no access to the tenant's Jira.
    case notConfigured
    /// Jira refuses the tenant's email address and token, or they may not search.
    case credentialsRefused
    /// Jira does not answer, or only that it is too busy; when to ask again, in seconds, where it said so.
    case unreachable(retryAfterSeconds: Int?)
}
