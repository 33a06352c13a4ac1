import Domain
import HTTPTypes
import Hummingbird
import Queries

/// The webhook through which a tenant's Jira reports to consilod.
struct JiraWebhookController: Sendable {
    var store: any QueryStore
    var administration: any JiraAdministering
    /// Whether this host calls Jira at all.
    var isEnabled: Bool

    /// How long former secrets still verify by default. Jira sends a webhook again up to five
    /// times, 5 to 15 minutes apart, and what follows from bulk changes up to 15 minutes late.
    private static let graceMinutes = 90

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/jira/webhooks", use: list)
        group.post("/api/tenants/{id}/jira/webhooks", use: register)
        group.post("/api/tenants/{id}/jira/webhooks/rotate-secret", use: rotateSecret)
        group.post("/api/tenants/{id}/jira/webhooks/test", use: test)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookOverviewView> {
        let tenant = try await context.tenantInPath(from: store)
        try checkEnabled()
        return Answer(WebhookOverviewView(try await answered { try await administration.webhooks(of: tenant) }))
    }

    @Sendable private func register(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookRegistrationView> {
        let tenant = try await context.tenantInPath(from: store, to: .manage)
        try checkEnabled()
        var fields = try await RequestFields(bodyOf: request)
        let filter = fields.optional("jql_filter", .text(0...4000))
        try fields.check()
        let registration = try await answered {
            try await administration.registerWebhook(
                of: tenant, jqlFilter: filter, by: try context.principal.actor)
        }
        return Answer(WebhookRegistrationView(registration), status: registration.isNew ? .created : .ok)
    }

    @Sendable private func rotateSecret(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookSecretRotationView> {
        let tenant = try await context.tenantInPath(from: store, to: .manage)
        try checkEnabled()
        var fields = try await RequestFields(bodyOf: request)
        let minutes = fields.optional("grace_minutes", .integer(0...10_080)) ?? Self.graceMinutes
        try fields.check()
        let rotation = try await answered {
            try await administration.rotateWebhookSecret(
                of: tenant, graceSeconds: Int64(minutes) * 60, by: try context.principal.actor)
        }
        return Answer(WebhookSecretRotationView(rotation))
    }

    @Sendable private func test(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookTestView> {
        let tenant = try await context.tenantInPath(from: store, to: .manage)
        let test = try await answered {
            try await administration.testWebhook(of: tenant, by: try context.principal.actor)
        }
        return Answer(WebhookTestView(test))
    }

    private func checkEnabled() throws {
        guard isEnabled else { throw APIError.jiraDisabled }
    }

    private func answered<Value: Sendable>(_ ask: () async throws -> Value) async throws -> Value {
        do {
            return try await ask()
        } catch let error as JiraAdministrationError {
            let retryAfter: HTTPFields = error.retryAfterSeconds.map { [.retryAfter: "\($0)"] } ?? [:]
            throw APIError(error.kind.code, error.description, headers: retryAfter)
        }
    }
}

extension JiraAdministrationError.Kind {
    fileprivate var code: APIError.Code {
        switch self {
        case .noPublicURL: .publicURLMissing
        case .noWebhook: .webhookNotFound
        case .accountRefused: .jiraCredentialsRefused
        case .permissionMissing: .jiraPermissionMissing
        case .overtaken: .conflict
        case .requestRefused: .jiraRequestRefused
        case .secretUnreadable: .secretUnavailable
        case .unavailable: .jiraUnreachable
        }
    }
}
