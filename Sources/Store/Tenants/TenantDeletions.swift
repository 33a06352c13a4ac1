public import Domain

extension RiskStore {
    /// Has a tenant deleted at `deletesAt`, unless an earlier instant is set already; the tenant as it is then, nil when it is
    /// unknown. Until then its webhooks are stored and scored, and nothing is sent to its channels.
    public func scheduleDeletion(
        of id: TenantID, at deletesAt: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> Tenant? {
        try await change(id, .tenantScheduleDeletion, by: actor, now: now) { tenant in
            tenant.deletesAt = min(tenant.deletesAt ?? deletesAt, deletesAt)
        }
    }

    /// Undoes the planned deletion of a tenant: the tenant as it is then, nil when it is unknown or deleted already.
    public func restoreTenant(_ id: TenantID, by actor: Actor, now: Timestamp) async throws -> Tenant? {
        try await change(id, .tenantRestore, by: actor, now: now) { $0.deletesAt = nil }
    }

    /// Recorded in the host's chain: the tenant's own goes with the tenant.
    private func change(
        _ id: TenantID, _ action: AuditAction, by actor: Actor, now: Timestamp,
        _ change: @escaping @Sendable (inout Tenant) -> Void
    ) async throws -> Tenant? {
        try await driver.write { connection in
            guard let before = try TenantStatements.lockedTenant(id, in: connection) else { return nil }
            var after = before
            change(&after)
            guard after.deletesAt != before.deletesAt else { return before }
            after.updatedAt = now
            try connection.run(
                "UPDATE tenants SET deletes_at = ?, updated_at = ? WHERE id = ?",
                [.timestamp(after.deletesAt), .timestamp(now), .tenant(id)])
            try AuditStatements.append(
                AuditAct(
                    action, "\(id)", before: before.auditFields, after: after.auditFields), to: .host, by: actor,
                at: now, in: connection)
            return after
        }
    }
}
