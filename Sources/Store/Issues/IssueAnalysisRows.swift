public import Domain

extension RiskStore {
    /// The analyses of an issue's history, newest first, without those made on request.
    /// What cannot be read is left out: it is made of other things.
    public func analyses(_ id: TenantID, issueID: IssueID, limit: Int) async throws -> [Analysis] {
        try await driver.read { connection in
            let query = IssueAnalysisStatements.select(issueID, of: id, limit: limit)
            return try IssueAnalysisStatements.readable(connection.query(query.sql, query.arguments))
        }
    }
}

/// The statements on the analyses of one issue that other transactions share.
enum IssueAnalysisStatements {
    /// Those of its history, newest first, without those made on request.
    static func select(_ issueID: IssueID, of tenantID: TenantID, limit: Int) -> SQLQuery {
        .select(
            AnalysisColumn.self,
            """
            FROM analysis_history WHERE tenant_id = ? AND issue_id = ? AND NOT on_request
            ORDER BY analyzed_at DESC, id DESC LIMIT ?
            """, [.tenant(tenantID), .id(issueID), .integer(limit)])
    }

    /// The analyses from the rows of ``select(_:of:limit:)``, but those that cannot be read.
    static func readable(_ rows: [SQLRow]) throws -> [Analysis] {
        try rows.compactMap { row in
            do {
                return try row.stored(0, as: StoredAnalysis.self)
            } catch let error as StorageError where error.code == .corrupt {
                return nil
            }
        }
    }
}
