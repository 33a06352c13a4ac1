public import Domain

extension RiskStore {
    /// The issues of a tenant that were parked after repeated failures, newest first.
    public func parkedIssues(_ id: TenantID, after cursor: String?, limit: Int) async throws -> Page<ParkedIssue> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            let rows = try connection.select(
                ParkedColumn.self,
                """
                FROM issue_queue AS q
                LEFT JOIN issue_snapshots AS s ON s.tenant_id = q.tenant_id AND s.issue_id = q.issue_id
                WHERE q.tenant_id = ? AND q.parked_at IS NOT NULL
                    \(after == nil ? "" : "AND (q.parked_at, q.issue_id) < (?, ?)")
                ORDER BY q.parked_at DESC, q.issue_id DESC LIMIT ?
                """, [.tenant(id)] + (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit, cursor: { Cursor([$0.parkedAt.description, $0.issueID.rawValue]) }
            ) { row in
                ParkedIssue(
                    issueID: IssueID(try row.text(.issueID)),
                    issueKey: try row.optionalText(.issueKey).map { IssueKey($0) },
                    lastError: try row.optionalText(.lastError) ?? "", attempts: try row.integer(.attempts),
                    parkedAt: try row.timestamp(.parkedAt))
            }
        }
    }

    /// Gives a parked issue new attempts; false when there is no such parked issue.
    public func retryParkedIssue(
        _ id: TenantID, issueID: IssueID, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let parked = try connection.first(
                "SELECT 1 FROM issue_queue WHERE tenant_id = ? AND issue_id = ? AND parked_at IS NOT NULL",
                [.tenant(id), .id(issueID)])
            guard parked != nil else { return false }
            try IssueQueueStatements.enqueue(issueID, of: id, at: now, in: connection)
            try AuditStatements.append(
                AuditAct(.issueRetry, issueID.rawValue), to: .tenant(id), by: actor, at: now, in: connection)
            return true
        }
    }
}

private enum ParkedColumn: Int, SQLColumns {
    case issueID, issueKey, lastError, attempts, parkedAt
    static let list = columnList()

    var sql: String { (self == .issueKey ? "s." : "q.") + columnName }
}
