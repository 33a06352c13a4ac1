public import Domain

extension RiskStore {
    /// The open issues of each project by band, the projects with the most at high risk first. Of a tenant with hundreds of thousands of
    /// open issues they may be some seconds old (``ProjectRiskCache``).
    public func projectRisks(_ id: TenantID) async throws -> [ProjectRisk] {
        if let kept = projectRiskCache.risks(of: id) { return kept }
        let risks = try await driver.read {
            try ProjectRiskStatements.risks($0.query([ProjectRiskStatements.select(id)])[0])
        }
        projectRiskCache.keep(risks, of: id)
        return risks
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
    /// Counts in the index that holds the open issues alone. It jumps from project to project and counts each band by itself: a
    /// sum over all issues that looks at each one's band takes three times as long. Of one project there is a row in any case.
    static func select(_ id: TenantID, projectKey: String? = nil) -> SQLQuery {
        let tenant = [SQLValue.tenant(id)]
        let first = projectKey == nil ? "(SELECT MIN(s.project_key) \(openIssues))" : "CAST(? AS TEXT)"
        let named: [SQLValue] = projectKey.map { [SQLValue.text($0)] } ?? (tenant + tenant)
        let others = """
            UNION ALL
            SELECT (SELECT MIN(s.project_key) \(openIssues) AND s.project_key > named.project_key)
            FROM named WHERE named.project_key IS NOT NULL
            """
        return SQLQuery(
            """
            WITH RECURSIVE named (project_key) AS (SELECT \(first) \(projectKey == nil ? others : ""))
            SELECT project_key, \(Band.allCases.map(\.count).joined(separator: ", "))
            FROM named WHERE project_key IS NOT NULL ORDER BY 2 DESC, 3 DESC, 1
            """,
            named + Band.allCases.flatMap { _ in tenant })
    }

    private static let openIssues = """
        FROM issue_snapshots AS s
        WHERE s.tenant_id = ? AND s.risk_score IS NOT NULL AND s.project_key IS NOT NULL AND NOT s.is_done
            AND NOT s.is_deleted
        """

    /// The bands are those of ``RiskBand/init(score:)``.
    private enum Band: CaseIterable {
        case high, medium, low

        var scores: String {
            switch self {
            case .high: "s.risk_score >= 70"
            case .medium: "s.risk_score >= 40 AND s.risk_score < 70"
            case .low: "s.risk_score < 40"
            }
        }

        var count: String {
            """
            (SELECT COUNT(*) \(ProjectRiskStatements.openIssues) AND s.project_key = named.project_key AND \(scores))
            """
        }
    }

    /// What ``select(_:projectKey:)`` gave.
    static func risks(_ rows: [SQLRow]) throws -> [ProjectRisk] {
        try rows.map { row in
            ProjectRisk(
                projectKey: try row.text(),
                counts: RiskCounts(high: try row.integer(1), medium: try row.integer(2), low: try row.integer(3)))
        }
    }
}
