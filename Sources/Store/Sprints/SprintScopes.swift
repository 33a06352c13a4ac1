public import Domain
import Foundation

extension RiskStore {
    /// The sprints of this name, in any case, that an issue of the project is or was in; without a name those that are
    /// active. Deleted sprints are left out.
    ///
    /// What is newest counts, whether a sprint webhook or the sprint field of an issue said it: like the states of the
    /// issues, the answer does not depend on the order in which anything came (P3).
    public func sprints(_ id: TenantID, projectKey: String, named name: String?) async throws -> [Sprint] {
        try await driver.read { connection in
            try SprintScopeStatements.candidates(id, projectKey, name, connection)
                .compactMap { try SprintScopeStatements.newestWord(on: $0, id, connection) }
                .filter { sprint in
                    if let name { sprint.nameKey == name.lowercased() } else { sprint.state == "active" }
                }
        }
    }

    /// The issues of a project that are or were in a sprint, by key, deleted ones left out.
    public func sprintIssues(_ id: TenantID, projectKey: String, sprintID: String) async throws -> [SprintIssue] {
        let sprint: [SQLValue] = [.tenant(id), .text(sprintID), .text(projectKey)]
        let ofSprint = "FROM issue_sprints WHERE tenant_id = ? AND sprint_id = ? AND project_key = ?"
        return try await driver.read { connection in
            let members = Set(
                try connection.query("SELECT issue_id \(ofSprint) AND is_member", sprint).map {
                    IssueID(try $0.text(0))
                })
            let changes = try SprintScopeStatements.changes(
                ofIssues: "SELECT issue_id \(ofSprint)", [.tenant(id)] + sprint, connection)
            return try connection.query(
                """
                SELECT \(listingColumns), sprints_told_at, risk_score FROM issue_snapshots
                WHERE tenant_id = ? AND issue_id IN (SELECT issue_id \(ofSprint))
                    AND issue_key IS NOT NULL AND is_deleted = ?
                ORDER BY issue_key
                """, [.tenant(id)] + sprint + [.flag(false)]
            ).map { row in
                var issue = try listedIssue(row)
                issue.changes = changes[issue.id] ?? []
                return SprintIssue(
                    issue: issue, isMember: members.contains(issue.id), toldAt: try row.optionalTimestamp(14),
                    riskScore: try row.optionalInteger(15))
            }
        }
    }
}

private enum SprintScopeStatements {
    /// The ids of sprints that somebody once called so, or active.
    static func candidates(
        _ tenantID: TenantID, _ projectKey: String, _ name: String?, _ connection: any SQLConnection
    ) throws -> [String] {
        let dialect = connection.dialect
        // Written out: an index of the active ones is of no use for a state yet unknown.
        let ofIssues = name == nil ? "is_member AND state = 'active'" : "name_key = ?"
        let ofWebhooks = name == nil ? "p.state = 'active'" : "\(dialect.lowercase("p.name")) = ?"
        let nameKey: [SQLValue] = name.map { [.text($0.lowercased())] } ?? []
        return try connection.query(
            """
            SELECT sprint_id FROM issue_sprints WHERE tenant_id = ? AND project_key = ? AND \(ofIssues)
            UNION
            SELECT p.sprint_id FROM sprints p WHERE p.tenant_id = ? AND \(ofWebhooks) AND EXISTS (
                SELECT 1 FROM issue_sprints m
                WHERE m.tenant_id = p.tenant_id AND m.sprint_id = p.sprint_id AND m.project_key = ?)
            """,
            [.tenant(tenantID), .text(projectKey)] + nameKey + [.tenant(tenantID)] + nameKey + [.text(projectKey)]
        ).map { try $0.text(0) }.sorted()
    }

    /// What was said last of a sprint, by its webhooks or by an issue that is in it; nil for a deleted one.
    static func newestWord(
        on sprintID: String, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> Sprint? {
        let told = """
            FROM issue_sprints m
            JOIN issue_snapshots s ON s.tenant_id = m.tenant_id AND s.issue_id = m.issue_id
            WHERE m.tenant_id = ? AND m.sprint_id = ? AND m.is_member AND m.name IS NOT NULL
            """
        let sprint: [SQLValue] = [.tenant(tenantID), .text(sprintID)]
        let toldAt = try connection.first("SELECT MAX(s.sprints_told_at) \(told)", sprint)?.optionalTimestamp(0)
        let record = try SprintStatements.records(of: [sprintID], tenantID, connection).first
        guard let toldAt else { return record.flatMap { $0.isDeleted ? nil : $0.sprint } }
        if let record, record.sentAt >= toldAt { return record.isDeleted ? nil : record.sprint }
        let words = try connection.query(
            """
            SELECT DISTINCT m.name, m.state, m.board_id, m.start_date, m.end_date, m.complete_date \(told)
                AND s.sprints_told_at = ?
            """, sprint + [.timestamp(toldAt)]
        ).map {
            SprintRecord(
                sprint: try SprintStatements.sprint(sprintID, $0, at: 0), isDeleted: false, sentAt: toldAt)
        }
        return try words.reduce(nil as SprintRecord?) { newest, word in
            guard let newest else { return word }
            return try word.isNewer(than: newest) ? word : newest
        }?.sprint
    }

    /// The changes of sprints and status of issues.
    static func changes(
        ofIssues ids: String, _ arguments: [SQLValue], _ connection: any SQLConnection
    ) throws -> [IssueID: [Change]] {
        let rows = try connection.query(
            """
            SELECT issue_id, change_id, changed_at, field, from_value, from_string, to_value, to_string
            FROM issue_changes
            WHERE tenant_id = ? AND issue_id IN (\(ids)) AND field IN ('Sprint', 'sprint', 'status', 'Status')
            """, arguments)
        return try rows.reduce(into: [:]) { changes, row in
            changes[IssueID(try row.text(0)), default: []].append(
                Change(
                    id: ChangeID(try row.text(1)), at: try row.timestamp(2), author: nil, field: try row.text(3),
                    from: try row.optionalText(4), fromString: try row.optionalText(5), to: try row.optionalText(6),
                    toString: try row.optionalText(7)))
        }
    }
}
