public import Foundation

/// A channel for which deliveries are due.
public struct WaitingChannel: Sendable, Hashable {
    /// Whose it is.
    public var tenantID: TenantID
    /// Its target may still be sealed.
    public var channel: AlertChannel
    /// When a delivery was last claimed for it; nil if never.
    public var servedAt: Timestamp?

    public init(tenantID: TenantID, channel: AlertChannel, servedAt: Timestamp?) {
        self.tenantID = tenantID
        self.channel = channel
        self.servedAt = servedAt
    }
}

/// How many deliveries of a channel are claimed next.
public struct DeliveryTurn: Sendable, Hashable {
    /// Whose deliveries.
    public var channelID: UUID
    /// At most; at least 1.
    public var limit: Int
    /// When the next delivery may be claimed; set where one delivery at a time may be under way, on all nodes together.
    public var nextAt: Timestamp?

    public init(channelID: UUID, limit: Int, nextAt: Timestamp? = nil) {
        self.channelID = channelID
        self.limit = limit
        self.nextAt = nextAt
    }
}
