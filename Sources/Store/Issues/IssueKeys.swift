import Domain

/// Finding issues by their keys.
enum IssueKeyStatements {
    /// A query of the id of the issue of a key: the one that has it, else the one that had it. Of several that have it, as after
    /// the migration of a site, the one that is not deleted and was updated last. Its arguments are the tenant and the key.
    static let selectID = """
        SELECT s.issue_id FROM issue_keys k
        JOIN issue_snapshots s ON s.tenant_id = k.tenant_id AND s.issue_id = k.issue_id
        WHERE k.tenant_id = ? AND k.issue_key = ?
        ORDER BY CASE WHEN s.issue_key = k.issue_key THEN 0 ELSE 1 END, s.is_deleted, s.updated DESC NULLS LAST,
            s.issue_id
        LIMIT 1
        """

    /// The issue of this key; nil where no issue has or had it.
    static func issueID(
        of key: IssueKey, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> IssueID? {
        try connection.first(selectID, [.tenant(tenantID), .id(key)]).map { IssueID(try $0.text()) }
    }
}
