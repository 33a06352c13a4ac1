import Domain
import Foundation

/// What tells a tenant's own writes apart, and what Jira says of them.
enum OwnWriteStatements {
    /// Adds the columns `own_fields` and `own_accounts` to a query of tenants; they are null for one that never wrote.
    static let join = "LEFT JOIN jira_write_back ON jira_write_back.tenant_id = tenants.id"

    /// What is known of own writes, by the columns of ``join``.
    static func own(fields: String?, accounts: String?) -> OwnWrites {
        OwnWrites(fields: set(fields), accounts: set(accounts))
    }

    /// The ids of a column: Jira's hold no white space.
    static func set(_ column: String?) -> Set<String> { Set((column ?? "").split(separator: " ").map(String.init)) }

    /// A column of ids.
    static func column(_ ids: Set<String>) -> SQLValue { .text(ids.sorted().joined(separator: " ")) }

    /// When Jira last noted an own write to each of these issues; those without one have no row.
    static func instants(_ ofIssues: String, _ arguments: [SQLValue]) -> SQLQuery {
        // The id is written out, as in the conditions of the two indexes.
        let isOwn = "author_id = '\(Person.consilod.id)'"
        return SQLQuery(
            """
            SELECT issue_id, MAX(at) FROM (
                SELECT issue_id, changed_at AS at FROM issue_changes WHERE \(ofIssues) AND \(isOwn)
                UNION ALL
                SELECT issue_id, updated AS at FROM issue_comments WHERE \(ofIssues) AND \(isOwn)) AS own
            GROUP BY issue_id
            """, arguments + arguments)
    }
}
