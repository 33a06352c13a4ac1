public import Domain
public import Foundation

extension RiskStore {
    /// Starts a backfill. Returns the running one instead where there is one of the same query. Throws
    /// `StorageError(.limitReached)` where as many as the tenant may have are running.
    public func startBackfill(
        _ tenantID: TenantID, jql: String, by actor: Actor, now: Timestamp
    ) async throws -> Backfill {
        let limit = limits[.runningBackfills]
        return try await driver.write { connection in
            try TenantLimitStatements.lock(tenantID, in: connection)
            let running = try backfills(
                "tenant_id = ? AND state = 'running' AND jql = ?", [.tenant(tenantID), .text(jql)], connection)
            if let running = running.first { return running }
            try TenantLimitStatements.makeRoom(
                for: .runningBackfills, among: ("backfills", "state = 'running'"), of: tenantID, limit: limit,
                in: connection)
            let new = Backfill(id: UUID(), tenantID: tenantID, jql: jql, createdAt: now)
            try connection.run(
                """
                INSERT INTO backfills (id, tenant_id, jql, state, is_listed, listed, requested, calls, created_at)
                VALUES (?, ?, ?, 'running', ?, 0, 0, 0, ?)
                """, [.uuid(new.id), .tenant(tenantID), .text(jql), .flag(false), .timestamp(now)])
            try IssueFetchStatements.makeDue(tenantID, at: now, in: connection)
            try AuditStatements.append(
                AuditAct(.backfillStart, new.id.canonicalText, after: ["jql": .text(jql)]), to: .tenant(tenantID),
                by: actor, at: now, in: connection)
            return new
        }
    }

    /// A tenant's backfill; nil when the id is unknown.
    public func backfill(_ tenantID: TenantID, _ id: UUID) async throws -> Backfill? {
        try await driver.read { try backfills("tenant_id = ? AND id = ?", [.tenant(tenantID), .uuid(id)], $0).first }
    }

    /// A tenant's running backfills, oldest first.
    public func runningBackfills(_ tenantID: TenantID) async throws -> [Backfill] {
        try await driver.read { try backfills("tenant_id = ? AND state = 'running'", [.tenant(tenantID)], $0) }
    }

    /// The newest backfills of a tenant, newest first.
    public func recentBackfills(_ tenantID: TenantID, limit: Int) async throws -> [Backfill] {
        try await driver.read {
            try Array(backfills("tenant_id = ?", [.tenant(tenantID)], $0).reversed().prefix(limit))
        }
    }

    /// Stores one page of a backfill's listing: requests its issues and moves the listing on, in one transaction.
    ///
    /// - Parameters:
    ///   - listed: how many issues the page had.
    ///   - requested: those of them that must be fetched.
    ///   - nextPage: where the listing goes on; nil when it is complete.
    public func recordPage(
        of backfill: Backfill, listed: Int, requested: [IssueID], nextPage: String?, now: Timestamp
    ) async throws {
        try await driver.write { connection in
            connection.changed?.insert(backfill.tenantID)
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

    /// Restarts the listing of a backfill: Jira keeps a place in a listing for seven days only.
    public func restartListing(of backfill: Backfill) async throws {
        try await driver.write {
            try $0.run(
                "UPDATE backfills SET page_token = NULL, listed = 0, restarts = restarts + 1 WHERE id = ? AND tenant_id = ?",
                [.uuid(backfill.id), .tenant(backfill.tenantID)])
        }
    }

    /// Ends a backfill, with the reason for people when it failed; when it did not, the tenant's model is trained soon.
    public func finish(_ backfill: Backfill, error: String?, now: Timestamp) async throws {
        try await driver.write {
            $0.changed?.insert(backfill.tenantID)
            try $0.run(
                "UPDATE backfills SET state = ?, error = ?, finished_at = ? WHERE id = ? AND tenant_id = ?",
                [
                    .text((error == nil ? Backfill.State.done : .failed).rawValue), .text(error), .timestamp(now),
                    .uuid(backfill.id), .tenant(backfill.tenantID),
                ])
            // What was fetched last still waits to be folded.
            guard error == nil else { return }
            try TrainingStatements.request(
                backfill.tenantID, .backfill, dueAt: now.adding(seconds: trainingDelaySeconds), in: $0)
        }
    }
}

/// How long after the end of a backfill the tenant's model is trained, in seconds.
private let trainingDelaySeconds: Int64 = 300

private func backfills(
    _ condition: String, _ arguments: [SQLValue], _ connection: any SQLConnection
) throws -> [Backfill] {
    let query = BackfillStatements.select(condition, arguments)
    return try BackfillStatements.backfills(connection.query(query.sql, query.arguments))
}

/// The statements on backfills that other transactions share.
enum BackfillStatements {
    /// Oldest first.
    static func select(_ condition: String, _ arguments: [SQLValue]) -> SQLQuery {
        .select(BackfillColumn.self, "FROM backfills WHERE \(condition) ORDER BY created_at, id", arguments)
    }

    /// The backfills from the rows of ``select(_:_:)``.
    static func backfills(_ rows: [SQLRow]) throws -> [Backfill] {
        try rows.map { SQLRecord<BackfillColumn>($0) }.map { row in
            Backfill(
                id: try row.uuid(.id), tenantID: try row.tenantID(.tenantID), jql: try row.text(.jql),
                state: try row.choice(.state, of: Backfill.State.self), pageToken: try row.optionalText(.pageToken),
                restarts: try row.integer(.restarts), isListed: try row.flag(.isListed),
                listed: try row.integer(.listed), requested: try row.integer(.requested),
                waiting: try row.integer(.waiting), unavailable: try row.integer(.unavailable),
                calls: try row.integer(.calls),
                error: try row.optionalText(.error), createdAt: try row.timestamp(.createdAt),
                finishedAt: try row.optionalTimestamp(.finishedAt))
        }
    }
}

private enum BackfillColumn: Int, SQLColumns {
    case id, tenantID, jql, state, pageToken, isListed, listed, requested, calls, error, createdAt, finishedAt, restarts
    case waiting, unavailable
    static let list = columnList()

    var sql: String {
        switch self {
        case .waiting: "(SELECT COUNT(*) FROM issue_fetches WHERE backfill_id = backfills.id AND parked_at IS NULL)"
        case .unavailable:
            "(SELECT COUNT(*) FROM issue_fetches WHERE backfill_id = backfills.id AND parked_at IS NOT NULL)"
        default: columnName
        }
    }
}
