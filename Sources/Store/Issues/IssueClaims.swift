public import Domain
import Foundation

extension RiskStore {
    /// Takes up to `limit` issues that are due at `now` and not leased, and leases them: first what has happened, and only
    /// where that leaves room, stale analyses by their rank.
    ///
    /// While everything due fits, the longest due go first. Where it does not, tenants take turns, beginning with the first
    /// one after `turns.last`, and get equal shares: what one tenant has waiting delays no other.
    public func claimIssues(
        limit: Int, turns: ClaimTurns = ClaimTurns(), now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [IssueClaim] {
        guard turns.full.isEmpty else {
            // Read apart from writing: mostly no other tenant has anything due.
            let tenants = try await driver.read { try DueIssues.tenants(turns, limit: limit, now: now, in: $0) }
            guard !tenants.isEmpty else { return [] }
            return try await driver.writeLeases { connection in
                try DueIssues.rows(of: tenants, limit: limit, now: now, in: connection)
                    .map { try DueIssues.claim($0, until: leaseUntil, in: connection) }
            }
        }
        return try await driver.writeLeases { connection in
            var rows = try DueIssues.rows("= 0", limit: limit, now: now, in: connection)
            if rows.count < limit {
                rows += try DueIssues.rows("> 0", limit: limit - rows.count, now: now, in: connection)
            } else {
                let tenants = try DueIssues.tenants(turns, limit: limit, now: now, in: connection)
                if tenants.count > 1 {
                    rows = try DueIssues.rows(of: tenants, limit: limit, now: now, in: connection)
                }
            }
            return try rows.map { try DueIssues.claim($0, until: leaseUntil, in: connection) }
        }
    }
}

private enum ClaimColumn: Int, SQLColumns {
    case tenantID, issueID, generation, attempts
    static let list = columnList()
}

/// The rows of the queue that are due and not leased.
private enum DueIssues {
    /// What waits because something has happened; of the table `q`.
    private static let isFresh = "q.parked_at IS NULL AND q.stale_rank = 0"
    private static let isFree = "q.due_at <= ? AND (q.leased_until IS NULL OR q.leased_until <= ?)"

    /// Up to `limit` tenants whose turn it is.
    static func tenants(
        _ turns: ClaimTurns, limit: Int, now: Timestamp, in connection: any SQLConnection
    ) throws -> [TenantID] {
        // Before all UUIDs.
        let first = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        guard let last = turns.last?.uuid else {
            return try tenants(turns, after: first, limit: limit, now: now, in: connection)
        }
        let tenants = try self.tenants(turns, after: last, limit: limit, now: now, in: connection)
        guard tenants.count < limit else { return tenants }
        // Round to those before `last`, and to itself.
        let others = try self.tenants(turns, after: first, limit: limit, now: now, in: connection)
        return tenants + others.filter { !tenants.contains($0) }.prefix(limit - tenants.count)
    }

    /// Tenants in the order of their ids with something due, found one by one by the index: the rows of one tenant, however
    /// many, cost the others nothing.
    private static func tenants(
        _ turns: ClaimTurns, after: UUID, limit: Int, now: Timestamp, in connection: any SQLConnection
    ) throws -> [TenantID] {
        let full = turns.full.map { SQLValue.tenant($0) }
        let isFull = full.isEmpty ? "FALSE" : "t.tenant_id IN (\(full.map { _ in "?" }.joined(separator: ", ")))"
        return try connection.query(
            """
            WITH RECURSIVE turns (tenant_id) AS (
                SELECT * FROM (
                    SELECT q.tenant_id FROM issue_queue AS q WHERE \(isFresh) AND q.tenant_id > ?
                    ORDER BY q.tenant_id LIMIT 1) AS head
                UNION ALL
                SELECT (
                    SELECT q.tenant_id FROM issue_queue AS q WHERE \(isFresh) AND q.tenant_id > t.tenant_id
                    ORDER BY q.tenant_id LIMIT 1)
                FROM turns AS t WHERE t.tenant_id IS NOT NULL
            )
            SELECT t.tenant_id FROM turns AS t WHERE t.tenant_id IS NOT NULL AND NOT (\(isFull)) AND EXISTS (
                SELECT 1 FROM issue_queue AS q WHERE q.tenant_id = t.tenant_id AND \(isFresh) AND \(isFree))
            LIMIT ?
            """, [.uuid(after)] + full + [.timestamp(now), .timestamp(now), .integer(limit)]
        ).map { TenantID(try $0.uuid()) }
    }

    /// The rows of a rank, the longest due first, locked.
    static func rows(
        _ rank: String, limit: Int, now: Timestamp, in connection: any SQLConnection
    ) throws -> [SQLRecord<ClaimColumn>] {
        try connection.select(
            ClaimColumn.self,
            """
            FROM issue_queue AS q WHERE q.parked_at IS NULL AND q.stale_rank \(rank) AND \(isFree)
            ORDER BY q.stale_rank, q.due_at LIMIT ? \(connection.dialect.claiming("q"))
            """, [.timestamp(now), .timestamp(now), .integer(limit)])
    }

    /// Rows of tenants in equal shares, each tenant's longest due first, locked.
    static func rows(
        of tenants: [TenantID], limit: Int, now: Timestamp, in connection: any SQLConnection
    ) throws -> [SQLRecord<ClaimColumn>] {
        let share = max(1, limit / tenants.count)
        return try tenants.flatMap { tenant in
            try connection.select(
                ClaimColumn.self,
                """
                FROM issue_queue AS q WHERE q.tenant_id = ? AND \(isFresh) AND \(isFree)
                ORDER BY q.due_at LIMIT \(share) \(connection.dialect.claiming("q"))
                """, [.tenant(tenant), .timestamp(now), .timestamp(now)])
        }
    }

    static func claim(
        _ row: SQLRecord<ClaimColumn>, until: Timestamp, in connection: any SQLConnection
    ) throws -> IssueClaim {
        let claim = IssueClaim(
            tenantID: try row.tenantID(.tenantID), issueID: IssueID(try row.text(.issueID)),
            leaseToken: UUID().uuidString, generation: Int64(try row.integer(.generation)),
            attempts: try row.integer(.attempts))
        try connection.run(
            "UPDATE issue_queue SET lease_token = ?, leased_until = ? WHERE tenant_id = ? AND issue_id = ?",
            [.text(claim.leaseToken), .timestamp(until), .tenant(claim.tenantID), .id(claim.issueID)])
        return claim
    }
}
