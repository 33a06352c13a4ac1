import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Alerts and their deliveries.
struct AlertController: Sendable {
    var desk: AlertDesk
    var vault: Vault
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alerts", use: list)
        group.post("/api/alerts/{id}/acknowledge", use: acknowledge)
        group.post("/api/alerts/deliveries/{id}/retry", use: retryDelivery)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let principal = try context.principal
        var query = RequestFields(queryOf: request)
        let state = query.optional("state", .choice(AlertRecord.Delivery.State.allCases))
        let issueKey = query.optional("issue", .issueKey)
        return try await PageRequest(request, fields: &query, offersFile: true).answer(
            { try await desk.page(state: state, issueKey: issueKey, after: $0, limit: $1, for: principal) },
            view: { AlertView($0, open: opened) }, file: AlertCSV.table)
    }

    /// Acknowledges an alert. Doing it again changes nothing.
    @Sendable private func acknowledge(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<AcknowledgementView> {
        let id = try context.uuid("id", else: .unknownAlert)
        let acknowledgement = try await desk.acknowledge(id, by: try context.principal, at: now())
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
        let id = try context.uuid("id", else: .unknownDelivery)
        try await desk.retry(id, by: try context.principal, at: now())
        return Answer(MessageView(message: "Delivery queued"), status: .accepted)
    }
}
