public import Domain
import Foundation

extension RiskStore {
    /// Requests that a tenant's model is trained at `dueAt` at the latest; false when the tenant is unknown. A request that
    /// comes while it is trained has it trained again: the training may not have seen what the request is about.
    @discardableResult
    public func requestTraining(
        _ tenantID: TenantID, reason: TrainingReason, dueAt: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try TrainingStatements.request(tenantID, reason, dueAt: dueAt, in: connection)
            return try connection.first("SELECT 1 FROM forecast_jobs WHERE tenant_id = ?", [.tenant(tenantID)]) != nil
        }
    }

    /// Claims a tenant whose model is due to be trained, and leases it; nil when none is.
    public func claimTraining(now: Timestamp, leaseUntil: Timestamp) async throws -> TrainingClaim? {
        let isDue = "(leased_until IS NULL AND due_at <= ? OR leased_until <= ?)"
        let instants = Array(repeating: SQLValue.timestamp(now), count: 2)
        // Mostly there is nothing to write.
        let hasDue = try await driver.read {
            try $0.first("SELECT 1 FROM forecast_jobs WHERE \(isDue) LIMIT 1", instants) != nil
        }
        guard hasDue else { return nil }
        return try await driver.write { connection in
            let row = try connection.selectFirst(
                ClaimColumn.self,
                """
                FROM forecast_jobs WHERE \(isDue)
                ORDER BY due_at LIMIT 1 \(connection.dialect.claiming("forecast_jobs"))
                """, instants)
            guard let row else { return nil }
            let claim = TrainingClaim(
                tenantID: try row.tenantID(.tenantID), leaseToken: UUID().uuidString,
                reason: try row.choice(.reason, of: TrainingReason.self), attempts: try row.integer(.attempts))
            // What is requested from here on makes it due again; otherwise the end of the claim or of the lease does.
            try connection.run(
                "UPDATE forecast_jobs SET lease_token = ?, leased_until = ?, due_at = ? WHERE tenant_id = ?",
                [
                    .text(claim.leaseToken), .timestamp(leaseUntil), .timestamp(now.adding(days: 3650)),
                    .tenant(claim.tenantID),
                ])
            return claim
        }
    }

    /// Extends a lease. Throws `StorageError(.stale)` when it was lost.
    public func renew(_ claim: TrainingClaim, until: Timestamp) async throws {
        try await driver.write { connection in
            let changed = try connection.execute(
                "UPDATE forecast_jobs SET leased_until = ? WHERE tenant_id = ? AND lease_token = ?",
                [.timestamp(until), .tenant(claim.tenantID), .text(claim.leaseToken)])
            guard changed > 0 else { throw TrainingStatements.lost }
        }
    }

    /// Ends a claim: the tenant is next due at `dueAt`, daily, or earlier when it was requested meanwhile. One
    /// that failed is due for the same reason again. Without effect when the lease was lost.
    ///
    /// - Parameter error: why it failed, for people; nil when it did not fail.
    public func release(
        _ claim: TrainingClaim, dueAt: Timestamp, error: String?, now: Timestamp
    ) async throws {
        let reason = error == nil ? TrainingReason.daily : claim.reason
        try await driver.write {
            try $0.run(
                """
                UPDATE forecast_jobs SET reason = CASE WHEN due_at < ? THEN reason ELSE ? END,
                    due_at = CASE WHEN due_at < ? THEN due_at ELSE ? END,
                    attempts = \(error == nil ? "0" : "attempts + 1"), last_error = ?,
                    trained_at = COALESCE(?, trained_at), lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """,
                [
                    .timestamp(dueAt), .text(reason.rawValue), .timestamp(dueAt), .timestamp(dueAt), .text(error),
                    .timestamp(error == nil ? now : nil), .tenant(claim.tenantID), .text(claim.leaseToken),
                ])
        }
    }

    /// Gives a claim back that came to no end, as when the daemon stops: it is due again for the same reason. Without effect
    /// when the lease was lost.
    public func giveBack(_ claim: TrainingClaim, now: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                """
                UPDATE forecast_jobs SET reason = ?, due_at = ?, lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND lease_token = ?
                """,
                [.text(claim.reason.rawValue), .timestamp(now), .tenant(claim.tenantID), .text(claim.leaseToken)])
        }
    }

    /// How the training of a tenant's model stands; nil when the tenant is unknown.
    public func trainingStatus(_ tenantID: TenantID) async throws -> TrainingStatus? {
        try await driver.read { connection in
            try connection.selectFirst(
                StatusColumn.self, "FROM forecast_jobs WHERE tenant_id = ?", [.tenant(tenantID)]
            ).map { row in
                TrainingStatus(
                    dueAt: try row.optionalText(.leaseToken) == nil ? try row.timestamp(.dueAt) : nil,
                    reason: try row.choice(.reason, of: TrainingReason.self),
                    trainedAt: try row.optionalTimestamp(.trainedAt), attempts: try row.integer(.attempts),
                    lastError: try row.optionalText(.lastError))
            }
        }
    }
}

private enum ClaimColumn: Int, SQLColumns {
    case tenantID, reason, attempts
    static let list = columnList()
}

private enum StatusColumn: Int, SQLColumns {
    case dueAt, reason, trainedAt, attempts, lastError, leaseToken
    static let list = columnList()
}

/// The statements on trainings that other transactions share.
enum TrainingStatements {
    /// How long after its creation a tenant's first training is due: before, there is nothing to learn from.
    private static let firstDays = 7

    /// The row of a new tenant.
    static func insert(_ tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO forecast_jobs (tenant_id, due_at, reason) VALUES (?, ?, ?)",
            [.tenant(tenantID), .timestamp(now.adding(days: firstDays)), .text(TrainingReason.weekly.rawValue)])
    }

    /// Schedules the tenant's next training no later than `dueAt`.
    static func request(
        _ tenantID: TenantID, _ reason: TrainingReason, dueAt: Timestamp, in connection: any SQLConnection
    ) throws {
        try connection.run(
            "UPDATE forecast_jobs SET due_at = ?, reason = ? WHERE tenant_id = ? AND due_at > ?",
            [.timestamp(dueAt), .text(reason.rawValue), .tenant(tenantID), .timestamp(dueAt)])
        // The daily one that comes before trains, too.
        try connection.run(
            "UPDATE forecast_jobs SET reason = ? WHERE tenant_id = ? AND reason = ? AND lease_token IS NULL",
            [.text(reason.rawValue), .tenant(tenantID), .text(TrainingReason.daily.rawValue)])
    }

    /// Throws `StorageError(.stale)` when the lease was lost; it is not lost before the end of the transaction.
    static func verify(_ claim: TrainingClaim, in connection: any SQLConnection) throws {
        let row = try connection.first(
            "SELECT 1 FROM forecast_jobs WHERE tenant_id = ? AND lease_token = ? \(connection.dialect.locking)",
            [.tenant(claim.tenantID), .text(claim.leaseToken)])
        guard row != nil else { throw lost }
    }

    static let lost = StorageError(.stale, "the lease on the training of a tenant's model was lost")
}
