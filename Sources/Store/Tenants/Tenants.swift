public import Domain
public import Foundation

extension RiskStore {
    /// Writes a new tenant with its sealed secrets and first alert rules.
    ///
    /// Throws `StorageError(.conflict)` when another tenant has the same `jiraURL`.
    public func createTenant(_ new: NewTenant) async throws {
        let tenant = new.tenant
        try await driver.write { connection in
            try connection.run(
                """
                INSERT INTO tenants (id, company_name, jira_url, jira_email, jira_token_encrypted, plan, status,
                    monthly_issue_limit, monthly_sprint_limit, monthly_portfolio_limit, daily_rate_per_person,
                    created_at, updated_at, trial_ends_at, api_key_hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .tenant(tenant.id), .text(tenant.companyName), .text(tenant.jiraURL), .text(tenant.jiraEmail),
                    .text(new.jiraTokenEncrypted), .text(tenant.plan.rawValue), .text(tenant.status.rawValue),
                    .integer(tenant.limits.issue), .integer(tenant.limits.sprint), .integer(tenant.limits.portfolio),
                    .real(tenant.dailyRatePerPerson), .timestamp(tenant.createdAt), .timestamp(tenant.updatedAt),
                    .timestamp(tenant.trialEndsAt), .text(new.apiKeyHash),
                ])
            try insertWebhookSecret(
                new.webhookSecretID, new.webhookSecretEncrypted, of: tenant.id, at: tenant.createdAt, in: connection)
            try JiraAccessStatements.insert(tenant.id, now: tenant.createdAt, in: connection)
            for rule in new.rules { try AlertRuleStatements.save(rule, of: tenant.id, in: connection) }
        }
    }

    public func tenant(_ id: TenantID) async throws -> Tenant? {
        try await driver.read { connection in
            try connection.first("SELECT \(tenantColumns) FROM tenants WHERE \(isTenant)", [.tenant(id)])
                .map(tenant(from:))
        }
    }

    /// All tenants of the host, oldest first.
    public func tenants(after cursor: String?, limit: Int) async throws -> Page<Tenant> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            let rows = try connection.query(
                """
                SELECT \(tenantColumns) FROM tenants
                WHERE NOT is_deleted \(after == nil ? "" : "AND (created_at, id) > (?, ?)")
                ORDER BY created_at, id LIMIT ?
                """, (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit, cursor: { Cursor([$0.createdAt.description, $0.id.description]) },
                element: tenant(from:))
        }
    }

    public func tenantID(apiKeyHash: String) async throws -> TenantID? {
        try await driver.read { connection in
            try connection.first(
                "SELECT id FROM tenants WHERE api_key_hash = ? AND NOT is_deleted", [.text(apiKeyHash)])?.tenantID(0)
        }
    }

    /// The changed tenant; nil when it is unknown. Throws `StorageError(.conflict)` as ``createTenant(_:)`` does.
    public func updateTenant(_ id: TenantID, _ changes: TenantChanges, now: Timestamp) async throws -> Tenant? {
        try await driver.write { connection in
            let site = try connection.first("SELECT jira_url FROM tenants WHERE \(isTenant)", [.tenant(id)])?.text(0)
            try connection.run(
                """
                UPDATE tenants SET company_name = COALESCE(?, company_name), jira_url = COALESCE(?, jira_url),
                    jira_email = COALESCE(?, jira_email),
                    jira_token_encrypted = COALESCE(?, jira_token_encrypted),
                    daily_rate_per_person = COALESCE(?, daily_rate_per_person), updated_at = ?
                WHERE \(isTenant)
                """,
                [
                    .text(changes.companyName), .text(changes.jiraURL), .text(changes.jiraEmail),
                    .text(changes.jiraTokenEncrypted), .real(changes.dailyRatePerPerson), .timestamp(now), .tenant(id),
                ])
            if changes.changesJiraAccess {
                try JiraAccessStatements.change(
                    id, isOtherSite: changes.jiraURL.map { $0 != site } ?? false, now: now, in: connection)
            }
            return try connection.first("SELECT \(tenantColumns) FROM tenants WHERE \(isTenant)", [.tenant(id)])
                .map(tenant(from:))
        }
    }

    /// Who logs in to a tenant's Jira, and with what; nil when the tenant is unknown.
    public func jiraCredentials(_ id: TenantID) async throws -> JiraCredentials? {
        try await driver.read { connection in
            try connection.first(
                """
                SELECT jira_url, jira_email, jira_token_encrypted, fields_json FROM tenants
                LEFT JOIN jira_access ON jira_access.tenant_id = tenants.id WHERE \(isTenant)
                """, [.tenant(id)]
            ).map {
                JiraCredentials(
                    siteURL: try $0.text(0), email: try $0.text(1), sealedToken: try $0.text(2),
                    fields: try $0.optionalStored(3, as: StoredCustomFields.self))
            }
        }
    }

    /// Replaces the API key; the old one stops working. False when the tenant is unknown.
    public func replaceAPIKey(_ id: TenantID, hash: String) async throws -> Bool {
        try await driver.write {
            try $0.execute("UPDATE tenants SET api_key_hash = ? WHERE \(isTenant)", [.text(hash), .tenant(id)]) > 0
        }
    }

    /// The sealed webhook secrets of a tenant that are valid at `now`, newest first; nil when the tenant is unknown.
    public func sealedWebhookSecrets(_ id: TenantID, now: Timestamp) async throws -> [String]? {
        try await driver.read { connection in
            guard try connection.first("SELECT 1 FROM tenants WHERE \(isTenant)", [.tenant(id)]) != nil else {
                return nil
            }
            return try connection.query(
                """
                SELECT secret_encrypted FROM webhook_secrets
                WHERE tenant_id = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY created_at DESC, id
                """, [.tenant(id), .timestamp(now)]
            ).map { try $0.text(0) }
        }
    }

    public func webhookSecretInfos(_ id: TenantID) async throws -> [WebhookSecretInfo] {
        try await driver.read { connection in
            try connection.query(
                "SELECT id, created_at, expires_at FROM webhook_secrets WHERE tenant_id = ? ORDER BY created_at, id",
                [.tenant(id)]
            ).map {
                WebhookSecretInfo(
                    id: try $0.uuid(0), createdAt: try $0.timestamp(1), expiresAt: try $0.optionalTimestamp(2))
            }
        }
    }

    /// Ends all webhook secrets of a tenant but one at `expiresAt`, or earlier where they ended earlier already.
    public func retireWebhookSecrets(_ id: TenantID, except secretID: UUID, expiresAt: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                """
                UPDATE webhook_secrets SET expires_at = ?
                WHERE tenant_id = ? AND id <> ? AND (expires_at IS NULL OR expires_at > ?)
                """, [.timestamp(expiresAt), .tenant(id), .uuid(secretID), .timestamp(expiresAt)])
        }
    }

    public func addWebhookSecret(_ id: TenantID, secretID: UUID, encrypted: String, now: Timestamp) async throws {
        try await driver.write { try insertWebhookSecret(secretID, encrypted, of: id, at: now, in: $0) }
    }

    public func removeWebhookSecret(_ id: TenantID, secretID: UUID) async throws -> Bool {
        try await driver.write {
            try $0.execute(
                "DELETE FROM webhook_secrets WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(secretID)]) > 0
        }
    }
}

private let tenantColumns = """
    id, company_name, jira_url, jira_email, plan, status, monthly_issue_limit, monthly_sprint_limit, \
    monthly_portfolio_limit, daily_rate_per_person, created_at, updated_at, trial_ends_at
    """

/// A tenant by its id; one whose data is being deleted is no tenant any more.
private let isTenant = "id = ? AND NOT is_deleted"

private func tenant(from row: SQLRow) throws -> Tenant {
    Tenant(
        id: try row.tenantID(0), companyName: try row.text(1), jiraURL: try row.text(2), jiraEmail: try row.text(3),
        plan: try row.choice(4, of: Plan.self), status: try row.choice(5, of: Tenant.Status.self),
        limits: PlanLimits(
            issue: try row.optionalInteger(6), sprint: try row.optionalInteger(7),
            portfolio: try row.optionalInteger(8)),
        dailyRatePerPerson: try row.real(9), createdAt: try row.timestamp(10), updatedAt: try row.timestamp(11),
        trialEndsAt: try row.optionalTimestamp(12))
}

private func insertWebhookSecret(
    _ secretID: UUID, _ encrypted: String, of tenantID: TenantID, at now: Timestamp, in connection: any SQLConnection
) throws {
    try connection.run(
        "INSERT INTO webhook_secrets (id, tenant_id, secret_encrypted, created_at) VALUES (?, ?, ?, ?)",
        [.uuid(secretID), .tenant(tenantID), .text(encrypted), .timestamp(now)])
}
