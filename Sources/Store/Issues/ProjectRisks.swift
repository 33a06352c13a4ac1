public import Domain

extension RiskStore {
    /// The open issues of each project by band, the projects with the most at high risk first.
    public func projectRisks(_ id: TenantID) async throws -> [ProjectRisk] {
        try await driver.read { connection in
            try connection.select(
                ProjectRiskColumn.self,
                """
                FROM issue_snapshots
                WHERE tenant_id = ? AND risk_score IS NOT NULL AND project_key IS NOT NULL AND is_deleted = ? AND is_done = ?
                GROUP BY project_key ORDER BY 2 DESC, 3 DESC, 1
                """, [.tenant(id), .flag(false), .flag(false)]
            ).map { row in
                ProjectRisk(
                    projectKey: try row.text(.projectKey),
                    counts: RiskCounts(
                        high: try row.integer(.high), medium: try row.integer(.medium), low: try row.integer(.low)))
            }
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
