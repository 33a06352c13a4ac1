public import Foundation

/// A row of the alert list: an alert and what became of it on each channel.
public struct AlertRecord: Sendable, Hashable {
    public struct Delivery: Sendable, Hashable {
        public enum State: String, Sendable, Codable, CaseIterable {
            case queued, delivered, dead
        }
        public var id: UUID
        public var channelID: UUID
        public var channelName: String
        /// Nil where the channel was gone before the alert.
        public var channelKind: AlertChannel.Kind?
        public var state: State
        public var attempts: Int
        public var lastError: String?
        public var nextAttemptAt: Timestamp?
        public var deliveredAt: Timestamp?

        public init(
            id: UUID, channelID: UUID, channelName: String, channelKind: AlertChannel.Kind?, state: State,
            attempts: Int, lastError: String?, nextAttemptAt: Timestamp?, deliveredAt: Timestamp?
        ) {
            self.id = id
            self.channelID = channelID
            self.channelName = channelName
            self.channelKind = channelKind
            self.state = state
            self.attempts = attempts
            self.lastError = lastError
            self.nextAttemptAt = nextAttemptAt
            self.deliveredAt = deliveredAt
        }
    }

    public var alert: Alert
    public var deliveries: [Delivery]

    public init(alert: Alert, deliveries: [Delivery]) {
        self.alert = alert
        self.deliveries = deliveries
    }
}
