import Domain
import Hummingbird
import Queries

/// A tenant's access to Jira: its state, sweeps and backfills.
struct JiraController: Sendable {
    var store: any QueryStore
    var calls: JiraCalls
    /// Whether this host calls Jira at all.
    var isEnabled: Bool

    /// Most backfills listed.
    private static let backfillLimit = 50

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/jira", use: status)
        group.post("/api/tenants/{id}/jira/sweep", use: sweep)
        group.get("/api/tenants/{id}/backfills", use: list)
        group.post("/api/tenants/{id}/backfills", use: start)
        group.get("/api/tenants/{id}/backfills/{backfill-id}", use: show)
    }

    @Sendable private func status(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<JiraAccessView> {
        let principal = try await context.principalInPath(from: store)
        guard let status = try await calls.status(for: principal) else { throw APIError.unknownTenant }
        return Answer(JiraAccessView(status, isEnabled: isEnabled))
    }

    /// Starts a sweep for what webhooks missed, also after a refusal stopped the calls.
    @Sendable private func sweep(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<JiraAccessView> {
        let principal = try await context.principalInPath(from: store)
        let fields = try await RequestFields(bodyOf: request)
        guard let status = try await calls.sweep(fields, by: principal) else { throw APIError.unknownTenant }
        return Answer(JiraAccessView(status, isEnabled: isEnabled), status: .accepted)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[BackfillView]> {
        let principal = try await context.principalInPath(from: store)
        return Answer(try await calls.backfills(limit: Self.backfillLimit, for: principal).map(BackfillView.init))
    }

    @Sendable private func start(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BackfillView> {
        let principal = try await context.principalInPath(from: store)
        let backfill = try await calls.startBackfill(try await RequestFields(bodyOf: request), by: principal)
        return Answer(BackfillView(backfill), status: .accepted)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BackfillView> {
        let principal = try await context.principalInPath(from: store)
        let unknown = APIError(.backfillNotFound, "Unknown backfill.")
        let id = try context.uuid("backfill-id", else: unknown)
        guard let backfill = try await calls.backfill(id, for: principal) else { throw unknown }
        return Answer(BackfillView(backfill))
    }
}
