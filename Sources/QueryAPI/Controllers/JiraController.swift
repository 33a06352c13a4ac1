import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// A tenant's access to Jira: its state, sweeps and backfills.
struct JiraController: Sendable {
    var store: any QueryStore
    var jira: any JiraAccessStore
    /// Whether this host calls Jira at all.
    var isEnabled: Bool
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

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
        let id = try await context.tenantInPath(from: store).id
        guard let status = try await jira.jiraAccessStatus(id) else { throw APIError.unknownTenant }
        return Answer(JiraAccessView(status, isEnabled: isEnabled))
    }

    /// Starts a sweep for what webhooks missed, also after a refusal stopped the calls.
    @Sendable private func sweep(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<JiraAccessView> {
        let id = try await context.tenantInPath(from: store, to: .manage).id
        try checkEnabled()
        var fields = try await RequestFields(bodyOf: request)
        let isFull = fields.optional("full", .bool) ?? false
        try fields.check()
        guard try await jira.requestSweep(id, isFull: isFull, by: try context.principal.actor, now: now()),
            let status = try await jira.jiraAccessStatus(id)
        else {
            throw APIError.unknownTenant
        }
        // A stop is over: what was kept of the tenant is read again.
        await wakeUps.tenantChanged(id)
        return Answer(JiraAccessView(status, isEnabled: isEnabled), status: .accepted)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[BackfillView]> {
        let id = try await context.tenantInPath(from: store).id
        return Answer(try await jira.recentBackfills(id, limit: Self.backfillLimit).map(BackfillView.init))
    }

    @Sendable private func start(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BackfillView> {
        let id = try await context.tenantInPath(from: store, to: .manage).id
        try checkEnabled()
        var fields = try await RequestFields(bodyOf: request)
        let project = fields.optional("project_key", .projectKey)
        let jql = fields.optional("jql", .text(1...4000))
        if (project == nil) == (jql == nil) { fields.reject("jql", "or project_key must be given, and not both") }
        try fields.check()
        // It would wait without end, and so would the client that polls it.
        if let reason = try await jira.jiraAccessStatus(id)?.stoppedReason {
            throw APIError(
                .jiraCredentialsRefused,
                """
                No calls are made to this tenant's Jira: \(reason). Set a new token with PUT /api/tenants/{id}, or retry \
                the old one with POST /api/tenants/{id}/jira/sweep.
                """)
        }
        let query = jql ?? JQL.wholeProject(project ?? "")
        let backfill = try await jira.startBackfill(id, jql: query, by: try context.principal.actor, now: now())
        wakeUps.jira()
        return Answer(BackfillView(backfill), status: .accepted)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BackfillView> {
        let id = try await context.tenantInPath(from: store).id
        let unknown = APIError(.backfillNotFound, "Unknown backfill.")
        guard let backfill = try await jira.backfill(id, try context.uuid("backfill-id", else: unknown)) else {
            throw unknown
        }
        return Answer(BackfillView(backfill))
    }

    private func checkEnabled() throws {
        guard isEnabled else { throw APIError.jiraDisabled }
    }
}

extension APIError {
    static var jiraDisabled: APIError {
        APIError(.jiraDisabled, "This host makes no calls to Jira: jira.enabled is false in its configuration.")
    }
}
