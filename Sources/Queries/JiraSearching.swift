public import Domain

/// Finds issues through a tenant's Jira.
public protocol JiraSearching: Sendable {
    /// The issues that Jira shows for `jql`, in Jira's order, at most `limit`. They are in the store and scored when
    /// this returns; one that is not is left out.
    ///
    /// Throws ``JiraSearchError``.
    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID]

    /// The issue with this key, fetched whole where the store lacks it. It is stored and scored when this returns, which the
    /// caller's task waits for until it is cancelled; the fetch goes on then.
    ///
    /// - Returns: the key that it has now, which is another one where it was moved; nil where Jira has no such issue or does
    ///   not show it.
    /// - Throws: ``JiraSearchError``, `.notConfigured` where this host does not call Jira.
    func fetchIssue(_ key: IssueKey, tenantID: TenantID) async throws -> IssueKey?
}
