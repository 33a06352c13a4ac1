import Domain
import Hummingbird
import Queries

/// The webhook through which a tenant's Jira reports to consilod.
struct JiraWebhookController: Sendable {
    var store: any QueryStore
    var webhooks: JiraWebhooks

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/jira/webhooks", use: list)
        group.post("/api/tenants/{id}/jira/webhooks", use: register)
        group.post("/api/tenants/{id}/jira/webhooks/rotate-secret", use: rotateSecret)
        group.post("/api/tenants/{id}/jira/webhooks/test", use: test)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookOverviewView> {
        let principal = try await context.principalInPath(from: store)
        return Answer(WebhookOverviewView(try await webhooks.overview(for: principal)))
    }

    @Sendable private func register(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookRegistrationView> {
        let principal = try await context.principalInPath(from: store)
        let registration = try await webhooks.register(try await RequestFields(bodyOf: request), by: principal)
        return Answer(WebhookRegistrationView(registration), status: registration.isNew ? .created : .ok)
    }

    @Sendable private func rotateSecret(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookSecretRotationView> {
        let principal = try await context.principalInPath(from: store)
        let rotation = try await webhooks.rotateSecret(try await RequestFields(bodyOf: request), by: principal)
        return Answer(WebhookSecretRotationView(rotation))
    }

    @Sendable private func test(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WebhookTestView> {
        let principal = try await context.principalInPath(from: store)
        return Answer(WebhookTestView(try await webhooks.test(by: principal)))
    }
}
