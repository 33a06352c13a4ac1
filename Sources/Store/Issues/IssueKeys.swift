import Domain

/// Finding issues by the keys that they have or had.
enum IssueKeyStatements {
    /// The issue of this key: the one that has it, else the one that had it; nil where no issue did. Of several that have it,
    /// as after the migration of a site, the one that is not deleted and was updated last.
    static func issueID(
        of key: IssueKey, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> IssueID? {
        try connection.first(
            """
            SELECT s.issue_id FROM issue_keys k
            JOIN issue_snapshots s ON s.tenant_id = k.tenant_id AND s.issue_id = k.issue_id
            WHERE k.tenant_id = ? AND k.issue_key = ?
            ORDER BY CASE WHEN s.issue_key = k.issue_key THEN 0 ELSE 1 END, s.is_deleted, s.updated DESC NULLS LAST,
                s.issue_id
            LIMIT 1
            """, [.tenant(tenantID), .id(key)]
        ).map { IssueID(try $0.text()) }
    }
}
