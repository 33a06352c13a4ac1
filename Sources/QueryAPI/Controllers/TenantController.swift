import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Accounts: created by the host's owner, changed by the tenant itself.
struct TenantController: Sendable {
    var store: any QueryStore
    var vault: Vault
    var quota: MonthlyQuota
    var options: QueryAPI.Options
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    /// As for a role's rate: a cost made of anything larger might not be a finite number any more.
    private static let dailyRate = FieldParser.number(0...1e12)

    func addAdminRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants", use: list)
        group.post("/api/tenants", use: create)
    }

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}", use: show)
        group.put("/api/tenants/{id}", use: update)
        group.delete("/api/tenants/{id}", use: delete)
        group.get("/api/tenants/{id}/usage", use: usage)
        group.post("/api/tenants/{id}/api-key", use: rotateAPIKey)
        group.get("/api/tenants/{id}/webhook-secrets", use: listWebhookSecrets)
        group.post("/api/tenants/{id}/webhook-secrets", use: addWebhookSecret)
        group.delete("/api/tenants/{id}/webhook-secrets/{secret-id}", use: removeWebhookSecret)
    }

    // MARK: Accounts

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[TenantView]> {
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query)
            .answer({ try await store.tenants(after: $0, limit: $1) }, view: TenantView.init)
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<CreatedTenantView> {
        var fields = try await RequestFields(bodyOf: request)
        let dailyRate = fields.optional("daily_rate_per_person", Self.dailyRate)
        let (companyName, jiraURL, jiraEmail, jiraToken) = try fields.required(
            ("company_name", .text(1...255)), ("jira_url", .siteURL), ("jira_email", .email),
            ("jira_token", .secret(10...4096)))

        let now = now()
        let tenant = Tenant(
            id: TenantID(UUID()), companyName: companyName, jiraURL: jiraURL, jiraEmail: jiraEmail,
            plan: options.defaultPlan, status: .trial, limits: options.defaultPlan.limits,
            dailyRatePerPerson: dailyRate ?? 2500, createdAt: now, updatedAt: now,
            trialEndsAt: options.trialDays > 0 ? now.adding(days: options.trialDays) : nil)
        let (apiKey, webhookSecret) = (APIKey.generate(), WebhookSecret.generate())
        let new = NewTenant(
            tenant: tenant, jiraTokenEncrypted: try vault.seal(jiraToken),
            apiKeyHash: APIKey.hash(apiKey), webhookSecretID: UUID(),
            webhookSecretEncrypted: try vault.seal(webhookSecret), rules: Self.defaultRules())
        try await refusingDuplicates { try await store.createTenant(new, by: try context.principal.actor) }
        await wakeUps.tenantChanged(tenant.id)

        let secrets = CreatedTenantView.Secrets(
            apiKey: apiKey, webhookSecret: webhookSecret,
            webhookURL: "\(options.publicURL ?? request.ownURL)/webhooks/jira/\(tenant.id)")
        return Answer(CreatedTenantView(tenant: TenantView(tenant), secrets: secrets), status: .created)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantView> {
        Answer(TenantView(try await tenant(in: context)))
    }

    @Sendable private func update(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantView> {
        let current = try await tenant(in: context, to: .manage)
        var fields = try await RequestFields(bodyOf: request)
        let companyName = fields.optional("company_name", .text(1...255))
        let jiraURL = fields.optional("jira_url", .siteURL)
        let jiraEmail = fields.optional("jira_email", .email)
        let jiraToken = fields.optional("jira_token", .secret(10...4096))
        let dailyRate = fields.optional("daily_rate_per_person", Self.dailyRate)
        // A tenant does not resume its own account.
        let isOperator = try context.principal.permissions.contains(.operate)
        let status = isOperator ? fields.optional("status", .choice(Tenant.Status.allCases)) : nil
        // Otherwise the holder of the API key could make consilod send the stored Jira token to a host of their own.
        if let jiraURL, jiraURL != current.jiraURL, jiraToken == nil {
            fields.reject("jira_token", "is required when jira_url changes")
        }
        fields.rejectUnread("cannot be changed by this request")
        try fields.check()

        let changes = TenantChanges(
            companyName: companyName, jiraURL: jiraURL, jiraEmail: jiraEmail,
            jiraTokenEncrypted: try jiraToken.map(vault.seal), dailyRatePerPerson: dailyRate,
            status: status)
        let updated = try await refusingDuplicates {
            try await store.updateTenant(current.id, changes, by: try context.principal.actor, now: now())
        }
        guard let updated else { throw APIError.unknownTenant }
        await wakeUps.tenantChanged(updated.id)
        return Answer(TenantView(updated))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let id = try await tenant(in: context, to: .manage).id
        guard try await store.deleteTenant(id, by: try context.principal.actor) else { throw APIError.unknownTenant }
        await wakeUps.tenantChanged(id)
        return Answer(MessageView(message: "Tenant deleted"))
    }

    @Sendable private func usage(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<UsageView> {
        let tenant = try await tenant(in: context)
        let used = try await quota.used(by: tenant, at: now())
        return Answer(UsageView(tenant, used: used.count, month: used.month))
    }

    // MARK: Secrets

    @Sendable private func rotateAPIKey(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<APIKeyView> {
        let id = try await tenant(in: context, to: .manage).id
        let apiKey = APIKey.generate()
        let isReplaced = try await store.replaceAPIKey(
            id, hash: APIKey.hash(apiKey), by: try context.principal.actor)
        guard isReplaced else { throw APIError.unknownTenant }
        await wakeUps.tenantChanged(id)
        return Answer(APIKeyView(apiKey: apiKey))
    }

    @Sendable private func listWebhookSecrets(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[WebhookSecretView]> {
        let infos = try await store.webhookSecretInfos(try await tenant(in: context).id)
        return Answer(infos.map { WebhookSecretView(id: $0.id, createdAt: $0.createdAt, expiresAt: $0.expiresAt) })
    }

    @Sendable private func addWebhookSecret(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookSecretView> {
        let id = try await tenant(in: context, to: .manage).id
        var fields = try await RequestFields(bodyOf: request)
        let given = fields.optional("secret", .secret(16...1024))
        try fields.check()
        let (secret, secretID, now) = (given ?? WebhookSecret.generate(), UUID(), now())
        try await store.addWebhookSecret(
            id, secretID: secretID, encrypted: try vault.seal(secret), by: try context.principal.actor, now: now)
        await wakeUps.tenantChanged(id)
        return Answer(WebhookSecretView(id: secretID, createdAt: now, secret: secret), status: .created)
    }

    @Sendable private func removeWebhookSecret(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let id = try await tenant(in: context, to: .manage).id
        let unknown = APIError(.secretNotFound, "Unknown webhook secret.")
        let secretID = try context.uuid("secret-id", else: unknown)
        let isRemoved = try await store.removeWebhookSecret(id, secretID: secretID, by: try context.principal.actor)
        guard isRemoved else { throw unknown }
        await wakeUps.tenantChanged(id)
        return .noContent
    }

    // MARK: Parts

    private func tenant(
        in context: APIContext<some RequestContext>, to permission: Permission = .read
    ) async throws -> Tenant {
        try await context.tenantInPath(from: store, to: permission)
    }

    private func refusingDuplicates<Value>(_ write: () async throws -> Value) async throws -> Value {
        do {
            return try await write()
        } catch let error as StorageError where error.code == .conflict {
            throw APIError(.duplicateJiraURL, "A tenant with this jira_url already exists.")
        }
    }

    private static func defaultRules() -> [AlertRule] {
        [
            AlertRule(
                id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60),
                notifiesResolved: false),
            AlertRule(
                id: UUID(), name: "Risk spike", condition: .spike(points: 20, windowSeconds: 86_400),
                notifiesResolved: false),
        ]
    }
}
