public import Domain
public import Foundation

/// What people do about alerts: acknowledge them, and retry what could not be delivered. All throw ``QueryError``,
/// ``RequestError``, and what the store throws.
public struct AlertDesk: Sendable {
    private let store: any QueryStore
    private let wakeUps: WakeUps

    /// - Parameter wakeUps: wakes who delivers.
    public init(store: any QueryStore, wakeUps: WakeUps) {
        self.store = store
        self.wakeUps = wakeUps
    }

    /// Newest first; `state` keeps those with a delivery in that state.
    public func page(
        state: AlertRecord.Delivery.State?, issueKey: IssueKey?, after cursor: String?, limit: Int,
        for principal: Principal
    ) async throws -> Page<AlertRecord> {
        try await store.alerts(
            try principal.tenant(to: .read).id, state: state, issueKey: issueKey, after: cursor, limit: limit)
    }

    /// Acknowledges an alert. Doing it again changes nothing.
    public func acknowledge(
        _ id: UUID, by principal: Principal, at now: Timestamp
    ) async throws -> Acknowledgement {
        let tenantID = try principal.tenant(to: .manage).id
        let done = try await store.acknowledge(tenantID, alertID: id, by: principal.actor, now: now)
        guard let done else { throw RequestError.unknownAlert }
        return done
    }

    /// Queues a dead letter again.
    public func retry(_ deliveryID: UUID, by principal: Principal, at now: Timestamp) async throws {
        let tenantID = try principal.tenant(to: .manage).id
        guard try await store.retryDelivery(tenantID, deliveryID: deliveryID, by: principal.actor, now: now) else {
            throw RequestError.unknownDelivery
        }
        wakeUps.alerts()
    }
}
