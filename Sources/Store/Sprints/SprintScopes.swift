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
            let candidates = try SprintScopeStatements.candidates(id, projectKey, name, connection)
            return try SprintScopeStatements.newestWords(on: candidates, id, connection).filter { sprint in
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
                    IssueID(try $0.text())
                })
            let changes = try SprintScopeStatements.changes(
                ofIssues: "SELECT issue_id \(ofSprint)", [.tenant(id)] + sprint, connection)
            return try connection.query(
                """
                SELECT \(ListedColumn.list), \(MembershipColumn.list) FROM issue_snapshots
                WHERE tenant_id = ? AND issue_id IN (SELECT issue_id \(ofSprint))
                    AND issue_key IS NOT NULL AND is_deleted = ?
                ORDER BY issue_key
                """, [.tenant(id)] + sprint + [.flag(false)]
            ).map { row in
                let listed = SQLRecord<ListedColumn>(row)
                let others = listed.following(MembershipColumn.self)
                var issue = try listed.issue
                issue.changes = changes[issue.id] ?? []
                return SprintIssue(
                    issue: issue, isMember: members.contains(issue.id),
                    toldAt: try others.optionalTimestamp(.sprintsToldAt),
                    riskScore: try others.optionalInteger(.riskScore))
            }
        }
    }
}

private enum MembershipColumn: Int, SQLColumns {
    case sprintsToldAt, riskScore
    static let list = columnList()
}

/// What an issue says of a sprint that it is in, and when it did.
private enum WordColumn: Int, SprintColumns {
    case sprintID, name, state, boardID, startDate, endDate, completeDate, sprintsToldAt
    static let list = columnList()

    var sql: String { (self == .sprintsToldAt ? "s." : "m.") + columnName }
}

private enum ChangeColumn: Int, SQLColumns {
    case issueID, changeID, changedAt, field, fromValue, fromString, toValue, toString
    static let list = columnList()
}

/// The statements on sprints and their issues that other transactions share.
enum SprintScopeStatements {
    /// The active sprints of all projects of a tenant, as ``RiskStore/sprints(_:projectKey:named:)`` finds those of one.
    static func active(_ tenantID: TenantID, _ connection: any SQLConnection) throws -> [Sprint] {
        let candidates = try connection.query(
            """
            SELECT sprint_id FROM issue_sprints WHERE tenant_id = ? AND is_member AND state = 'active'
            UNION
            SELECT sprint_id FROM sprints WHERE tenant_id = ? AND state = 'active'
            """, [.tenant(tenantID), .tenant(tenantID)]
        ).map { try $0.text() }.sorted()
        return try newestWords(on: candidates, tenantID, connection).filter { $0.state == "active" }
    }

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
        ).map { try $0.text() }.sorted()
    }

    /// What was said last of each sprint, by its webhooks or by issues that are in it, in the order of `sprintIDs`; deleted
    /// sprints are left out.
    static func newestWords(
        on sprintIDs: [String], _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [Sprint] {
        guard !sprintIDs.isEmpty else { return [] }
        let records = Dictionary(
            try SprintStatements.records(of: sprintIDs, tenantID, connection).map { ($0.sprint.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let words = Dictionary(
            grouping: try wordsOfIssues(on: sprintIDs, tenantID, connection), by: \.sprint.id)
        return try sprintIDs.compactMap { id in
            let word = try words[id]?.reduce(nil as SprintRecord?) { newest, word in
                guard let newest else { return word }
                return try word.isNewer(than: newest) ? word : newest
            }
            guard let record = records[id] else { return word?.sprint }
            if let word, word.sentAt > record.sentAt { return word.sprint }
            return record.isDeleted ? nil : record.sprint
        }
    }

    /// The different things that issues said of their sprints at the last instant at which any of them did.
    private static func wordsOfIssues(
        on sprintIDs: [String], _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [SprintRecord] {
        try connection.query(
            """
            WITH words AS (
                SELECT \(WordColumn.list) FROM issue_sprints m
                JOIN issue_snapshots s ON s.tenant_id = m.tenant_id AND s.issue_id = m.issue_id
                WHERE m.tenant_id = ? AND \(connection.dialect.isAny("m.sprint_id")) AND m.is_member
                    AND m.name IS NOT NULL
            ), newest AS (
                SELECT sprint_id, MAX(sprints_told_at) AS told_at FROM words GROUP BY sprint_id
            )
            SELECT DISTINCT words.* FROM words
            JOIN newest ON newest.sprint_id = words.sprint_id AND newest.told_at = words.sprints_told_at
            """, [.tenant(tenantID), .array(sprintIDs.map { .text($0) })]
        ).map { SQLRecord<WordColumn>($0) }.map {
            SprintRecord(
                sprint: try $0.sprint(try $0.text(.sprintID)), isDeleted: false,
                sentAt: try $0.timestamp(.sprintsToldAt))
        }
    }

    /// The changes of sprints and status of issues.
    static func changes(
        ofIssues ids: String, _ arguments: [SQLValue], _ connection: any SQLConnection
    ) throws -> [IssueID: [Change]] {
        let rows = try connection.select(
            ChangeColumn.self,
            """
            FROM issue_changes
            WHERE tenant_id = ? AND issue_id IN (\(ids)) AND field IN ('Sprint', 'sprint', 'status', 'Status')
            """, arguments)
        return try rows.reduce(into: [:]) { changes, row in
            changes[IssueID(try row.text(.issueID)), default: []].append(
                Change(
                    id: ChangeID(try row.text(.changeID)), at: try row.timestamp(.changedAt), author: nil,
                    field: try row.text(.field), from: try row.optionalText(.fromValue),
                    fromString: try row.optionalText(.fromString), to: try row.optionalText(.toValue),
                    toString: try row.optionalText(.toString)))
        }
    }
}
