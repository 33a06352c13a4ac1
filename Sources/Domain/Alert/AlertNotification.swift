public import Foundation

/// What the planner decided: alerts, the notifications that carry them to channels, and rule states to keep; committed
/// together with what they follow from.
public struct AlertDecision: Sendable, Hashable {
    /// Raised or resolved by this decision; empty when no rule changed.
    public var alerts: [Alert]
    /// Each alert is in one notification for every channel it goes to; in none where the tenant has no channel, or a silence
    /// keeps it back.
    public var notifications: [AlertNotification]
    /// Only the states that changed.
    public var states: [AlertState]
    /// Which of the alerts a silence keeps back: the silence's id by that of the alert. They are in no notification.
    public var silenced: [UUID: UUID]

    public init(
        alerts: [Alert] = [], notifications: [AlertNotification] = [], states: [AlertState] = [],
        silenced: [UUID: UUID] = [:]
    ) {
        self.alerts = alerts
        self.notifications = notifications
        self.states = states
        self.silenced = silenced
    }
}

/// Alerts that go to one channel as one message: a row of the outbox.
public struct AlertNotification: Sendable, Hashable {
    /// As many groups of one channel and project that wait become a storm: one notification with a list.
    public static let stormSize = 5

    /// The delivery's id in the API.
    public var id: UUID
    /// The channel may be deleted before the delivery.
    public var channelID: UUID
    /// The channel's name at the decision, kept for the list of alerts.
    public var channelName: String
    /// Nil for a channel that was deleted.
    public var channelKind: AlertChannel.Kind?
    /// What its alerts have in common: `issue:10001`. Alerts of one channel and group share a notification while it waits.
    public var groupKey: String
    /// What a storm is counted by, `project:ENG`: where many groups of one channel wait, they become one notification. Nil
    /// where none is to.
    public var stormKey: String?
    /// Seconds from a notification of the group to the next one.
    public var groupInterval: Int
    /// Seconds until it is sent again, where its alerts still hold; 0 for never.
    public var repeatInterval: Int
    /// Whether the channel had its alerts before.
    public var isRepeat: Bool
    /// When it is due.
    public var notifyAt: Timestamp
    /// In the order of the message.
    public var alertIDs: [UUID]
    /// Why it cannot be delivered, and is a dead letter from the start (P7); nil when it is queued.
    public var obstacle: String?

    public init(
        id: UUID, channelID: UUID, channelName: String, channelKind: AlertChannel.Kind?, groupKey: String,
        stormKey: String? = nil, groupInterval: Int = 0, repeatInterval: Int = 0, isRepeat: Bool = false,
        notifyAt: Timestamp, alertIDs: [UUID], obstacle: String? = nil
    ) {
        self.id = id
        self.channelID = channelID
        self.channelName = channelName
        self.channelKind = channelKind
        self.groupKey = groupKey
        self.stormKey = stormKey
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
        self.isRepeat = isRepeat
        self.notifyAt = notifyAt
        self.alertIDs = alertIDs
        self.obstacle = obstacle
    }
}

/// A notification claimed for delivery: a leased row of the outbox.
public struct OutboxItem: Sendable, Hashable {
    /// The notification's id.
    public var id: UUID
    /// In the order of the message; at least one.
    public var alerts: [Alert]
    /// The alerts of the notification that the group had before on this channel; empty for the first one.
    public var previousAlerts: [Alert]
    /// Whether the channel had its alerts before, and they still hold.
    public var isRepeat: Bool
    /// As it is at the claim; its target may still be sealed.
    public var channel: AlertChannel
    /// Whom of the channel's recipients it is for, sealed as the target; nil for the channel itself, or until it is known whom
    /// the channel has.
    public var recipient: String?
    /// Deliveries tried before this one.
    public var attempts: Int
    /// Names the lease; an outcome recorded under an expired lease has no effect.
    public var leaseToken: String
    /// When it was first due.
    public var notifyAt: Timestamp?
    /// Whether the tenant's plan has Slack and Teams channels (``PlanFeature/slackIntegration``) at the claim.
    public var planHasChat: Bool

    public init(
        id: UUID, alerts: [Alert], previousAlerts: [Alert] = [], isRepeat: Bool = false, channel: AlertChannel,
        recipient: String? = nil, attempts: Int, leaseToken: String, notifyAt: Timestamp? = nil,
        planHasChat: Bool = true
    ) {
        self.id = id
        self.alerts = alerts
        self.previousAlerts = previousAlerts
        self.isRepeat = isRepeat
        self.channel = channel
        self.recipient = recipient
        self.attempts = attempts
        self.leaseToken = leaseToken
        self.notifyAt = notifyAt
        self.planHasChat = planHasChat
    }
}

/// How a delivery ended.
public enum DeliveryOutcome: Sendable, Hashable {
    /// The channel accepted the message.
    case delivered
    /// It may work later: not before `at`.
    case retry(at: Timestamp, reason: String)
    /// It could not be tried, for a reason on this host's side; it waits until `at`, and no attempt is counted.
    case postponed(until: Timestamp, reason: String)
    /// It never will (dead channel, too many attempts): to the dead-letter list with the reason (P7).
    case dead(reason: String)
    /// The owner of the address wants no mail of this channel, and gets none.
    case unsubscribed
}

/// How a delivery ended, as the outbox keeps it.
public struct DeliveryRecord: Sendable, Hashable {
    /// As it was claimed; with its recipient, where it is the only one of its channel.
    public var item: OutboxItem
    /// Delivered, to be tried again, or dead.
    public var outcome: DeliveryOutcome
    /// When it ended.
    public var endedAt: Timestamp
    /// Before which no other delivery of the channel is claimed; nil where the channel is not held.
    public var heldUntil: Timestamp?

    public init(_ item: OutboxItem, _ outcome: DeliveryOutcome, endedAt: Timestamp, heldUntil: Timestamp? = nil) {
        self.item = item
        self.outcome = outcome
        self.endedAt = endedAt
        self.heldUntil = heldUntil
    }
}

/// A silence that is over, and whose alerts are to be looked at.
public struct EndedSilence: Sendable, Hashable {
    /// The silence's id.
    public var id: UUID
    /// Whose it is.
    public var tenantID: TenantID

    public init(id: UUID, tenantID: TenantID) {
        self.id = id
        self.tenantID = tenantID
    }
}

/// The last notification of a group, whose alerts are to be sent again if they still hold.
public struct DueRepeat: Sendable, Hashable {
    /// The notification's id.
    public var id: UUID
    /// Whose it is.
    public var tenantID: TenantID
    /// Where it went.
    public var channelID: UUID
    /// What its alerts have in common.
    public var groupKey: String
    /// Seconds from a notification to its repetition.
    public var interval: Int
    /// When it was due to be repeated.
    public var dueAt: Timestamp
    /// Whether it has not been delivered yet.
    public var isWaiting: Bool

    public init(
        id: UUID, tenantID: TenantID, channelID: UUID, groupKey: String, interval: Int, dueAt: Timestamp,
        isWaiting: Bool
    ) {
        self.id = id
        self.tenantID = tenantID
        self.channelID = channelID
        self.groupKey = groupKey
        self.interval = interval
        self.dueAt = dueAt
        self.isWaiting = isWaiting
    }
}
