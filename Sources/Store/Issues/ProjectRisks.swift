public import Domain

extension RiskStore {
    /// The open issues of each project by band, the projects with the most at high risk first.
    public func projectRisks(_ id: TenantID) async throws -> [ProjectRisk] {
        try await driver.read { try ProjectRiskStatements.risks($0.query([ProjectRiskStatements.select(id)])[0]) }
    }

    /// The open issues of one project by band; nil for a project of which no issue is known.
    public func projectRisk(_ id: TenantID, projectKey: String) async throws -> RiskCounts? {
        try await driver.read { connection in
            let rows = try connection.query([
                ProjectRiskStatements.select(id, projectKey: projectKey),
                SQLQuery(
                    "SELECT 1 FROM issue_snapshots WHERE tenant_id = ? AND project_key = ? AND is_deleted = ? LIMIT 1",
                    [.tenant(id), .text(projectKey), .flag(false)]),
            ])
            guard !rows[1].isEmpty else { return nil }
            return try ProjectRiskStatements.risks(rows[0]).first?.counts ?? RiskCounts()
        }
    }
}

/// The statement on the open issues of projects, which the overview shares.
enum ProjectRiskStatements {
    // By the index that holds the open ones alone.
    static func select(_ id: TenantID, projectKey: String? = nil) -> SQLQuery {
        .select(
            ProjectRiskColumn.self,
            """
            FROM issue_snapshots
            WHERE tenant_id = ? AND risk_score IS NOT NULL AND project_key IS NOT NULL AND NOT is_done AND NOT is_deleted
                \(projectKey == nil ? "" : "AND project_key = ?")
            GROUP BY project_key ORDER BY 2 DESC, 3 DESC, 1
            """, [.tenant(id)] + (projectKey.map { [.text($0)] } ?? []))
    }

    /// What ``select(_:)`` gave.
    static func risks(_ rows: [SQLRow]) throws -> [ProjectRisk] {
        try rows.map { SQLRecord<ProjectRiskColumn>($0) }.map { row in
            ProjectRisk(
                projectKey: try row.text(.projectKey),
                counts: RiskCounts(
                    high: try row.integer(.high), medium: try row.integer(.medium), low: try row.integer(.low)))
        }
    }
}

/// The bands are those of ``RiskBand/init(score:)``.
private enum ProjectRiskColumn: Int, SQLColumns {
    case projectKey, high, medium, low
    static let list = columnList()

    var sql: String {
        switch self {
        case .projectKey: columnName
        case .high: "SUM(CASE WHEN risk_score >= 70 THEN 1 ELSE 0 END)"
        case .medium: "SUM(CASE WHEN risk_score >= 40 AND risk_score < 70 THEN 1 ELSE 0 END)"
        case .low: "SUM(CASE WHEN risk_score < 40 THEN 1 ELSE 0 END)"
        }
    }
}
