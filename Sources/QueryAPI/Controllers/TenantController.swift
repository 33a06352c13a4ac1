import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Accounts: created by the host's owner, changed by the tenant itself.
struct TenantController: Sendable {
    var store: any QueryStore
    var quota: MonthlyQuota
    var creation: TenantCreation
    var settings: TenantSettings
    var keys: APIKeys
    var options: QueryAPI.Options
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants", use: list)
        group.post("/api/tenants", use: create)
        group.get("/api/tenants/{id}", use: show)
        group.put("/api/tenants/{id}", use: update)
        group.delete("/api/tenants/{id}", use: delete)
        group.post("/api/tenants/{id}/restore", use: restore)
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
        let made = try await creation.make(
            try await RequestFields(bodyOf: request), by: try context.principal.actor)
        let secrets = CreatedTenantView.Secrets(
            apiKey: made.apiKey, webhookSecret: made.webhookSecret,
            webhookURL: "\(options.publicURL ?? request.ownURL)/webhooks/jira/\(made.tenant.id)")
        return Answer(CreatedTenantView(tenant: TenantView(made.tenant), secrets: secrets), status: .created)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantView> {
        Answer(TenantView(try await tenant(in: context)))
    }

    @Sendable private func update(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantView> {
        let principal = try await context.principalInPath(from: store)
        let updated = try await settings.update(try await RequestFields(bodyOf: request), by: principal)
        guard let updated else { throw APIError.unknownTenant }
        return Answer(TenantView(updated))
    }

    @Sendable private func delete(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<DeletionView> {
        let tenant = try await tenant(in: context)
        var fields = RequestFields(queryOf: request)
        // One wrong id in a script must not be enough.
        if let name = fields.required("company_name", .text(1...255)), name != tenant.companyName {
            fields.reject("company_name", "must be the tenant's name")
        }
        try fields.check()
        let actor = try context.principal.actor
        let view = try await BillingCalls(seller: options.seller, returnHosts: [])
            .delete(tenant, isAtOnce: options.deletionDays <= 0, by: actor) {
                try await deletion(of: tenant, by: actor)
            }
        return Answer(view)
    }

    private func deletion(of tenant: Tenant, by actor: Actor) async throws -> DeletionView {
        let now = now()
        guard options.deletionDays > 0 else {
            guard try await store.deleteTenant(tenant.id, by: actor) else { throw APIError.unknownTenant }
            await wakeUps.tenantChanged(tenant.id)
            return DeletionView(message: "Tenant deleted", deletesAt: now)
        }
        let scheduled = try await store.scheduleDeletion(
            of: tenant.id, at: now.adding(days: options.deletionDays), by: actor, now: now)
        guard let deletesAt = scheduled?.deletesAt else { throw APIError.unknownTenant }
        await wakeUps.tenantChanged(tenant.id)
        return DeletionView(
            message: "Tenant will be deleted; until then POST /api/tenants/\(tenant.id)/restore restores it",
            deletesAt: deletesAt)
    }

    @Sendable private func restore(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TenantView> {
        let id = try await tenant(in: context).id
        let restored = try await store.restoreTenant(id, by: try context.principal.actor, now: now())
        guard let restored else { throw APIError.unknownTenant }
        await wakeUps.tenantChanged(id)
        return Answer(TenantView(restored))
    }

    @Sendable private func usage(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let format = try AnswerFormat(of: request)
        let tenant = try await tenant(in: context)
        let used = try await quota.used(by: tenant, at: now())
        return try format.response(
            "usage", json: Answer(UsageView(tenant, used: used.count, month: used.month)),
            file: UsageCSV.records(of: tenant, used: used.count, month: used.month))
    }

    // MARK: Secrets

    @Sendable private func rotateAPIKey(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<APIKeyView> {
        guard let apiKey = try await keys.replace(by: try await context.principalInPath(from: store)) else {
            throw APIError.unknownTenant
        }
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
        let principal = try await context.principalInPath(from: store)
        let new = try await settings.addWebhookSecret(try await RequestFields(bodyOf: request), by: principal)
        return Answer(
            WebhookSecretView(id: new.info.id, createdAt: new.info.createdAt, secret: new.secret), status: .created)
    }

    @Sendable private func removeWebhookSecret(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let id = try await tenant(in: context).id
        let unknown = APIError(.secretNotFound, "Unknown webhook secret.")
        let secretID = try context.uuid("secret-id", else: unknown)
        let isRemoved = try await store.removeWebhookSecret(id, secretID: secretID, by: try context.principal.actor)
        guard isRemoved else { throw unknown }
        await wakeUps.tenantChanged(id)
        return .noContent
    }

    // MARK: Parts

    private func tenant(in context: APIContext<some RequestContext>) async throws -> Tenant {
        try await context.tenantInPath(from: store)
    }
}
