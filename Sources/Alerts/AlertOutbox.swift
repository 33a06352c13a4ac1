public import Domain
public import Foundation

/// The durable queue of notifications. Every method is one transaction.
public protocol AlertOutbox: Sendable {
    /// Channels that are not held and have an unclaimed delivery due at `now`: of each tenant the one served
    /// longest ago first. Deliveries whose channel was deleted become dead letters.
    func waitingChannels(now: Timestamp) async throws -> [WaitingChannel]

    /// Takes deliveries due at `now` of the channels whose turn it is, of each the longest due first, and leases them until
    /// `leaseUntil`. Each counts as an attempt from now on, so that a delivery that ends the daemon itself is not retried
    /// without end.
    func claimDeliveries(_ turns: [DeliveryTurn], now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem]

    /// Leases deliveries under way for longer; one whose lease was lost stays as it is.
    func extendLeases(of items: [OutboxItem], until: Timestamp) async throws

    /// Makes a delivery that is for all recipients of its channel one for the first of `recipients`, under the same lease, and
    /// queues one for each of the others. False where the lease was lost.
    ///
    /// - Parameter recipients: sealed; at least one. Where it is the only one, recording the outcome does the same.
    func split(_ item: OutboxItem, into recipients: [String]) async throws -> Bool

    /// Records how deliveries ended and releases their leases. A lost lease makes this a no-op: its new holder
    /// records an outcome of its own (at least once, P7).
    func record(_ records: [DeliveryRecord]) async throws

    /// Silences that have ended and whose alerts were not looked at since.
    func endedSilences(now: Timestamp, limit: Int) async throws -> [EndedSilence]

    /// The alerts that a silence kept back and that still hold.
    func heldAlerts(of silence: EndedSilence) async throws -> [Alert]

    /// What decides where a tenant's alerts go.
    func alertRouting(_ id: TenantID, now: Timestamp) async throws -> AlertRouting

    /// Queues what a silence kept back; false where another node has done it.
    func release(_ silence: EndedSilence, _ decision: AlertDecision, now: Timestamp) async throws -> Bool

    /// The last notifications of their groups whose repetition is due at `now`. One that a later one replaces is no longer due.
    func dueRepeats(now: Timestamp, limit: Int) async throws -> [DueRepeat]

    /// The alerts of a notification's group that were delivered and still hold, in the order in which they were raised.
    func holdingAlerts(of due: DueRepeat) async throws -> [Alert]

    /// Queues the repetition; false where another node has done it.
    func sendAgain(_ due: DueRepeat, _ notification: AlertNotification) async throws -> Bool

    /// Looks at a notification again at `until`; with nil never.
    func putOff(_ due: DueRepeat, until: Timestamp?) async throws

    /// The enabled channels of a kind, of all tenants; targets sealed.
    func enabledChannels(of kind: AlertChannel.Kind) async throws -> [AlertChannel]

    /// Alerts that were raised on a channel and still hold, the newest first.
    func firingAlerts(on channelID: UUID, limit: Int) async throws -> [Alert]

    /// Releases deliveries that were claimed but not tried: their leases end and their attempts do not count.
    func release(_ items: [OutboxItem]) async throws
}
