public import Domain

/// The durable queue of alert deliveries. Every method is one transaction.
public protocol AlertOutbox: Sendable {
    /// Takes up to `limit` deliveries due at `now`, oldest first, and leases them until `leaseUntil`.
    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem]

    /// Records how a delivery ended and releases its lease. A lost lease makes this a no-op: whoever holds the lease
    /// now records its own outcome (at least once, P7).
    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws
}
