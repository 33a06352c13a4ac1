public import Domain
public import Foundation

/// How notifications share messages, as the outbox of the store has it, where each is sent at the instant at which it is due.
/// Pure: it says how many messages alerts would have been.
///
/// The store does the same with rows (`AlertGroupStatements`).
public struct OutboxModel: Sendable {
    /// A message that a channel would have got.
    public struct Message: Sendable, Hashable {
        /// The channel.
        public var channelID: UUID
        /// When it is sent.
        public var at: Timestamp
        /// Its alerts, in their order.
        public var alertIDs: [UUID]
    }

    private struct Waiting {
        var id: UUID
        var channelID: UUID
        var groupKey: String
        var stormKey: String?
        var notifyAt: Timestamp
        var alertIDs: [UUID]
    }

    private struct Group: Hashable {
        var channelID: UUID
        var groupKey: String
    }

    private var waiting: [Waiting] = []
    private var lastSent: [Group: Timestamp] = [:]
    /// What was sent, in the order of time.
    public private(set) var messages: [Message] = []

    public init() {}

    /// Takes the notifications of a decision at `now`, after what was due by then was sent. Those with an obstacle are never
    /// sent.
    public mutating func queue(_ notifications: [AlertNotification], at now: Timestamp) {
        send(until: now)
        for notification in notifications where notification.obstacle == nil { queue(notification) }
    }

    /// Sends what is due at `now`.
    public mutating func send(until now: Timestamp) {
        // Nearly always there is nothing to send.
        guard waiting.contains(where: { $0.notifyAt <= now }) else { return }
        let due = waiting.filter { $0.notifyAt <= now }.sorted(by: Self.isBefore)
        waiting.removeAll { $0.notifyAt <= now }
        for one in due {
            messages.append(Message(channelID: one.channelID, at: one.notifyAt, alertIDs: one.alertIDs))
            let group = Group(channelID: one.channelID, groupKey: one.groupKey)
            lastSent[group] = max(lastSent[group] ?? one.notifyAt, one.notifyAt)
        }
    }

    private static func isBefore(_ a: Waiting, _ b: Waiting) -> Bool {
        (a.notifyAt, a.id.canonicalText) < (b.notifyAt, b.id.canonicalText)
    }

    private mutating func queue(_ notification: AlertNotification) {
        if let stormKey = notification.stormKey, join(notification, group: Self.storm(stormKey)) { return }
        if join(notification, group: notification.groupKey) { return }
        var one = Waiting(
            id: notification.id, channelID: notification.channelID, groupKey: notification.groupKey,
            stormKey: notification.stormKey, notifyAt: notification.notifyAt, alertIDs: notification.alertIDs)
        let group = Group(channelID: one.channelID, groupKey: one.groupKey)
        if notification.groupInterval > 0, let last = lastSent[group] {
            one.notifyAt = max(one.notifyAt, last.adding(seconds: Int64(notification.groupInterval)))
        }
        waiting.append(one)
        if let stormKey = one.stormKey { gather(stormKey, on: one.channelID) }
    }

    private static func storm(_ stormKey: String) -> String { "storm \(stormKey)" }

    /// Adds the alerts to the message of the group that waits; false where none does.
    private mutating func join(_ notification: AlertNotification, group: String) -> Bool {
        let first = waiting.indices.filter {
            waiting[$0].channelID == notification.channelID && waiting[$0].groupKey == group
        }.min { Self.isBefore(waiting[$0], waiting[$1]) }
        guard let first else { return false }
        waiting[first].alertIDs += notification.alertIDs.filter { !waiting[first].alertIDs.contains($0) }
        return true
    }

    /// Makes the groups of a project that wait one message, where they are many.
    private mutating func gather(_ stormKey: String, on channelID: UUID) {
        let groups = waiting.filter { $0.channelID == channelID && $0.stormKey == stormKey }
            .sorted(by: Self.isBefore)
        guard groups.count >= AlertNotification.stormSize, var storm = groups.first else { return }
        storm.groupKey = Self.storm(stormKey)
        for group in groups.dropFirst() {
            storm.alertIDs += group.alertIDs.filter { !storm.alertIDs.contains($0) }
        }
        waiting.removeAll { $0.channelID == channelID && $0.stormKey == stormKey }
        waiting.append(storm)
    }
}
