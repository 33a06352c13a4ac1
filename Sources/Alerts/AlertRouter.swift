public import Domain
import Foundation

/// Chooses the channels of an alert. Pure: the same alert and channels give the same notifications, ids included (P4).
public enum AlertRouter {
    /// One notification for each channel that the alert names, also for one that cannot take it: then a dead letter with
    /// the reason (P7). An alert that names none goes to every enabled channel of the tenant; where all are disabled, it is
    /// a dead letter for each. A tenant without channels has asked for the list of alerts alone.
    ///
    /// - Parameter channels: all channels of the tenant, in any order.
    public static func notifications(of alert: Alert, to channels: [AlertChannel]) -> [AlertNotification] {
        guard alert.channelIDs.isEmpty else {
            // A channel that is named twice gets one.
            var named: Set<UUID> = []
            return alert.channelIDs.filter { named.insert($0).inserted }.map { id in
                channels.first { $0.id == id }.map { notification(of: alert, to: $0) }
                    ?? notification(
                        of: alert, to: id, named: "deleted channel", nil, obstacle: "the channel was deleted")
            }
        }
        let sorted = channels.sorted { $0.id.canonicalText < $1.id.canonicalText }
        let enabled = sorted.filter(\.isEnabled)
        return (enabled.isEmpty ? sorted : enabled).map { notification(of: alert, to: $0) }
    }

    private static func notification(of alert: Alert, to channel: AlertChannel) -> AlertNotification {
        notification(
            of: alert, to: channel.id, named: channel.name, channel.kind,
            obstacle: channel.isEnabled ? nil : "the channel is disabled")
    }

    /// Each alert is a group of its own, due at once.
    private static func notification(
        of alert: Alert, to channelID: UUID, named name: String, _ kind: AlertChannel.Kind?, obstacle: String?
    ) -> AlertNotification {
        AlertNotification(
            id: UUID(named: "\(alert.tenantID)|\(alert.id.canonicalText)|\(channelID.canonicalText)"),
            channelID: channelID, channelName: name, channelKind: kind, groupKey: alert.id.canonicalText,
            notifyAt: alert.createdAt, alertIDs: [alert.id], obstacle: obstacle)
    }
}
