public import Domain
public import Foundation

extension RiskStore {
    /// Writes a new tenant with its sealed secrets and first alert rules.
    ///
    /// Throws `StorageError(.conflict)` when another tenant has the same `jiraURL`.
    public func createTenant(_ new: NewTenant, by actor: Actor) async throws {
        try await driver.write { try insert(new, by: actor, in: $0) }
    }

    /// As ``createTenant(_:by:)``, with a person as its owner whose session shows it then; false, and nothing is made, where
    /// the session has ended or the person has a tenant already.
    public func createTenant(
        _ new: NewTenant, sessionHash: String, from origin: RequestOrigin?
    ) async throws -> Bool {
        let (id, now) = (new.tenant.id, new.tenant.createdAt)
        return try await driver.write { connection in
            guard let session = try UserStatements.ofSession(sessionHash, now: now, in: connection) else {
                return false
            }
            // One at a time for each person.
            try connection.lock(.exclusive, "tenants of \(session.userID)")
            let others = try MembershipStatements.tenants(of: session.userID, source: session.source, in: connection)
            guard others.isEmpty else { return false }
            let actor = Actor.user(session.userID).from(origin)
            try insert(new, by: actor, in: connection)
            try Self.show(id, in: sessionHash, of: session.userID, connection)
            try MembershipStatements.save(
                .init(role: .owner, source: nil), of: session.userID, in: id, by: actor, now: now, connection)
            return true
        }
    }

    private func insert(_ new: NewTenant, by actor: Actor, in connection: any SQLConnection) throws {
        var tenant = new.tenant
        if new.followsPlan {
            try SubscriptionPlanStatements.lock(in: connection)
            let row = try SubscriptionPlanStatements.plan(tenant.plan, in: connection)
            tenant = SubscriptionChange().applied(to: tenant, of: row)
        }
        try connection.run(
            """
            INSERT INTO tenants (id, company_name, jira_url, jira_email, jira_token_encrypted, plan, status,
                monthly_issue_limit, monthly_sprint_limit, monthly_portfolio_limit, has_own_limits,
                daily_rate_per_person, created_at, updated_at, trial_ends_at, api_key_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .tenant(tenant.id), .text(tenant.companyName), .text(tenant.jiraURL), .text(tenant.jiraEmail),
                .text(new.jiraTokenEncrypted), .text(tenant.plan.rawValue), .text(tenant.status.rawValue),
                .integer(tenant.limits.issue), .integer(tenant.limits.sprint), .integer(tenant.limits.portfolio),
                .flag(tenant.hasOwnLimits), .real(tenant.dailyRatePerPerson), .timestamp(tenant.createdAt),
                .timestamp(tenant.updatedAt),
                .timestamp(tenant.trialEndsAt), .text(APIKeyStatements.placeholder(of: tenant.id)),
            ])
        try APIKeyStatements.insertFirst(of: new, by: actor, in: connection)
        try insertWebhookSecret(
            new.webhookSecretID, new.webhookSecretEncrypted, of: tenant.id, at: tenant.createdAt, in: connection)
        try JiraAccessStatements.insert(tenant.id, now: tenant.createdAt, in: connection)
        try TrainingStatements.insert(tenant.id, now: tenant.createdAt, in: connection)
        for rule in new.rules { try AlertRuleStatements.save(rule, of: tenant.id, in: connection) }
        try AuditStatements.append(
            AuditAct(.tenantCreate, "\(tenant.id)", after: tenant.auditFields), to: .host, by: actor,
            at: tenant.createdAt, in: connection)
    }

    /// Nil when the tenant is unknown or deleted.
    public func tenant(_ id: TenantID) async throws -> Tenant? {
        try await driver.read { try TenantStatements.tenant(id, in: $0) }
    }

    /// All tenants of the host, oldest first.
    public func tenants(after cursor: String?, limit: Int) async throws -> Page<Tenant> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            let rows = try connection.select(
                TenantColumn.self,
                """
                FROM tenants
                WHERE NOT is_deleted \(after == nil ? "" : "AND (created_at, id) > (?, ?)")
                ORDER BY created_at, id LIMIT ?
                """, (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit, cursor: { Cursor([$0.createdAt.description, $0.id.description]) },
                element: { try $0.tenant })
        }
    }

    /// Who logs in to a tenant's Jira, and with what; nil when the tenant is unknown.
    public func jiraCredentials(_ id: TenantID) async throws -> JiraCredentials? {
        try await driver.read { connection in
            try connection.selectFirst(
                CredentialColumn.self,
                """
                FROM tenants
                LEFT JOIN jira_access ON jira_access.tenant_id = tenants.id \(OwnWriteStatements.join)
                WHERE \(isTenant)
                """, [.tenant(id)]
            ).map {
                JiraCredentials(
                    siteURL: try $0.text(.jiraURL), email: try $0.text(.jiraEmail),
                    sealedToken: try $0.text(.jiraTokenEncrypted),
                    fields: try $0.optionalStored(.fieldsJSON, as: StoredCustomFields.self),
                    own: OwnWriteStatements.own(
                        fields: try $0.optionalText(.ownFields), accounts: try $0.optionalText(.ownAccounts)))
            }
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
            ).map { try $0.text() }
        }
    }

    /// The webhook secrets of a tenant, without what they are, oldest first; also those that have expired. Empty when the
    /// tenant is unknown.
    public func webhookSecretInfos(_ id: TenantID) async throws -> [WebhookSecretInfo] {
        try await driver.read { connection in
            try connection.select(
                SecretColumn.self, "FROM webhook_secrets WHERE tenant_id = ? ORDER BY created_at, id", [.tenant(id)]
            ).map {
                WebhookSecretInfo(
                    id: try $0.uuid(.id), createdAt: try $0.timestamp(.createdAt),
                    expiresAt: try $0.optionalTimestamp(.expiresAt))
            }
        }
    }

    /// Ends all webhook secrets of a tenant but one at `expiresAt`, or earlier where they ended earlier already.
    public func retireWebhookSecrets(
        _ id: TenantID, except secretID: UUID, expiresAt: Timestamp, by actor: Actor
    ) async throws {
        let now = now()
        try await driver.write { connection in
            let count = try connection.execute(
                """
                UPDATE webhook_secrets SET expires_at = ?
                WHERE tenant_id = ? AND id <> ? AND (expires_at IS NULL OR expires_at > ?)
                """, [.timestamp(expiresAt), .tenant(id), .uuid(secretID), .timestamp(expiresAt)])
            guard count > 0 else { return }
            let act = AuditAct(
                .webhookSecretRetire, after: ["secrets": .count(count), "expires_at": .instant(expiresAt)])
            try AuditStatements.append(act, to: .tenant(id), by: actor, at: now, in: connection)
        }
    }

    /// Adds a sealed webhook secret without an end, beside those there are. Throws `StorageError(.limitReached)` where as
    /// many as the tenant may have are valid at `now`.
    public func addWebhookSecret(
        _ id: TenantID, secretID: UUID, encrypted: String, by actor: Actor, now: Timestamp
    ) async throws {
        let limit = limits[.webhookSecrets]
        try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            try TenantLimitStatements.makeRoom(
                for: .webhookSecrets, among: ("webhook_secrets", "(expires_at IS NULL OR expires_at > ?)"), of: id,
                limit: limit, [.timestamp(now)], in: connection)
            try insertWebhookSecret(secretID, encrypted, of: id, at: now, in: connection)
            try AuditStatements.append(
                AuditAct(.webhookSecretCreate, secretID.canonicalText), to: .tenant(id), by: actor, at: now,
                in: connection)
        }
    }

    /// Deletes a webhook secret; false when the tenant has no such secret. A node that keeps it in memory verifies by it
    /// until it is told.
    public func removeWebhookSecret(_ id: TenantID, secretID: UUID, by actor: Actor) async throws -> Bool {
        let now = now()
        return try await driver.write { connection in
            let removed = try connection.execute(
                "DELETE FROM webhook_secrets WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(secretID)])
            guard removed > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.webhookSecretRemove, secretID.canonicalText), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }
}

enum TenantColumn: Int, SQLColumns {
    case id, companyName, jiraURL, jiraEmail, plan, status, monthlyIssueLimit, monthlySprintLimit
    case monthlyPortfolioLimit, dailyRatePerPerson, createdAt, updatedAt, trialEndsAt, deletesAt, hasOwnLimits
    case csvExport, apiAccess, customRiskWeights, slackIntegration
    static let list = columnList()

    /// What the plan has is read with the tenant, so that a change of a plan holds for the next request on every node.
    var sql: String {
        switch self {
        case .csvExport, .apiAccess, .customRiskWeights, .slackIntegration:
            "COALESCE((SELECT p.\(columnName) FROM subscription_plans AS p WHERE p.name = tenants.plan), FALSE)"
        default: columnName
        }
    }
}

/// The statements on tenants that other transactions share.
enum TenantStatements {
    /// Nil when the tenant is unknown or deleted.
    static func tenant(_ id: TenantID, in connection: any SQLConnection) throws -> Tenant? {
        try connection.selectFirst(TenantColumn.self, "FROM tenants WHERE \(isTenant)", [.tenant(id)])?.tenant
    }

    /// As ``tenant(_:in:)``; no other transaction changes it before this one has ended.
    static func lockedTenant(_ id: TenantID, in connection: any SQLConnection) throws -> Tenant? {
        try connection.selectFirst(
            TenantColumn.self, "FROM tenants WHERE \(isTenant) \(connection.dialect.locking)", [.tenant(id)])?.tenant
    }
}

extension Tenant {
    /// What the audit log keeps of an account, by the names of the API.
    var auditFields: AuditFields {
        [
            "company_name": .text(companyName), "jira_url": .text(jiraURL), "jira_email": .text(jiraEmail),
            "plan": .text(plan.rawValue), "status": .text(status.rawValue),
            "monthly_issue_limit": .optional(limits.issue), "monthly_sprint_limit": .optional(limits.sprint),
            "monthly_portfolio_limit": .optional(limits.portfolio), "own_limits": .flag(hasOwnLimits),
            "daily_rate_per_person": .number(dailyRatePerPerson), "trial_ends_at": .instant(trialEndsAt),
            "deletes_at": .instant(deletesAt),
        ]
    }
}

private enum CredentialColumn: Int, SQLColumns {
    case jiraURL, jiraEmail, jiraTokenEncrypted, fieldsJSON, ownFields, ownAccounts
    static let list = columnList()
}

private enum SecretColumn: Int, SQLColumns {
    case id, createdAt, expiresAt
    static let list = columnList()
}

/// A tenant by its id; one whose data is being deleted is no tenant any more.
private let isTenant = "id = ? AND NOT is_deleted"

extension SQLRecord<TenantColumn> {
    private var features: Set<PlanFeature> {
        get throws {
            var features: Set<PlanFeature> = []
            if try flag(.csvExport) { features.insert(.csvExport) }
            if try flag(.apiAccess) { features.insert(.apiAccess) }
            if try flag(.customRiskWeights) { features.insert(.customRiskWeights) }
            if try flag(.slackIntegration) { features.insert(.slackIntegration) }
            return features
        }
    }

    var tenant: Tenant {
        get throws {
            Tenant(
                id: try tenantID(.id), companyName: try text(.companyName), jiraURL: try text(.jiraURL),
                jiraEmail: try text(.jiraEmail), plan: try choice(.plan, of: Plan.self),
                status: try choice(.status, of: Tenant.Status.self),
                limits: PlanLimits(
                    issue: try optionalInteger(.monthlyIssueLimit), sprint: try optionalInteger(.monthlySprintLimit),
                    portfolio: try optionalInteger(.monthlyPortfolioLimit)),
                dailyRatePerPerson: try real(.dailyRatePerPerson), createdAt: try timestamp(.createdAt),
                updatedAt: try timestamp(.updatedAt), trialEndsAt: try optionalTimestamp(.trialEndsAt),
                deletesAt: try optionalTimestamp(.deletesAt), hasOwnLimits: try flag(.hasOwnLimits),
                features: try features)
        }
    }
}

private func insertWebhookSecret(
    _ secretID: UUID, _ encrypted: String, of tenantID: TenantID, at now: Timestamp, in connection: any SQLConnection
) throws {
    try connection.run(
        "INSERT INTO webhook_secrets (id, tenant_id, secret_encrypted, created_at) VALUES (?, ?, ?, ?)",
        [.uuid(secretID), .tenant(tenantID), .text(encrypted), .timestamp(now)])
}
