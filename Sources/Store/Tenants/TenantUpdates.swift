public import Domain

extension RiskStore {
    /// The changed tenant; nil when it is unknown. Throws `StorageError(.conflict)` as ``createTenant(_:by:)`` does.
    public func updateTenant(
        _ id: TenantID, _ changes: TenantChanges, by actor: Actor, now: Timestamp
    ) async throws -> Tenant? {
        let update = TenantUpdate(id: id, changes: changes, actor: actor, now: now, tellsOwners: tellsOwners)
        return try await driver.write { connection in
            if !changes.subscription.isEmpty { try SubscriptionPlanStatements.lock(in: connection) }
            return try update.run(in: connection)
        }
    }

    /// As the other, by what a subscription at Stripe says, with no effect on a suspension, which the host's owner alone ends. Throws
    /// `StorageError(.stale)`, with no effect, when the lease was lost: another node may have decided by something newer.
    public func updateTenant(
        under claim: StripeClaim, _ change: SubscriptionChange, now: Timestamp
    ) async throws -> Tenant? {
        let update = TenantUpdate(
            id: claim.account.tenantID, changes: TenantChanges(subscription: change), actor: .stripe, now: now,
            tellsOwners: tellsOwners)
        return try await driver.write { connection in
            try SubscriptionPlanStatements.lock(in: connection)
            // Locked until the end, as by the commit of the reading.
            _ = try StripeAccountStatements.generation(under: claim, in: connection)
            return try update.run(in: connection)
        }
    }
}

/// Changes a tenant, with its row of the audit log and what its owners are told.
private struct TenantUpdate: Sendable {
    let id: TenantID
    let changes: TenantChanges
    let actor: Actor
    let now: Timestamp
    let tellsOwners: Bool

    func run(in connection: any SQLConnection) throws -> Tenant? {
        let before = try TenantStatements.lockedTenant(id, in: connection)
        try connection.run(
            """
            UPDATE tenants SET company_name = COALESCE(?, company_name), jira_url = COALESCE(?, jira_url),
                jira_email = COALESCE(?, jira_email),
                jira_token_encrypted = COALESCE(?, jira_token_encrypted),
                daily_rate_per_person = COALESCE(?, daily_rate_per_person), updated_at = ?
            WHERE id = ? AND NOT is_deleted
            """,
            [
                .text(changes.companyName), .text(changes.jiraURL), .text(changes.jiraEmail),
                .text(changes.jiraTokenEncrypted), .real(changes.dailyRatePerPerson),
                .timestamp(now), .tenant(id),
            ])
        if let before {
            try SubscriptionPlanStatements.apply(subscription(of: before), to: before, in: connection)
        }
        if changes.changesJiraAccess {
            try JiraAccessStatements.change(
                id, isOtherSite: changes.jiraURL.map { $0 != before?.jiraURL } ?? false, now: now, in: connection)
        }
        let after = try TenantStatements.tenant(id, in: connection)
        if let before, let after {
            if tellsOwners {
                try AccountMailStatements.noteChange(from: before, to: after, now: now, in: connection)
            }
            let act = AuditAct(
                .tenantUpdate, before: before.auditFields(jiraToken: ""),
                after: after.auditFields(jiraToken: changes.jiraTokenEncrypted ?? ""))
            try AuditStatements.append(act, to: .tenant(id), by: actor, at: now, in: connection)
        }
        return after
    }

    /// What changes of the subscription. Who decided by a payment has not seen a suspension that came meanwhile.
    private func subscription(of before: Tenant) -> SubscriptionChange {
        var change = changes.subscription
        if actor.identity == Actor.stripe.identity, before.status == .suspended { change.status = nil }
        return change
    }
}

extension Tenant {
    /// The same as ``auditFields``, with the token by its stored form.
    fileprivate func auditFields(jiraToken: String) -> AuditFields {
        var fields = auditFields
        fields.setSecret("jira_token", jiraToken)
        return fields
    }
}
