public import Domain
import Foundation

/// Chooses the channels and the groups of alerts by a tenant's routing tree, and keeps back what is silenced. Pure: the same
/// alerts and routing give the same notifications, ids included (P4).
public struct AlertRouter: Sendable {
    /// What a route waits that says nothing of it, and whose parents do not either.
    private let timing: AlertGroupTiming

    public init(timing: AlertGroupTiming) { self.timing = timing }

    /// Adds the notifications that carry the decision's alerts, and which of them are silenced, by what.
    ///
    /// A rule that names channels goes there, whatever the tree says, grouped as the root is. An alert has a notification
    /// for each channel, also for one that cannot take it: then a dead letter with the reason (P7). A channel for digests
    /// alone gets none, also where a rule or a route names it. A tenant without channels has asked for the list of alerts
    /// alone.
    public func route(_ decision: inout AlertDecision, by routing: AlertRouting, now: Timestamp) {
        decision.notifications = []
        decision.silenced = [:]
        for alert in decision.alerts {
            let labels = AlertLabels(of: alert)
            if let silence = routing.silences.first(where: { $0.silences(labels, at: now) }) {
                decision.silenced[alert.id] = silence.id
                continue
            }
            for notification in notifications(of: alert, labels, by: routing, now: now) {
                let shared = decision.notifications.firstIndex { $0.mayCarry(notification) }
                guard let shared else {
                    decision.notifications.append(notification)
                    continue
                }
                decision.notifications[shared].alertIDs += notification.alertIDs
                decision.notifications[shared].notifyAt = min(
                    decision.notifications[shared].notifyAt, notification.notifyAt)
                decision.notifications[shared].repeatInterval = AlertGroupTiming.moreOften(
                    decision.notifications[shared].repeatInterval, notification.repeatInterval)
            }
        }
    }

    /// The notification that says again what still holds; nil where nothing is to be sent now: all of it is silenced, or the
    /// channel is disabled or gone.
    ///
    /// It goes where the group went before, whatever the routes say by now.
    public func repetition(
        of due: DueRepeat, _ alerts: [Alert], by routing: AlertRouting, now: Timestamp
    ) -> AlertNotification? {
        let alerts = alerts.filter { alert in
            let labels = AlertLabels(of: alert)
            return !routing.silences.contains { $0.silences(labels, at: now) }
        }
        guard !alerts.isEmpty, let channel = routing.channels.first(where: { $0.id == due.channelID }),
            channel.isEnabled
        else { return nil }
        // What may break through the quiet hours takes the rest with it.
        let ends = alerts.compactMap { channel.quietHours?.end(of: $0.band, at: now) }
        return AlertNotification(
            id: UUID(named: "\(due.id.canonicalText)|again|\(due.dueAt.milliseconds)"), channelID: channel.id,
            channelName: channel.name, channelKind: channel.kind, groupKey: due.groupKey,
            repeatInterval: due.interval, isRepeat: true,
            notifyAt: ends.count == alerts.count ? ends.min() ?? now : now, alertIDs: alerts.map(\.id))
    }

    // MARK: Routes

    /// Where an alert goes, and how it is grouped there.
    private struct Destination {
        var channelIDs: [UUID]
        var groupBy: AlertGrouping
        var timing: AlertGroupTiming
    }

    private func destinations(of alert: Alert, _ labels: AlertLabels, from root: AlertRoute) -> [Destination] {
        let start = Destination(channelIDs: root.channelIDs, groupBy: root.groupBy ?? .issue, timing: timing)
        guard alert.channelIDs.isEmpty else {
            var named = inherit(root, from: start)
            named.channelIDs = alert.channelIDs
            return [named]
        }
        return destinations(labels, at: root, inherited: start)
    }

    private func inherit(_ route: AlertRoute, from parent: Destination) -> Destination {
        Destination(
            channelIDs: route.channelIDs.isEmpty ? parent.channelIDs : route.channelIDs,
            groupBy: route.groupBy ?? parent.groupBy,
            timing: AlertGroupTiming(
                wait: route.groupWait ?? parent.timing.wait, interval: route.groupInterval ?? parent.timing.interval,
                repeatInterval: route.repeatInterval ?? parent.timing.repeatInterval))
    }

    private func destinations(
        _ labels: AlertLabels, at route: AlertRoute, inherited: Destination
    ) -> [Destination] {
        let own = inherit(route, from: inherited)
        var found: [Destination] = []
        for child in route.routes where child.matchers.allSatisfy({ $0.matches(labels) }) {
            found += destinations(labels, at: child, inherited: own)
            if !child.continues { break }
        }
        return found.isEmpty ? [own] : found
    }

    // MARK: Notifications

    private func notifications(
        of alert: Alert, _ labels: AlertLabels, by routing: AlertRouting, now: Timestamp
    ) -> [AlertNotification] {
        // A channel that two routes name gets one.
        var served: Set<UUID> = []
        return destinations(of: alert, labels, from: routing.root).flatMap { destination in
            channels(of: destination, in: routing).compactMap { id, channel in
                guard served.insert(id).inserted else { return nil }
                return notification(of: alert, to: id, channel, destination, now: now)
            }
        }
    }

    private func channels(of destination: Destination, in routing: AlertRouting) -> [(UUID, AlertChannel?)] {
        guard destination.channelIDs.isEmpty else {
            return destination.channelIDs.map { id in (id, routing.channels.first { $0.id == id }) }
                .filter { _, channel in channel?.takesAlerts ?? true }
        }
        let sorted = routing.channels.filter(\.takesAlerts).sorted { $0.id.canonicalText < $1.id.canonicalText }
        let enabled = sorted.filter(\.isEnabled)
        // Where all are disabled, it is a dead letter for each.
        return (enabled.isEmpty ? sorted : enabled).map { ($0.id, $0) }
    }

    private func notification(
        of alert: Alert, to channelID: UUID, _ channel: AlertChannel?, _ destination: Destination, now: Timestamp
    ) -> AlertNotification {
        let group = Self.group(of: alert, by: destination.groupBy)
        let isAlone = destination.timing.wait == 0
        var notification = AlertNotification(
            id: UUID(named: "\(alert.tenantID)|\(alert.id.canonicalText)|\(channelID.canonicalText)"),
            channelID: channelID, channelName: channel?.name ?? "deleted channel", channelKind: channel?.kind,
            groupKey: group, stormKey: isAlone ? nil : alert.issue.map { "project:\($0.projectKey)" },
            groupInterval: destination.timing.interval,
            // What has ended does not go on.
            repeatInterval: alert.event == .raised ? destination.timing.repeatInterval : 0,
            notifyAt: now.adding(seconds: Int64(destination.timing.wait)), alertIDs: [alert.id])
        guard let channel else {
            notification.obstacle = "the channel was deleted"
            return notification
        }
        if !channel.isEnabled { notification.obstacle = "the channel is disabled" }
        if let end = channel.quietHours?.end(of: alert.band, at: now) {
            // What was held comes as one message afterwards.
            notification.groupKey = "quiet:\(end)"
            notification.stormKey = nil
            notification.groupInterval = 0
            notification.notifyAt = end
        }
        return notification
    }

    private static func group(of alert: Alert, by grouping: AlertGrouping) -> String {
        guard let issue = alert.issue else { return alert.kind.rawValue }
        return switch grouping {
        case .issue: "issue:\(issue.issueID)"
        case .project: "project:\(issue.projectKey)"
        case .rule: "rule:\(issue.ruleID.canonicalText)"
        // What is in no sprint is together.
        case .sprint: "sprint:\(issue.sprints.sorted().joined(separator: ","))"
        }
    }
}

extension AlertNotification {
    /// Whether the alerts of `other` may be in the same message.
    fileprivate func mayCarry(_ other: AlertNotification) -> Bool {
        channelID == other.channelID && groupKey == other.groupKey && obstacle == nil && other.obstacle == nil
    }
}
