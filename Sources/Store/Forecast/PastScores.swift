public import Domain

extension RiskStore {
    /// The recorded rule scores of the tenant's issues, in no order. What they are read from has every analysis; this is all
    /// that a backtest ranks by.
    public func pastScores(_ tenantID: TenantID) async throws -> [PastScore] {
        try await driver.read { connection in
            try connection.select(ScoreColumn.self, "FROM analysis_history WHERE tenant_id = ?", [.tenant(tenantID)])
                .map { row in
                    PastScore(
                        issueID: IssueID(try row.text(.issueID)), at: try row.timestamp(.analyzedAt),
                        score: try row.integer(.riskScore), scorer: try row.text(.scorerID))
                }
        }
    }
}

private enum ScoreColumn: Int, SQLColumns {
    case issueID, analyzedAt, riskScore, scorerID
    static let list = columnList()
}
