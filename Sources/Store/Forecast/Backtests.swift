public import Domain
import Foundation

extension RiskStore {
    /// Stores that a backtest of the tenant is wanted, in the place of one that has ended; false when one still waits, or
    /// the tenant is unknown.
    public func requestBacktest(
        _ tenantID: TenantID, options: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let requested = try connection.execute(
                """
                INSERT INTO forecast_backtests (tenant_id, state, options, requested_at)
                SELECT ?, 'waiting', ?, ? WHERE EXISTS (SELECT 1 FROM tenants WHERE id = ? AND NOT is_deleted)
                ON CONFLICT (tenant_id) DO UPDATE SET state = excluded.state, options = excluded.options,
                    requested_at = excluded.requested_at, finished_at = NULL, attempts = 0, done = 0, total = 0,
                    result = NULL, error = NULL, lease_token = NULL, leased_until = NULL
                WHERE forecast_backtests.state <> 'waiting'
                """, [.tenant(tenantID), .text(options), .timestamp(now), .tenant(tenantID)])
            guard requested > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.backtestRequest, after: ["options": .text(options)]), to: .tenant(tenantID), by: actor,
                at: now, in: connection)
            return true
        }
    }

    /// The tenant's newest backtest; nil without one.
    public func backtest(_ tenantID: TenantID) async throws -> ForecastBacktest? {
        try await driver.read { connection in
            try connection.selectFirst(
                BacktestColumn.self, "FROM forecast_backtests WHERE tenant_id = ?", [.tenant(tenantID)]
            ).map { row in
                ForecastBacktest(
                    state: try row.choice(.state, of: ForecastBacktest.State.self), options: try row.text(.options),
                    requestedAt: try row.timestamp(.requestedAt), finishedAt: try row.optionalTimestamp(.finishedAt),
                    done: try row.integer(.done), total: try row.integer(.total),
                    result: try row.optionalText(.result), error: try row.optionalText(.error))
            }
        }
    }

    /// Claims the backtest that has waited longest, and leases it; nil when none waits.
    public func claimBacktest(now: Timestamp, leaseUntil: Timestamp) async throws -> BacktestClaim? {
        let waits = "state = 'waiting' AND (leased_until IS NULL OR leased_until <= ?)"
        // Mostly there is nothing to write.
        let hasOne = try await driver.read {
            try $0.first("SELECT 1 FROM forecast_backtests WHERE \(waits) LIMIT 1", [.timestamp(now)]) != nil
        }
        guard hasOne else { return nil }
        return try await driver.write { connection in
            let row = try connection.selectFirst(
                ClaimColumn.self,
                """
                FROM forecast_backtests WHERE \(waits)
                ORDER BY requested_at LIMIT 1 \(connection.dialect.claiming("forecast_backtests"))
                """, [.timestamp(now)])
            guard let row else { return nil }
            let claim = BacktestClaim(
                tenantID: try row.tenantID(.tenantID), leaseToken: UUID().uuidString,
                options: try row.text(.options), attempts: try row.integer(.attempts))
            try connection.run(
                """
                UPDATE forecast_backtests SET lease_token = ?, leased_until = ?, attempts = attempts + 1
                WHERE tenant_id = ?
                """, [.text(claim.leaseToken), .timestamp(leaseUntil), .tenant(claim.tenantID)])
            return claim
        }
    }

    /// Extends the lease and stores how far it is. Throws `StorageError(.stale)` when the lease was lost.
    public func renew(_ claim: BacktestClaim, done: Int, total: Int, until: Timestamp) async throws {
        try await change(
            claim, "done = ?, total = ?, leased_until = ?", [.integer(done), .integer(total), .timestamp(until)])
    }

    /// Gives a backtest back that was not ended, as when the daemon stops. Without effect when the lease was lost.
    public func release(_ claim: BacktestClaim) async throws {
        try await driver.write {
            try $0.run(
                """
                UPDATE forecast_backtests SET attempts = attempts - 1, lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """, [.tenant(claim.tenantID), .text(claim.leaseToken)])
        }
    }

    /// Ends a backtest with its figures, or else with the reason why it failed. Throws `StorageError(.stale)` when the
    /// lease was lost.
    public func finish(_ claim: BacktestClaim, result: String?, error: String?, now: Timestamp) async throws {
        let state = error == nil ? ForecastBacktest.State.done : .failed
        try await change(
            claim, "state = ?, result = ?, error = ?, finished_at = ?, lease_token = NULL, leased_until = NULL",
            [.text(state.rawValue), .text(result), .text(error), .timestamp(now)])
    }

    private func change(_ claim: BacktestClaim, _ settings: String, _ values: [SQLValue]) async throws {
        try await driver.write {
            let changed = try $0.execute(
                "UPDATE forecast_backtests SET \(settings) WHERE tenant_id = ? AND lease_token = ?",
                values + [.tenant(claim.tenantID), .text(claim.leaseToken)])
            guard changed > 0 else { throw StorageError(.stale, "the lease on a tenant's backtest was lost") }
        }
    }
}

private enum BacktestColumn: Int, SQLColumns {
    case state, options, requestedAt, finishedAt, done, total, result, error
    static let list = columnList()
}

private enum ClaimColumn: Int, SQLColumns {
    case tenantID, options, attempts
    static let list = columnList()
}
