public import Domain
public import Foundation

extension RiskStore {
    /// Starts a backfill. One of the same query that is still running is left to go on, and is the answer.
    public func startBackfill(
        _ tenantID: TenantID, jql: String, by actor: Actor, now: Timestamp
    ) async throws -> Backfill {
        try await driver.write { connection in
            try connection.lock(.exclusive, "backfill \(tenantID)")
            let running = try backfills(
                "tenant_id = ? AND state = 'running' AND jql = ?", [.tenant(tenantID), .text(jql)], connection)
            if let running = running.first { return running }
            let new = Backfill(id: UUID(), tenantID: tenantID, jql: jql, createdAt: now)
            try connection.run(
                """
                INSERT INTO backfills (id, tenant_id, jql, state, is_listed, listed, requested, calls, created_at)
                VALUES (?, ?, ?, 'running', ?, 0, 0, 0, ?)
                """, [.uuid(new.id), .tenant(tenantID), .text(jql), .flag(false), .timestamp(now)])
            try IssueFetchStatements.makeDue(tenantID, at: now, in: connection)
            return new
        }
    }

    /// A tenant's backfill; nil when there is none of this id.
    public func backfill(_ tenantID: TenantID, _ id: UUID) async throws -> Backfill? {
        try await driver.read { try backfills("tenant_id = ? AND id = ?", [.tenant(tenantID), .uuid(id)], $0).first }
    }

    /// A tenant's backfills that are at work, oldest first.
    public func runningBackfills(_ tenantID: TenantID) async throws -> [Backfill] {
        try await driver.read { try backfills("tenant_id = ? AND state = 'running'", [.tenant(tenantID)], $0) }
    }

    /// The newest backfills of a tenant, newest first.
    public func recentBackfills(_ tenantID: TenantID, limit: Int) async throws -> [Backfill] {
        try await driver.read {
            try Array(backfills("tenant_id = ?", [.tenant(tenantID)], $0).reversed().prefix(limit))
        }
    }

    /// Keeps one page of a backfill's listing: its issues are requested and it goes on behind them, in one transaction.
    ///
    /// - Parameters:
    ///   - listed: how many issues the page had.
    ///   - requested: those of them that must be fetched.
    ///   - nextPage: where the listing goes on; nil when it is complete.
    public func recordPage(
        of backfill: Backfill, listed: Int, requested: [IssueID], nextPage: String?, now: Timestamp
    ) async throws {
        try await driver.write { connection in
            let count = try IssueFetchStatements.request(
                requested, of: backfill.tenantID, reason: .backfill, backfillID: backfill.id, at: now, in: connection)
            try connection.run(
                """
                UPDATE backfills SET page_token = ?, is_listed = ?, listed = listed + ?, requested = requested + ?,
                    calls = calls + 1
                WHERE id = ? AND tenant_id = ?
                """,
                [
                    .text(nextPage), .flag(nextPage == nil), .integer(listed), .integer(count), .uuid(backfill.id),
                    .tenant(backfill.tenantID),
                ])
        }
    }

    /// Has a backfill listed from its beginning again: Jira keeps a place in a listing for seven days only.
    public func restartListing(of backfill: Backfill) async throws {
        try await driver.write {
            try $0.run(
                "UPDATE backfills SET page_token = NULL, listed = 0, restarts = restarts + 1 WHERE id = ? AND tenant_id = ?",
                [.uuid(backfill.id), .tenant(backfill.tenantID)])
        }
    }

    /// Ends a backfill, with the reason for people when it failed.
    public func finish(_ backfill: Backfill, error: String?, now: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                "UPDATE backfills SET state = ?, error = ?, finished_at = ? WHERE id = ? AND tenant_id = ?",
                [
                    .text((error == nil ? Backfill.State.done : .failed).rawValue), .text(error), .timestamp(now),
                    .uuid(backfill.id), .tenant(backfill.tenantID),
                ])
        }
    }
}

private func backfills(
    _ condition: String, _ arguments: [SQLValue], _ connection: any SQLConnection
) throws -> [Backfill] {
    try connection.query(
        """
        SELECT id, tenant_id, jql, state, page_token, is_listed, listed, requested, calls, error, created_at,
            finished_at, restarts,
            (SELECT COUNT(*) FROM issue_fetches WHERE backfill_id = backfills.id AND parked_at IS NULL),
            (SELECT COUNT(*) FROM issue_fetches WHERE backfill_id = backfills.id AND parked_at IS NOT NULL)
        FROM backfills WHERE \(condition) ORDER BY created_at, id
        """, arguments
    ).map { row in
        Backfill(
            id: try row.uuid(0), tenantID: try row.tenantID(1), jql: try row.text(2),
            state: try row.choice(3, of: Backfill.State.self), pageToken: try row.optionalText(4),
            restarts: try row.integer(12), isListed: try row.flag(5), listed: try row.integer(6),
            requested: try row.integer(7),
            waiting: try row.integer(13),
            unavailable: try row.integer(14), calls: try row.integer(8), error: try row.optionalText(9),
            createdAt: try row.timestamp(10), finishedAt: try row.optionalTimestamp(11))
    }
}
