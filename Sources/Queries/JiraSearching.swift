public import Domain

/// Runs JQL queries on a tenant's Jira.
public protocol JiraSearching: Sendable {
    /// The issues that Jira shows for `jql`, in Jira's order, at most `limit`. They are in the store and scored when
    /// this returns; one that is not is left out.
    ///
    /// Throws ``JiraSearchError``.
    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID]
}
