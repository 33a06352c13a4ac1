import Domain
import HTTPTypes
import Hummingbird
import Queries

/// The tokens of a tenant's requests of Jira Automation.
struct AutomationTokenController: Sendable {
    var store: any QueryStore
    var tokens: AutomationTokens
    var publicURL: String?

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/automation-tokens", use: list)
        group.post("/api/tenants/{id}/automation-tokens", use: add)
        group.delete("/api/tenants/{id}/automation-tokens/{token-id}", use: remove)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AutomationTokenView]> {
        let principal = try await context.principalInPath(from: store)
        return Answer(try await tokens.list(for: principal).map { AutomationTokenView($0) })
    }

    @Sendable private func add(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<AutomationTokenView> {
        let principal = try await context.principalInPath(from: store)
        let made = try await tokens.add(try await RequestFields(bodyOf: request), by: principal)
        let tenantID = try principal.tenant(to: .administer).id
        let url = "\(publicURL ?? request.ownURL)/webhooks/automation/\(tenantID)"
        return Answer(AutomationTokenView(made.info, token: made.token, url: url), status: .created)
    }

    @Sendable private func remove(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let principal = try await context.principalInPath(from: store)
        let unknown = APIError(.automationTokenNotFound, "Unknown automation token.")
        let tokenID = try context.uuid("token-id", else: unknown)
        guard try await tokens.remove(tokenID, by: principal) else { throw unknown }
        return .noContent
    }
}
