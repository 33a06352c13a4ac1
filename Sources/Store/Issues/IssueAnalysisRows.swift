public import Domain

extension RiskStore {
    /// The analyses of an issue's history, newest first, without those made on request.
    /// What cannot be read is left out: it is made of other things.
    public func analyses(_ id: TenantID, issueID: IssueID, limit: Int) async throws -> [Analysis] {
        try await driver.read { connection in
            try connection.select(
                AnalysisColumn.self,
                """
                FROM analysis_history WHERE tenant_id = ? AND issue_id = ? AND NOT on_request
                ORDER BY analyzed_at DESC, id DESC LIMIT ?
                """, [.tenant(id), .id(issueID), .integer(limit)]
            ).compactMap { row in
                do { return try row.stored(.analysisJSON, as: StoredAnalysis.self) } catch let error as StorageError
                    where error.code == .corrupt
                { return nil }
            }
        }
    }
}
