public import Domain
import Foundation

extension RiskStore {
    /// Claims a tenant whose sync is due, and leases it; nil when no sync is due.
    public func claimSync(now: Timestamp, leaseUntil: Timestamp) async throws -> SyncClaim? {
        let isDue = """
            stopped_at IS NULL AND (leased_until IS NULL AND due_at <= ? OR leased_until <= ?)
                AND (retry_at IS NULL OR retry_at <= ?)
            """
        let instants = Array(repeating: SQLValue.timestamp(now), count: 3)
        // Mostly there is nothing to write.
        let hasDue = try await driver.read {
            try $0.first("SELECT 1 FROM jira_access WHERE \(isDue) LIMIT 1", instants) != nil
        }
        guard hasDue else { return nil }
        return try await driver.write { connection in
            let row = try connection.selectFirst(
                ClaimColumn.self,
                """
                FROM jira_access
                WHERE \(isDue)
                ORDER BY due_at LIMIT 1 \(connection.dialect.claiming("jira_access"))
                """, instants)
            guard let row else { return nil }
            let attempts = try row.integer(.attempts)
            let claim = SyncClaim(
                tenantID: try row.tenantID(.tenantID), leaseToken: UUID().uuidString, attempts: attempts,
                sweptAt: try row.optionalTimestamp(.sweptAt), fullySweptAt: try row.optionalTimestamp(.fullSweptAt),
                sweepDueAt: try row.optionalTimestamp(.sweepDueAt), isFullSweepAsked: try row.flag(.fullSweepAsked),
                // After a failed sync it is the reason of that failure.
                sweepError: attempts == 0 ? try row.optionalText(.lastError) : nil)
            // What is requested from here on makes it due again; otherwise the end of the claim or of the lease does.
            try connection.run(
                "UPDATE jira_access SET lease_token = ?, leased_until = ?, due_at = ? WHERE tenant_id = ?",
                [
                    .text(claim.leaseToken), .timestamp(leaseUntil), .timestamp(now.adding(days: 3650)),
                    .tenant(claim.tenantID),
                ])
            return claim
        }
    }

    /// Extends a lease. Throws `StorageError(.stale)` when it was lost, or the tenant's calls were stopped meanwhile.
    public func renew(_ claim: SyncClaim, until: Timestamp) async throws {
        try await change(claim, "leased_until = ?", [.timestamp(until)])
    }

    /// Notes that a sweep began at `at`, and when the next is due.
    ///
    /// - Parameters:
    ///   - isComplete: whether it could judge all, and the next need not look as far back.
    ///   - isFull: whether it went through all issues there are.
    public func recordSweep(
        _ claim: SyncClaim, at: Timestamp, isComplete: Bool, isFull: Bool, nextAt: Timestamp
    ) async throws {
        var (columns, values) = (["sweep_due_at = ?"], [SQLValue.timestamp(nextAt)])
        func set(_ column: String, _ at: Timestamp) {
            columns.append("\(column) = ?")
            values.append(.timestamp(at))
        }
        if isComplete { set("swept_at", at) }
        if isFull {
            set("full_swept_at", at)
            columns.append("full_sweep_asked = ?")
            values.append(.flag(false))
        }
        try await change(claim, columns.joined(separator: ", "), values)
    }

    /// Keeps which custom fields of the site hold what.
    public func recordFields(_ claim: SyncClaim, _ fields: CustomFields) async throws {
        try await change(claim, "fields_json = ?", [try .stored(fields, as: StoredCustomFields.self)])
    }

    /// Ends a claim: the tenant's next sync is due at `dueAt`, or earlier when something requests it.
    ///
    /// - Parameters:
    ///   - calls: how many calls to Jira were made under it.
    ///   - error: why it failed, for people, and then nothing makes it due before `dueAt`; nil when it did not fail.
    ///   - sweepError: why the sweep was refused, though other calls were not.
    public func release(
        _ claim: SyncClaim, dueAt: Timestamp, calls: Int, error: String?, sweepError: String? = nil
    ) async throws {
        try await driver.write { connection in
            connection.changed?.insert(claim.tenantID)
            // A fetch that is due a moment later was requested before the claim.
            let waiting = try connection.first(
                "SELECT MIN(due_at) FROM issue_fetches WHERE tenant_id = ? AND parked_at IS NULL",
                [.tenant(claim.tenantID)])?.optionalTimestamp()
            let nextAt = min(dueAt, waiting ?? dueAt)
            try connection.run(
                """
                UPDATE jira_access SET due_at = CASE WHEN due_at < ? THEN due_at ELSE ? END,
                    attempts = \(error == nil ? "0" : "attempts + 1"), last_error = ?, retry_at = ?,
                    calls = calls + ?, lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """,
                [
                    .timestamp(nextAt), .timestamp(nextAt), .text(error ?? sweepError),
                    .timestamp(error == nil ? nil : dueAt),
                    .integer(calls), .tenant(claim.tenantID), .text(claim.leaseToken),
                ])
        }
    }

    /// Ends a claim and all further calls for the tenant, until its access is changed or ``requestSweep(_:isFull:by:now:)``,
    /// and raises the alerts about it, in one transaction.
    public func stop(
        _ claim: SyncClaim, reason: String, raising decision: AlertDecision, calls: Int, now: Timestamp
    ) async throws {
        try await driver.write { connection in
            try JiraAccessStatements.change(
                claim,
                """
                stopped_at = ?, stopped_reason = ?, last_error = ?, calls = calls + ?, lease_token = NULL,
                    leased_until = NULL
                """, [.timestamp(now), .text(reason), .text(reason), .integer(calls)], in: connection)
            try NotificationStatements.record(decision, of: claim.tenantID, in: connection)
        }
    }

    /// Requests a sweep at once for what webhooks missed, also for a tenant whose calls were stopped; with `isFull` of
    /// all issues. False when the tenant is unknown.
    public func requestSweep(
        _ tenantID: TenantID, isFull: Bool, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try JiraAccessStatements.resume(tenantID, now: now, in: connection) > 0 else { return false }
            try connection.run(
                """
                UPDATE jira_access SET sweep_due_at = ?, full_sweep_asked = (full_sweep_asked OR ?) WHERE tenant_id = ?
                """, [.timestamp(now), .flag(isFull), .tenant(tenantID)])
            try AuditStatements.append(
                AuditAct(.sweepRequest, after: ["full": .flag(isFull)]), to: .tenant(tenantID), by: actor, at: now,
                in: connection)
            return true
        }
    }

    private func change(_ claim: SyncClaim, _ assignments: String, _ values: [SQLValue]) async throws {
        try await driver.write { try JiraAccessStatements.change(claim, assignments, values, in: $0) }
    }
}

private enum ClaimColumn: Int, SQLColumns {
    case tenantID, attempts, sweptAt, fullSweptAt, sweepDueAt, fullSweepAsked, lastError
    static let list = columnList()
}

/// The statements on a tenant's access that other transactions share.
enum JiraAccessStatements {
    /// The row of a new tenant.
    static func insert(_ tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO jira_access (tenant_id, due_at) VALUES (?, ?)", [.tenant(tenantID), .timestamp(now)])
    }

    /// Changes the row of a tenant under its lease. Throws `StorageError(.stale)` when the lease was lost, or the tenant's
    /// calls were stopped meanwhile.
    static func change(
        _ claim: SyncClaim, _ assignments: String, _ values: [SQLValue], in connection: any SQLConnection
    ) throws {
        let changed = try connection.execute(
            """
            UPDATE jira_access SET \(assignments)
            WHERE tenant_id = ? AND lease_token = ? AND stopped_at IS NULL
            """, values + [.tenant(claim.tenantID), .text(claim.leaseToken)])
        guard changed > 0 else { throw StorageError(.stale, "the lease on a tenant's access to Jira was lost") }
    }

    /// Ends a stop, as the access was changed. Of another site nothing is known yet, and nothing is written to it.
    static func change(_ tenantID: TenantID, isOtherSite: Bool, now: Timestamp, in connection: any SQLConnection) throws
    {
        _ = try resume(tenantID, now: now, in: connection)
        try WriteBackStatements.accessChanged(tenantID, isOtherSite: isOtherSite, in: connection)
        guard isOtherSite else { return }
        try connection.run(
            """
            UPDATE jira_access SET swept_at = NULL, full_swept_at = NULL, sweep_due_at = NULL, fields_json = NULL
            WHERE tenant_id = ?
            """, [.tenant(tenantID)])
    }

    /// Ends a stop, and revokes the lease of a sync that uses the old access; how many rows changed.
    static func resume(_ tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws -> Int {
        try connection.execute(
            """
            UPDATE jira_access SET stopped_at = NULL, stopped_reason = NULL, last_error = NULL, attempts = 0,
                retry_at = NULL, due_at = ?, lease_token = NULL, leased_until = NULL
            WHERE tenant_id = ?
            """, [.timestamp(now), .tenant(tenantID)])
    }
}
