public import Domain

extension RiskStore {
    /// Ids of sprints that are looked at for a list.
    private static let candidateLimit = 2000

    /// The active sprints of a tenant and others, those with the largest numbers; at most `limit`. Deleted ones are left out.
    public func sprintListings(_ id: TenantID, limit: Int) async throws -> [SprintListing] {
        try await driver.read { connection in
            let active = try SprintScopeStatements.active(id, connection)
            let known = Set(active.map(\.id))
            let others = try Self.sprintIDs(id, connection).filter { !known.contains($0) }
                .sorted { ($1.count, $1) < ($0.count, $0) }.prefix(max(0, limit - active.count))
            let sprints = active + (try SprintScopeStatements.newestWords(on: Array(others), id, connection))
            return try Self.listings(of: sprints, id, connection)
        }
    }

    /// A sprint by its id; nil for one of which no issue is known, and for a deleted one.
    public func sprintListing(_ id: TenantID, sprintID: String) async throws -> SprintListing? {
        try await driver.read { connection in
            try Self.listings(
                of: try SprintScopeStatements.newestWords(on: [sprintID], id, connection), id, connection
            ).first { !$0.projectKeys.isEmpty }
        }
    }

    /// Jumps from each id to the next, by the index.
    private static func sprintIDs(_ id: TenantID, _ connection: any SQLConnection) throws -> [String] {
        let rows = "FROM issue_sprints WHERE tenant_id = ?"
        return try connection.query(
            """
            WITH RECURSIVE ids (sprint_id, place) AS (
                SELECT (SELECT MIN(sprint_id) \(rows)), 1
                UNION ALL
                SELECT (SELECT MIN(sprint_id) \(rows) AND sprint_id > ids.sprint_id), ids.place + 1
                FROM ids WHERE ids.sprint_id IS NOT NULL AND ids.place <= ?
            )
            SELECT sprint_id FROM ids WHERE sprint_id IS NOT NULL
            """, [.tenant(id), .tenant(id), .integer(candidateLimit)]
        ).map { try $0.text() }
    }

    private static func listings(
        of sprints: [Sprint], _ id: TenantID, _ connection: any SQLConnection
    ) throws -> [SprintListing] {
        guard !sprints.isEmpty else { return [] }
        let ids: [SQLValue] = [.tenant(id), .array(sprints.map { .text($0.id) })]
        let isListed = connection.dialect.isAny("m.sprint_id")
        let rows = try connection.query([
            .select(
                ProjectColumn.self,
                """
                FROM issue_sprints AS m WHERE m.tenant_id = ? AND \(isListed) AND m.project_key IS NOT NULL
                GROUP BY m.sprint_id, m.project_key ORDER BY m.sprint_id, m.project_key
                """, ids),
            .select(
                OpenColumn.self,
                """
                FROM issue_sprints AS m
                JOIN issue_snapshots AS s ON s.tenant_id = m.tenant_id AND s.issue_id = m.issue_id
                WHERE m.tenant_id = ? AND \(isListed) AND m.is_member AND s.risk_score IS NOT NULL
                    AND NOT s.is_done AND NOT s.is_deleted GROUP BY m.sprint_id
                """, ids),
        ])
        let projects = try rows[0].map { SQLRecord<ProjectColumn>($0) }.reduce(into: [String: [String]]()) {
            $0[try $1.text(.sprintID), default: []].append(try $1.text(.projectKey))
        }
        let open = try rows[1].map { SQLRecord<OpenColumn>($0) }.reduce(into: [String: RiskCounts]()) {
            $0[try $1.text(.sprintID)] = RiskCounts(
                high: try $1.integer(.high), medium: try $1.integer(.medium), low: try $1.integer(.low))
        }
        return sprints.map {
            SprintListing(sprint: $0, projectKeys: projects[$0.id] ?? [], open: open[$0.id] ?? RiskCounts())
        }.sorted { $0.isBefore($1) }
    }

    private enum ProjectColumn: Int, SQLColumns {
        case sprintID, projectKey
        static let list = columnList()
        var sql: String { "m.\(columnName)" }
    }

    /// The bands are those of ``RiskBand/init(score:)``.
    private enum OpenColumn: Int, SQLColumns {
        case sprintID, high, medium, low
        static let list = columnList()

        var sql: String {
            switch self {
            case .sprintID: "m.sprint_id"
            case .high: "SUM(CASE WHEN s.risk_score >= 70 THEN 1 ELSE 0 END)"
            case .medium: "SUM(CASE WHEN s.risk_score >= 40 AND s.risk_score < 70 THEN 1 ELSE 0 END)"
            case .low: "SUM(CASE WHEN s.risk_score < 40 THEN 1 ELSE 0 END)"
            }
        }
    }
}
