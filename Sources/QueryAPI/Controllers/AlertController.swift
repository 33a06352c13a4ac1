import Domain
import Foundation
import HTTPTypes
import Hummingbird

/// Alerts and what became of them.
struct AlertController: Sendable {
    var store: any QueryStore
    var now: @Sendable () -> Timestamp
    var onAlertsQueued: @Sendable () -> Void

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alerts", use: list)
        group.post("/api/alerts/deliveries/{id}/retry", use: retryDelivery)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AlertView]> {
        let id = try context.tenant.id
        var query = RequestFields(queryOf: request)
        let state = query.optional("state", .choice(AlertRecord.Delivery.State.allCases))
        let issueKey = query.optional("issue", .text(1...255)).map { IssueKey($0) }
        return try await PageRequest(request, fields: &query).answer(
            { try await store.alerts(id, state: state, issueKey: issueKey, after: $0, limit: $1) },
            view: AlertView.init)
    }

    /// Gives a delivery on the dead-letter list another chance.
    @Sendable private func retryDelivery(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let unknown = APIError(.deliveryNotFound, "There is no such dead delivery.")
        let deliveryID = try context.uuid("id", else: unknown)
        guard try await store.retryDelivery(try context.tenant.id, deliveryID: deliveryID, now: now()) else {
            throw unknown
        }
        onAlertsQueued()
        return Answer(MessageView(message: "Delivery queued"), status: .accepted)
    }
}
