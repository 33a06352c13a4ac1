public import Foundation

/// A row of the alert list: an alert and what became of it on each channel.
public struct AlertRecord: Sendable, Hashable {
    /// One notification that carries the alert, with the state of its delivery.
    public struct Delivery: Sendable, Hashable {
        /// The states by the words of the API: waiting for an attempt, accepted by the channel, given up, not wanted by the
        /// recipient.
        public enum State: String, Sendable, Codable, CaseIterable {
            case queued, delivered, dead, unsubscribed
        }
        /// The notification's id; the one to retry by.
        public var id: UUID
        /// The channel may have been deleted since.
        public var channelID: UUID
        /// The channel's name when the alert was raised.
        public var channelName: String
        /// Nil where the channel was gone before the alert.
        public var channelKind: AlertChannel.Kind?
        /// Which of the channel's recipients it is for, sealed; nil for the channel itself, or before the first attempt.
        public var recipient: String?
        /// `dead` has its reason in ``lastError``.
        public var state: State
        /// Attempts begun since it was queued, or queued again after it was dead.
        public var attempts: Int
        /// Why the last attempt failed, or why it is dead; nil before the first failure and once delivered.
        public var lastError: String?
        /// When it is due; nil unless it is queued.
        public var nextAttemptAt: Timestamp?
        /// When the channel accepted it; nil until then.
        public var deliveredAt: Timestamp?

        public init(
            id: UUID, channelID: UUID, channelName: String, channelKind: AlertChannel.Kind?,
            recipient: String? = nil, state: State, attempts: Int, lastError: String?, nextAttemptAt: Timestamp?,
            deliveredAt: Timestamp?
        ) {
            self.id = id
            self.channelID = channelID
            self.channelName = channelName
            self.channelKind = channelKind
            self.recipient = recipient
            self.state = state
            self.attempts = attempts
            self.lastError = lastError
            self.nextAttemptAt = nextAttemptAt
            self.deliveredAt = deliveredAt
        }
    }

    /// As it was raised; with empty texts where the stored form cannot be read.
    public var alert: Alert
    /// By channel name; empty where the tenant had no channel.
    public var deliveries: [Delivery]
    /// The silence that keeps it back, or kept it back until it ended; nil for none.
    public var silenceID: UUID?
    /// When a person acknowledged it; nil until then.
    public var acknowledgedAt: Timestamp?
    /// Who did: an actor, or `link to CHANNEL`.
    public var acknowledgedBy: String?

    public init(
        alert: Alert, deliveries: [Delivery], silenceID: UUID? = nil, acknowledgedAt: Timestamp? = nil,
        acknowledgedBy: String? = nil
    ) {
        self.alert = alert
        self.deliveries = deliveries
        self.silenceID = silenceID
        self.acknowledgedAt = acknowledgedAt
        self.acknowledgedBy = acknowledgedBy
    }
}

/// A person takes care of an alert.
public struct Acknowledgement: Sendable, Hashable {
    /// When it was acknowledged.
    public var at: Timestamp
    /// Who did: an actor, or `link to CHANNEL`.
    public var by: String

    public init(at: Timestamp, by: String) {
        self.at = at
        self.by = by
    }
}
