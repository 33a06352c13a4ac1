import Domain
import Hummingbird

/// The webhooks that came in, above all those that were not understood.
struct WebhookEventController: Sendable {
    var store: any QueryStore
    var now: @Sendable () -> Timestamp
    var onWorkQueued: @Sendable () -> Void
    var route: @Sendable ([UInt8]) -> WebhookRoute

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/webhook-events", use: list)
        group.post("/api/webhook-events/retry", use: retryRejected)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[WebhookEventView]> {
        let id = try context.tenant.id
        var query = RequestFields(queryOf: request)
        let state = query.optional("state", .choice(WebhookEventState.allCases))
        return try await PageRequest(request, fields: &query).answer(
            { try await store.webhookEvents(id, state: state, after: $0, limit: $1) }, view: WebhookEventView.init)
    }

    /// Has all rejected webhooks read again, as after an upgrade that understands more.
    @Sendable private func retryRejected(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RetriedEventsView> {
        let count = try await store.retryRejectedEvents(try context.tenant.id, now: now(), route: route)
        if count > 0 { onWorkQueued() }
        return Answer(RetriedEventsView(retried: count), status: .accepted)
    }
}
