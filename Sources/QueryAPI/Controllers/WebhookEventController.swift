import Domain
import Hummingbird
import JiraCloud
import Queries

/// The stored webhooks, above all the rejected ones.
struct WebhookEventController: Sendable {
    var store: any QueryStore
    var now: @Sendable () -> Timestamp
    var decoder: JiraWebhookDecoder
    var wakeUps: WakeUps

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

    /// Retries all rejected webhooks, as after an upgrade that understands more.
    @Sendable private func retryRejected(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RetriedEventsView> {
        let count = try await store.retryRejectedEvents(
            try context.tenant.id, by: try context.principal.actor, now: now(),
            route: { decoder.route($0) })
        if count > 0 { wakeUps.issues() }
        return Answer(RetriedEventsView(retried: count), status: .accepted)
    }
}
