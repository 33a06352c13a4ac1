public import Domain
import Foundation

extension RiskStore {
    /// Claims a tenant whose issues are to be looked through for values to write to Jira, and leases it; nil when none is due.
    /// One whose calls to Jira are stopped is not due, nor one whose writes Jira refused a while ago, nor a suspended or
    /// cancelled one.
    public func claimWriteBack(now: Timestamp, leaseUntil: Timestamp) async throws -> WriteBackClaim? {
        let isDue = """
            is_on AND target <> 'none' AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
                AND (stopped_until IS NULL OR stopped_until <= ?)
                AND EXISTS (SELECT 1 FROM jira_access AS a JOIN tenants AS t ON t.id = a.tenant_id
                    WHERE a.tenant_id = jira_write_back.tenant_id AND a.stopped_at IS NULL AND a.swept_at IS NOT NULL
                        AND NOT t.is_deleted AND t.deletes_at IS NULL AND t.status IN ('trial', 'active'))
            """
        let instants = Array(repeating: SQLValue.timestamp(now), count: 3)
        // Mostly there is nothing to write.
        let hasDue = try await driver.read {
            try $0.first("SELECT 1 FROM jira_write_back WHERE \(isDue) LIMIT 1", instants) != nil
        }
        guard hasDue else { return nil }
        return try await driver.write { connection in
            let row = try connection.first(
                """
                SELECT tenant_id, attempts FROM jira_write_back WHERE \(isDue)
                ORDER BY due_at LIMIT 1 \(connection.dialect.claiming("jira_write_back"))
                """, instants)
            guard let row else { return nil }
            let tenantID = try row.tenantID(0)
            guard let settings = try WriteBackStatements.row(of: tenantID, in: connection)?.settings else { return nil }
            let token = UUID().uuidString
            try connection.run(
                "UPDATE jira_write_back SET lease_token = ?, leased_until = ? WHERE tenant_id = ?",
                [.text(token), .timestamp(leaseUntil), .tenant(tenantID)])
            return WriteBackClaim(
                tenantID: tenantID, leaseToken: token, attempts: try row.integer(1), settings: settings)
        }
    }

    /// The issues of a claimed tenant whose values in Jira are due to be written or removed at `now`: those that Jira refused
    /// most often last, and among others the riskiest first.
    ///
    /// Compares what is current with the window within which the written values stay (``Domain/WriteWindow``): nothing notes
    /// that an issue is due, and so nothing is lost, and scoring does no more for it. An issue with a security level is never
    /// due, nor one of which it is not known whether it has one. Analyses are read of those that are given only.
    ///
    /// - Parameter projects: keys of projects whose issues are left out.
    public func dueWrites(
        _ claim: WriteBackClaim, except projects: Set<String> = [], limit: Int, now: Timestamp
    ) async throws -> [IssueToWrite] {
        let query = WriteBackStatements.due(claim, except: projects, limit: limit, now: now)
        return try await driver.read { connection in
            try connection.query(query.sql, query.arguments).map { SQLRecord<DueWriteColumn>($0) }.map { row in
                IssueToWrite(
                    issueID: IssueID(try row.text(.issueID)), projectKey: try row.optionalText(.projectKey),
                    risk: try row.flag(.isDone) ? nil : risk(row), attempts: try row.integer(.attempts))
            }
        }
    }

    /// Whether all issues of a tenant are of one project.
    public func hasOneProject(_ tenantID: TenantID) async throws -> Bool {
        try await driver.read { connection in
            // Each is the first or the last entry of an index.
            func end(_ order: String) throws -> String? {
                try connection.first(
                    """
                    SELECT project_key FROM issue_snapshots
                    WHERE tenant_id = ? AND project_key IS NOT NULL AND NOT is_deleted
                    ORDER BY project_key \(order) LIMIT 1
                    """, [.tenant(tenantID)])?.optionalText()
            }
            return try end("ASC") == end("DESC")
        }
    }

    /// Whether an issue may still be written to, as its row says it now: it may have been restricted or deleted since
    /// ``dueWrites(_:except:limit:now:)``. Throws `StorageError(.stale)` when the lease was lost, as when the tenant's access to Jira
    /// was changed.
    public func mayWrite(to issueID: IssueID, under claim: WriteBackClaim) async throws -> Bool {
        try await driver.read { connection in
            let row = try connection.first(
                """
                SELECT (SELECT COUNT(*) FROM issue_snapshots AS s
                    WHERE s.tenant_id = b.tenant_id AND s.issue_id = ? AND \(WriteBackStatements.isWritable))
                FROM jira_write_back AS b WHERE b.tenant_id = ? AND b.lease_token = ? AND b.is_on
                """, [.id(issueID), .tenant(claim.tenantID), .text(claim.leaseToken)])
            guard let row else { throw WriteBackStatements.lostLease }
            return try row.integer() > 0
        }
    }

    /// Stores what became of a write, when the issue may be written to again, and that the tenant is worked on until
    /// `leaseUntil`. Throws `StorageError(.stale)`, with no effect, when the lease was lost.
    public func record(
        _ outcome: WriteOutcome, of issueID: IssueID, under claim: WriteBackClaim, nextAt: Timestamp,
        leaseUntil: Timestamp, now: Timestamp
    ) async throws {
        try await driver.write { connection in
            try WriteBackStatements.change(claim, "leased_until = ?", [.timestamp(leaseUntil)], in: connection)
            let key: [SQLValue] = [.tenant(claim.tenantID), .id(issueID), .timestamp(nextAt)]
            switch outcome {
            case .written(let risk, let window):
                try connection.run(
                    """
                    INSERT INTO jira_writes (tenant_id, issue_id, next_at, score, band, forecast_date, written_at,
                        score_low, score_high, forecast_after, forecast_before)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (tenant_id, issue_id) DO UPDATE SET next_at = excluded.next_at, score = excluded.score,
                        band = excluded.band, forecast_date = excluded.forecast_date, written_at = excluded.written_at,
                        score_low = excluded.score_low, score_high = excluded.score_high,
                        forecast_after = excluded.forecast_after, forecast_before = excluded.forecast_before,
                        attempts = 0, last_error = NULL
                    """,
                    key + [
                        .integer(risk.score), .text(risk.band.rawValue), .text(risk.forecastDate), .timestamp(now),
                        .integer(window.scores.lowerBound), .integer(window.scores.upperBound),
                        .timestamp(window.forecastAfter), .timestamp(window.forecastBefore),
                    ])
            case .cleared:
                try connection.run(
                    """
                    UPDATE jira_writes SET score = NULL, band = NULL, forecast_date = NULL, written_at = ?, next_at = ?,
                        attempts = 0, last_error = NULL
                    WHERE tenant_id = ? AND issue_id = ?
                    """, [.timestamp(now), .timestamp(nextAt), .tenant(claim.tenantID), .id(issueID)])
            case .refused(let reason):
                try connection.run(
                    """
                    INSERT INTO jira_writes (tenant_id, issue_id, next_at, attempts, last_error) VALUES (?, ?, ?, 1, ?)
                    ON CONFLICT (tenant_id, issue_id) DO UPDATE SET next_at = excluded.next_at,
                        attempts = jira_writes.attempts + 1, last_error = excluded.last_error
                    """, key + [.text(reason)])
            }
        }
    }

    /// Ends a claim: the tenant's issues are looked through again at `dueAt`.
    ///
    /// - Parameters:
    ///   - hasFailed: whether Jira could not be written to, so that the pause grows.
    ///   - stop: until when nothing is written, and why, for people; nil where nothing stands in the way.
    public func release(
        _ claim: WriteBackClaim, dueAt: Timestamp, hasFailed: Bool, stop: (until: Timestamp, reason: String)?
    ) async throws {
        try await driver.write { connection in
            try WriteBackStatements.change(
                claim,
                """
                due_at = ?, attempts = \(hasFailed ? "attempts + 1" : "0"), stopped_until = ?, stopped_reason = ?,
                    lease_token = NULL, leased_until = NULL
                """, [.timestamp(dueAt), .timestamp(stop?.until), .text(stop?.reason)], in: connection)
        }
    }
}

extension WriteBackStatements {
    /// Which issues are ever written to: not one with a security level, nor one of which it is not known whether it has one.
    fileprivate static let isWritable =
        "s.risk_score IS NOT NULL AND s.whole_at IS NOT NULL AND s.security_level IS NULL AND NOT s.is_deleted"

    /// What ``RiskStore/dueWrites(_:except:limit:now:)`` asks for.
    static func due(_ claim: WriteBackClaim, except projects: Set<String>, limit: Int, now: Timestamp) -> SQLQuery {
        let forecast =
            claim.settings.writesForecast
            ? """
            OR (f.p85_at IS NULL) <> (w.forecast_after IS NULL) OR f.p85_at <= w.forecast_after
                OR f.p85_at >= w.forecast_before
            """ : ""
        let left: [SQLValue] = projects.sorted().map { .text($0) }
        let places = Array(repeating: "?", count: left.count).joined(separator: ", ")
        let others = left.isEmpty ? "" : "AND COALESCE(s.project_key, '') NOT IN (\(places))"
        let tenant = SQLValue.tenant(claim.tenantID)
        let (instant, most) = (SQLValue.timestamp(now), SQLValue.integer(limit))
        return .select(
            DueWriteColumn.self,
            """
            FROM (
                SELECT s.issue_id, s.risk_score, f.p85_at, COALESCE(w.attempts, 0) AS attempts
                FROM issue_snapshots AS s
                LEFT JOIN jira_writes AS w ON w.tenant_id = s.tenant_id AND w.issue_id = s.issue_id
                LEFT JOIN forecasts AS f ON f.tenant_id = s.tenant_id AND f.issue_id = s.issue_id
                WHERE s.tenant_id = ? AND \(isWritable) AND (w.next_at IS NULL OR w.next_at <= ?)
                    AND (s.is_done AND w.score IS NOT NULL
                        OR NOT s.is_done AND (w.score IS NULL OR s.risk_score < w.score_low
                            OR s.risk_score > w.score_high \(forecast)))
                    \(others)
                ORDER BY COALESCE(w.attempts, 0), s.risk_score DESC, s.issue_id LIMIT ?) AS d
            JOIN issue_snapshots AS s ON s.tenant_id = ? AND s.issue_id = d.issue_id
            ORDER BY d.attempts, d.risk_score DESC, d.issue_id
            """, [tenant, instant] + left + [most, tenant])
    }

    fileprivate static var lostLease: StorageError {
        StorageError(.stale, "the lease on a tenant's writes to Jira was lost")
    }

    /// Changes the row of a tenant under its lease. Throws `StorageError(.stale)` when the lease was lost, or the settings
    /// changed meanwhile.
    fileprivate static func change(
        _ claim: WriteBackClaim, _ assignments: String, _ values: [SQLValue], in connection: any SQLConnection
    ) throws {
        let changed = try connection.execute(
            "UPDATE jira_write_back SET \(assignments) WHERE tenant_id = ? AND lease_token = ?",
            values + [.tenant(claim.tenantID), .text(claim.leaseToken)])
        guard changed > 0 else { throw lostLease }
    }
}

private enum DueWriteColumn: Int, SQLColumns {
    case issueID, projectKey, riskScore, isDone, analysisJSON, p85At, attempts
    static let list = columnList()

    var sql: String {
        switch self {
        case .p85At: "d.p85_at"
        case .attempts: "d.attempts"
        default: "s.\(columnName)"
        }
    }
}

/// The values of an issue as they stand. An analysis that cannot be read has no cause.
private func risk(_ row: SQLRecord<DueWriteColumn>) throws -> WrittenRisk {
    var cause: String?
    do {
        cause = try row.optionalStored(.analysisJSON, as: StoredAnalysis.self)?.causeForJira?.explanation
    } catch let error as StorageError where error.code == .corrupt {
        cause = nil
    }
    return WrittenRisk(
        score: try row.integer(.riskScore), forecastAt: try row.optionalTimestamp(.p85At), cause: cause)
}
