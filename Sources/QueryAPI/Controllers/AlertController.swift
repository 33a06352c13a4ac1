import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Alerts and their deliveries.
struct AlertController: Sendable {
    var store: any QueryStore
    var vault: Vault
    var now: @Sendable () -> Timestamp
    var wakeUps: WakeUps

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alerts", use: list)
        group.post("/api/alerts/{id}/acknowledge", use: acknowledge)
        group.post("/api/alerts/deliveries/{id}/retry", use: retryDelivery)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AlertView]> {
        let id = try context.tenant.id
        var query = RequestFields(queryOf: request)
        let state = query.optional("state", .choice(AlertRecord.Delivery.State.allCases))
        let issueKey = query.optional("issue", .issueKey)
        return try await PageRequest(request, fields: &query).answer(
            { try await store.alerts(id, state: state, issueKey: issueKey, after: $0, limit: $1) },
            view: { AlertView($0, open: opened) })
    }

    /// Acknowledges an alert. Doing it again changes nothing.
    @Sendable private func acknowledge(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<AcknowledgementView> {
        let unknown = APIError(.alertNotFound, "Unknown alert.")
        let id = try context.uuid("id", else: unknown)
        let acknowledgement = try await store.acknowledge(
            try context.tenant(to: .manage).id, alertID: id, by: try context.principal.actor, now: now())
        guard let acknowledgement else { throw unknown }
        return Answer(AcknowledgementView(acknowledgement, of: id))
    }

    /// A recipient whose key is gone is not named; its delivery is listed all the same.
    private func opened(_ recipient: String) -> String? {
        do { return try vault.open(recipient) } catch { return nil }
    }

    /// Retries a dead delivery.
    @Sendable private func retryDelivery(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let unknown = APIError(.deliveryNotFound, "Unknown delivery, or one that is not dead.")
        let deliveryID = try context.uuid("id", else: unknown)
        let isQueued = try await store.retryDelivery(
            try context.tenant(to: .manage).id, deliveryID: deliveryID, by: try context.principal.actor, now: now())
        guard isQueued else { throw unknown }
        wakeUps.alerts()
        return Answer(MessageView(message: "Delivery queued"), status: .accepted)
    }
}
