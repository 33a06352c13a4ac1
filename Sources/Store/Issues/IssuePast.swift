import Domain

/// Reading what was: an issue's applied webhooks, and its history before an instant.
extension IssueWorkStatements {
    /// The own score that an issue had at an instant, and whether its work was over; nil before its first analysis.
    static func risk(
        of issueID: IssueID, _ tenantID: TenantID, asOf: Timestamp, _ connection: any SQLConnection
    ) throws -> (ownScore: Int, isOver: Bool)? {
        try connection.selectFirst(
            RiskColumn.self,
            """
            FROM analysis_history WHERE tenant_id = ? AND issue_id = ? AND analyzed_at <= ? AND NOT on_request
            ORDER BY analyzed_at DESC, recorded_at DESC LIMIT 1
            """, [.tenant(tenantID), .id(issueID), .timestamp(asOf)]
        ).map { (try $0.optionalInteger(.ownScore) ?? $0.integer(.riskScore), try $0.flag(.isOver)) }
    }

    private enum RiskColumn: Int, SQLColumns {
        case ownScore, riskScore, isOver
        static let list = columnList()
    }

    static func lookBack(
        _ issueID: IssueID, of tenantID: TenantID, before: Timestamp, from connection: any SQLConnection
    ) throws -> LookBack {
        let ofIssue = "FROM analysis_history WHERE tenant_id = ? AND issue_id = ? AND analyzed_at < ?"
        let key: [SQLValue] = [.tenant(tenantID), .id(issueID), .timestamp(before)]
        let rows = try connection.query([
            .select(
                AnalysisColumn.self,
                "\(ofIssue) AND NOT on_request ORDER BY analyzed_at DESC, recorded_at DESC LIMIT 1",
                key),
            .select(
                ScoreColumn.self, "\(ofIssue) AND analyzed_at >= ? ORDER BY analyzed_at, recorded_at",
                key + [.timestamp(before.adding(days: -Analysis.lookBackDays))]),
            SQLQuery(
                """
                SELECT analyzed_at FROM analysis_history
                WHERE tenant_id = ? AND issue_id = ? AND analyzed_at >= ? AND NOT on_request
                """, key),
        ])
        return LookBack(
            analysis: try rows[0].first.flatMap { row in
                do {
                    return try SQLRecord<AnalysisColumn>(row).stored(.analysisJSON, as: StoredAnalysis.self)
                } catch let error as StorageError where error.code == .corrupt {
                    // As for the newest analysis: one that cannot be read counts as missing.
                    return nil
                }
            },
            scores: try rows[1].map { SQLRecord<ScoreColumn>($0) }.map {
                ScorePoint(at: try $0.timestamp(.analyzedAt), score: try $0.integer(.riskScore))
            },
            laterInstants: try rows[2].map { try $0.timestamp() })
    }

    static func appliedEvents(
        _ issueID: IssueID, of tenantID: TenantID, byteLimit: Int, from connection: any SQLConnection
    ) throws -> [PendingEvent] {
        let ofIssue = """
            FROM webhook_events
            WHERE tenant_id = ? AND issue_id = ? AND state = 'applied' AND body_removed_at IS NULL
            """
        let key: [SQLValue] = [.tenant(tenantID), .id(issueID)]
        let sum = "SELECT COALESCE(SUM(COALESCE(body_size, LENGTH(body))), 0) \(ofIssue)"
        let bytes = try connection.first(sum, key)?.integer() ?? 0
        guard bytes <= byteLimit else { return [] }
        return try connection.select(PendingColumn.self, "\(ofIssue) ORDER BY id", key).map {
            try event($0, of: tenantID, connection)
        }
    }
}
