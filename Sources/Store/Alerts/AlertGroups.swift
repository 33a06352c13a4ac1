import Domain
import Foundation

/// How notifications of a decision join those that wait: alerts of one channel and group are in one message, and many groups
/// of one project become one.
enum AlertGroupStatements {
    /// Queues `notification`, or adds its alerts to the one of its group that waits. What is not claimed yet may still
    /// grow; what was tried may not, because its receiver may have it already.
    static func queue(
        _ notification: AlertNotification, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        guard notification.obstacle == nil else { return try insert(notification, of: tenantID, in: connection) }
        // Two nodes must not begin the same group, for which there is no row to lock yet.
        let lockKey = notification.stormKey ?? notification.groupKey
        try connection.lock(.exclusive, "alerts \(notification.channelID.canonicalText) \(lockKey)")
        if let stormKey = notification.stormKey,
            let storm = try waiting("storm \(stormKey)", on: notification.channelID, in: connection)
        {
            return try join(notification, to: storm, of: tenantID, in: connection)
        }
        if let open = try waiting(notification.groupKey, on: notification.channelID, in: connection) {
            return try join(notification, to: open, of: tenantID, in: connection)
        }
        var notification = notification
        if notification.groupInterval > 0, let last = try lastSent(notification, in: connection) {
            notification.notifyAt = max(
                notification.notifyAt, last.adding(seconds: Int64(notification.groupInterval)))
        }
        try insert(notification, of: tenantID, in: connection)
        if let stormKey = notification.stormKey {
            try gather(stormKey, on: notification.channelID, of: tenantID, in: connection)
        }
    }

    private static let isWaiting =
        "state = 'queued' AND attempts = 0 AND lease_token IS NULL AND recipient_encrypted IS NULL"

    /// The notification of a group that may still grow, locked.
    private static func waiting(
        _ groupKey: String, on channelID: UUID, in connection: any SQLConnection
    ) throws -> UUID? {
        try connection.select(
            GroupColumn.self,
            """
            FROM notifications WHERE channel_id = ? AND group_key = ? AND \(isWaiting)
            ORDER BY notify_at, id LIMIT 1 \(connection.dialect.claiming("notifications"))
            """, [.uuid(channelID), .text(groupKey)]
        ).first?.uuid(.id)
    }

    /// When the last notification of the group was or is to be sent.
    private static func lastSent(
        _ notification: AlertNotification, in connection: any SQLConnection
    ) throws -> Timestamp? {
        try connection.select(
            SentColumn.self,
            """
            FROM notifications WHERE channel_id = ? AND group_key = ? AND state IN ('queued', 'delivered')
            ORDER BY notify_at DESC LIMIT 1
            """, [.uuid(notification.channelID), .text(notification.groupKey)]
        ).first.map { try $0.optionalTimestamp(.deliveredAt) ?? $0.timestamp(.notifyAt) }
    }

    /// Makes the groups of a project that wait one notification, where they are many. It is due when the first of them is.
    private static func gather(
        _ stormKey: String, on channelID: UUID, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        let groups = try connection.select(
            GroupColumn.self,
            """
            FROM notifications WHERE channel_id = ? AND storm_key = ? AND \(isWaiting)
            ORDER BY notify_at, id \(connection.dialect.claiming("notifications"))
            """, [.uuid(channelID), .text(stormKey)]
        ).map { try $0.uuid(.id) }
        guard groups.count >= AlertNotification.stormSize, let storm = groups.first else { return }
        try connection.run(
            "UPDATE notifications SET group_key = ? WHERE id = ?", [.text("storm \(stormKey)"), .uuid(storm)])
        for group in groups.dropFirst() {
            let alerts = try connection.select(
                GroupedColumn.self, "FROM notification_alerts WHERE notification_id = ? ORDER BY position",
                [.uuid(group)]
            ).map { try $0.uuid(.alertID) }
            try connection.run("DELETE FROM notifications WHERE id = ?", [.uuid(group)])
            try add(alerts, to: storm, of: tenantID, in: connection)
        }
    }

    /// Has a notification that waits carry the alerts of another, and their repetition. With something new it says again no
    /// more.
    private static func join(
        _ notification: AlertNotification, to waiting: UUID, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            UPDATE notifications SET is_repeat = FALSE, repeat_at = COALESCE(repeat_at, ?),
                repeat_seconds = COALESCE(NULLIF(repeat_seconds, 0), ?)
            WHERE id = ?
            """,
            [.timestamp(repeatAt(of: notification)), .integer(notification.repeatInterval), .uuid(waiting)])
        try add(notification.alertIDs, to: waiting, of: tenantID, in: connection)
    }

    /// Puts alerts behind those that the notification has.
    private static func add(
        _ alertIDs: [UUID], to notification: UUID, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        let start = try connection.first(
            "SELECT COALESCE(MAX(position), -1) + 1 FROM notification_alerts WHERE notification_id = ?",
            [.uuid(notification)])
        try insert(alertIDs, into: notification, from: try start?.integer(0) ?? 0, of: tenantID, in: connection)
    }

    private static func insert(
        _ alertIDs: [UUID], into notification: UUID, from start: Int, of tenantID: TenantID,
        in connection: any SQLConnection
    ) throws {
        try connection.runAll(
            """
            INSERT INTO notification_alerts (tenant_id, notification_id, alert_id, position) VALUES (?, ?, ?, ?)
            ON CONFLICT (notification_id, alert_id) DO NOTHING
            """,
            alertIDs.enumerated().map { offset, alertID in
                [.tenant(tenantID), .uuid(notification), .uuid(alertID), .integer(start + offset)]
            })
    }

    private static func repeatAt(of notification: AlertNotification) -> Timestamp? {
        guard notification.obstacle == nil, notification.repeatInterval > 0 else { return nil }
        return notification.notifyAt.adding(seconds: Int64(notification.repeatInterval))
    }

    static func insert(
        _ notification: AlertNotification, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO notifications (id, tenant_id, channel_id, channel_name, channel_kind, group_key, storm_key,
                notify_at, state, attempts, due_at, last_error, is_repeat, repeat_seconds, repeat_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
            """,
            [
                .uuid(notification.id), .tenant(tenantID), .uuid(notification.channelID),
                .text(notification.channelName), .text(notification.channelKind?.rawValue ?? ""),
                .text(notification.groupKey), .text(notification.stormKey), .timestamp(notification.notifyAt),
                .text(notification.obstacle == nil ? "queued" : "dead"), .timestamp(notification.notifyAt),
                .text(notification.obstacle), .flag(notification.isRepeat), .integer(notification.repeatInterval),
                .timestamp(repeatAt(of: notification)),
            ])
        try insert(notification.alertIDs, into: notification.id, from: 0, of: tenantID, in: connection)
    }
}

private enum GroupColumn: Int, SQLColumns {
    case id
    static let list = columnList()
}

private enum GroupedColumn: Int, SQLColumns {
    case alertID
    static let list = columnList()
}

private enum SentColumn: Int, SQLColumns {
    case deliveredAt, notifyAt
    static let list = columnList()
}
