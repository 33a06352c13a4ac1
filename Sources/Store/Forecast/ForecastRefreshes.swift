public import Domain
public import Foundation

extension RiskStore {
    /// What a tenant's forecasts are made with now; nil for one whose pace was never taken.
    public func forecastBasisID(_ tenantID: TenantID) async throws -> ForecastBasisID? {
        try await driver.read {
            try ForecastBasisStatements.basisID($0.query([ForecastBasisStatements.select(tenantID)])[0])
        }
    }

    /// Claims a tenant whose forecasts are stale, and leases it: its pace or model is another than in the last refresh, or
    /// that is a day ago. Nil when nothing is stale.
    public func claimForecastRefresh(now: Timestamp, leaseUntil: Timestamp) async throws -> ForecastRefreshClaim? {
        let stale = """
            FROM forecast_paces AS p LEFT JOIN forecast_refreshes AS r ON r.tenant_id = p.tenant_id
            WHERE (r.leased_until IS NULL OR r.leased_until <= ?) AND (r.retry_at IS NULL OR r.retry_at <= ?)
                AND (r.refreshed_at IS NULL OR r.refreshed_at <= ? OR r.basis_as_of <> p.as_of
                    OR r.model_key <> \(ForecastBasisStatements.modelKey))
            ORDER BY COALESCE(r.refreshed_at, p.as_of) LIMIT 1
            """
        let arguments = [now, now, now.adding(days: -1)].map { SQLValue.timestamp($0) }
        // Mostly there is nothing to write.
        guard
            let tenantID = try await driver.read({
                try $0.first("SELECT p.tenant_id \(stale)", arguments).map { try $0.tenantID(0) }
            })
        else { return nil }
        let claim = ForecastRefreshClaim(tenantID: tenantID, leaseToken: UUID().uuidString)
        return try await driver.write { connection in
            // Another node may have claimed it since; and the tenant may be gone.
            let claimed = try connection.execute(
                """
                INSERT INTO forecast_refreshes (tenant_id, lease_token, leased_until)
                SELECT tenant_id, ?, ? FROM forecast_paces WHERE tenant_id = ?
                ON CONFLICT (tenant_id) DO UPDATE SET lease_token = excluded.lease_token,
                    leased_until = excluded.leased_until
                WHERE forecast_refreshes.leased_until IS NULL OR forecast_refreshes.leased_until <= ?
                """, [.text(claim.leaseToken), .timestamp(leaseUntil), .tenant(tenantID), .timestamp(now)])
            return claimed > 0 ? claim : nil
        }
    }

    /// Extends a lease. Throws `StorageError(.stale)` when it was lost.
    public func renew(_ claim: ForecastRefreshClaim, until: Timestamp) async throws {
        try await change(claim, "leased_until = ?", [.timestamp(until)], orThrow: true)
    }

    /// Ends a claim: nothing of the tenant is stale until its basis is another than `basis`, or a day after `now`. Without
    /// effect when the lease was lost.
    public func finish(_ claim: ForecastRefreshClaim, with basis: ForecastBasisID, at now: Timestamp) async throws {
        try await change(
            claim,
            "basis_as_of = ?, model_key = ?, refreshed_at = ?, retry_at = NULL, lease_token = NULL, leased_until = NULL",
            [.timestamp(basis.asOf), .text(basis.modelKey), .timestamp(now)], orThrow: false)
    }

    /// Gives a claim back, to be tried again at `retryAt` after a failure, or at once with nil. Without effect when the lease
    /// was lost.
    public func giveBack(_ claim: ForecastRefreshClaim, retryAt: Timestamp?) async throws {
        try await change(
            claim, "retry_at = ?, lease_token = NULL, leased_until = NULL", [.timestamp(retryAt)], orThrow: false)
    }

    private func change(
        _ claim: ForecastRefreshClaim, _ settings: String, _ values: [SQLValue], orThrow: Bool
    ) async throws {
        try await driver.write {
            let changed = try $0.execute(
                "UPDATE forecast_refreshes SET \(settings) WHERE tenant_id = ? AND lease_token = ?",
                values + [.tenant(claim.tenantID), .text(claim.leaseToken)])
            guard changed > 0 || !orThrow else {
                throw StorageError(.stale, "the lease on a refresh of forecasts was lost")
            }
        }
    }

    /// Of these issues, the rules that are firing.
    public func firingRules(
        _ tenantID: TenantID, of issueIDs: [IssueID]
    ) async throws -> [IssueID: Set<UUID>] {
        guard !issueIDs.isEmpty else { return [:] }
        return try await driver.read { connection in
            try connection.select(
                FiringColumn.self,
                """
                FROM alert_states
                WHERE tenant_id = ? AND \(connection.dialect.isAny("issue_id")) AND is_firing = ?
                """, [.tenant(tenantID), .ids(issueIDs), .flag(true)]
            ).reduce(into: [:]) { $0[IssueID(try $1.text(.issueID)), default: []].insert(try $1.uuid(.ruleID)) }
        }
    }

    /// Queues issues to be looked at now.
    public func enqueueIssues(_ issueIDs: [IssueID], of tenantID: TenantID, now: Timestamp) async throws {
        try await driver.write { connection in
            var requests: [IssueQueueKey: IssueQueueRequest] = [:]
            for id in issueIDs { requests.add(id, of: tenantID, IssueQueueRequest(dueAt: now, from: nil)) }
            try IssueQueueStatements.enqueue(requests, in: connection)
        }
    }
}

private enum FiringColumn: Int, SQLColumns {
    case issueID, ruleID
    static let list = columnList()
}

/// Reading what a tenant's forecasts are made with, without its pace.
enum ForecastBasisStatements {
    /// ``ForecastBasisID/modelKey`` of the row `p`.
    static let modelKey = """
        COALESCE(p.judged_model_id, 'prior') || CASE WHEN p.stepped_down_at IS NULL THEN '' ELSE ':stepped-down' END
        """

    static func select(_ tenantID: TenantID) -> SQLQuery {
        .select(BasisColumn.self, "FROM forecast_paces WHERE tenant_id = ?", [.tenant(tenantID)])
    }

    /// What ``select(_:)`` gave; nil for no row.
    static func basisID(_ rows: [SQLRow]) throws -> ForecastBasisID? {
        try rows.first.map { SQLRecord<BasisColumn>($0) }.map { row in
            ForecastBasisID(
                asOf: try row.timestamp(.asOf), finished: try row.integer(.finished),
                isSteppedDown: try row.optionalTimestamp(.steppedDownAt) != nil,
                modelID: try row.optionalText(.judgedModelID))
        }
    }

    private enum BasisColumn: Int, SQLColumns {
        case asOf, finished, steppedDownAt, judgedModelID
        static let list = columnList()
    }
}
