public import Domain

/// The durable queue of alert deliveries. Every method is one transaction.
public protocol AlertOutbox: Sendable {
    /// Takes up to `limit` deliveries due at `now`, oldest first, and leases them until `leaseUntil`. Each counts as an
    /// attempt from now on, so that a delivery that ends the daemon itself is not tried for ever.
    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem]

    /// Records how a delivery ended and releases its lease. A lost lease makes this a no-op: whoever holds the lease
    /// now records its own outcome (at least once, P7).
    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws

    /// Gives deliveries back that were claimed but not tried: their leases end and their attempts do not count.
    func release(_ items: [OutboxItem]) async throws
}
