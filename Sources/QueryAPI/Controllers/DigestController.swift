import Alerts
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// Digests that somebody asks for: to read, or on a channel at once.
struct DigestController: Sendable {
    var store: any QueryStore
    var digests: Digests
    var wakeUps: WakeUps

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/digest", use: read)
        group.post("/api/alert-channels/{id}/digest", use: send)
    }

    @Sendable private func read(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<DigestPayload> {
        let tenant = try context.tenant
        var query = RequestFields(queryOf: request)
        let every = query.optional("every", .choice(DigestSchedule.Period.allCases)) ?? .day
        let project = query.optional("project", .projectKey)
        let zone = query.optional("time_zone", .timeZone) ?? "UTC"
        try query.check()
        let content = try await digests.content(
            every: every, projectKeys: project.map { [$0] } ?? [], timeZone: zone, of: tenant)
        return Answer(DigestPayload(content))
    }

    /// Queues the channel's digest for the time since the last one; its schedule stays as it is.
    @Sendable private func send(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<QueuedDigestView> {
        let tenant = try context.tenant
        let id = try context.uuid("id", else: .unknownChannel)
        guard let channel = try await store.alertChannels(tenant.id).first(where: { $0.id == id }) else {
            throw APIError.unknownChannel
        }
        guard channel.digest != nil else {
            throw APIError.invalid([FieldError(field: "digest", message: "the channel has no digest")])
        }
        guard let alertID = try await digests.queue(for: channel, of: tenant, by: try context.principal.actor) else {
            throw APIError(
                .digestRequestedRecently, "A digest was requested on this channel a moment ago.",
                headers: [.retryAfter: "10"])
        }
        wakeUps.alerts()
        return Answer(QueuedDigestView(alertId: alertID.canonicalText), status: .accepted)
    }
}
