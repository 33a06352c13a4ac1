public import Domain

/// The durable queue of notifications. Every method is one transaction.
public protocol AlertOutbox: Sendable {
    /// Takes up to `limit` deliveries due at `now`, oldest first, and leases them until `leaseUntil`. Each counts as an
    /// attempt from now on, so that a delivery that ends the daemon itself is not retried without end.
    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem]

    /// Records how a delivery ended and releases its lease. A lost lease makes this a no-op: its new holder
    /// records an outcome of its own (at least once, P7).
    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws

    /// Releases deliveries that were claimed but not tried: their leases end and their attempts do not count.
    func release(_ items: [OutboxItem]) async throws
}
