public import Domain
public import Foundation

extension RiskStore {
    /// Claims up to `limit` notifications due at `now`, each channel's longest due first, leases them until `leaseUntil`,
    /// and counts an attempt for each. Channels take turns, so that a backlog of one does not delay the others. One that
    /// cannot be read is a dead letter, and delays none.
    ///
    /// A channel's `target` is given as it was saved: sealed.
    public func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem] {
        try await driver.write { connection in
            try NotificationStatements.buryThoseWithoutChannel(at: now, in: connection)
            // The lease is looked at twice: PostgreSQL looks again at a row that another node claimed in between, but
            // only at what is asked of the row itself.
            let rows = try connection.query(
                """
                SELECT \(NotificationColumn.list), \(ChannelColumn.list) FROM (
                    SELECT id, ROW_NUMBER() OVER (PARTITION BY channel_id ORDER BY due_at, id) AS turn
                    FROM notifications
                    WHERE state = 'queued' AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
                ) AS due
                JOIN notifications AS n ON n.id = due.id JOIN alert_channels AS c ON c.id = n.channel_id
                WHERE n.state = 'queued' AND (n.leased_until IS NULL OR n.leased_until <= ?)
                ORDER BY due.turn, n.due_at LIMIT ? \(connection.dialect.claiming("n"))
                """, [.timestamp(now), .timestamp(now), .timestamp(now), .integer(limit)]
            ).map { SQLRecord<NotificationColumn>($0) }
            let alerts = try NotificationStatements.alerts(of: try rows.map { try $0.uuid(.id) }, connection)
            return try rows.compactMap { row in
                let id = try row.uuid(.id)
                let item: OutboxItem
                do {
                    item = try NotificationStatements.item(row, alerts: alerts[id] ?? [])
                } catch let error as StorageError where error.code == .corrupt {
                    try connection.run(
                        "UPDATE notifications SET state = 'dead', last_error = ? WHERE id = ?",
                        [.text("the stored alert or its channel cannot be read: \(error)"), .uuid(id)])
                    return nil
                }
                try connection.run(
                    "UPDATE notifications SET lease_token = ?, leased_until = ?, attempts = attempts + 1 WHERE id = ?",
                    [.text(item.leaseToken), .timestamp(leaseUntil), .uuid(item.id)])
                return item
            }
        }
    }

    /// Releases notifications that were claimed but not tried; one whose lease was lost stays as it is.
    public func release(_ items: [OutboxItem]) async throws {
        try await driver.write { connection in
            for item in items {
                try connection.run(
                    """
                    UPDATE notifications SET attempts = ?, lease_token = NULL, leased_until = NULL
                    WHERE id = ? AND lease_token = ?
                    """, [.integer(item.attempts), .uuid(item.id), .text(item.leaseToken)])
            }
        }
    }

    /// Records how a delivery ended and releases its lease; a lost lease makes this a no-op.
    public func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws {
        let state: AlertRecord.Delivery.State
        var (dueAt, error): (Timestamp, String?) = (now, nil)
        switch outcome {
        case .delivered: state = .delivered
        case .retry(let at, let reason): (state, dueAt, error) = (.queued, at, reason)
        case .postponed(let until, let reason): (state, dueAt, error) = (.queued, until, reason)
        case .dead(let reason): (state, error) = (.dead, reason)
        }
        let uncounted = if case .postponed = outcome { 1 } else { 0 }
        let arguments: [SQLValue] = [
            .text(state.rawValue), .timestamp(dueAt), .text(error), .timestamp(state == .delivered ? now : nil),
            .integer(uncounted),
            .uuid(item.id), .text(item.leaseToken),
        ]
        try await driver.write { connection in
            try connection.run(
                """
                UPDATE notifications SET state = ?, due_at = ?, last_error = ?, delivered_at = ?,
                    attempts = attempts - ?, lease_token = NULL, leased_until = NULL
                WHERE id = ? AND lease_token = ?
                """, arguments)
        }
    }

    /// Queues a dead delivery again; false when there is no such dead delivery.
    public func retryDelivery(
        _ id: TenantID, deliveryID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try connection.execute(
                """
                UPDATE notifications SET state = 'queued', attempts = 0, due_at = ?
                WHERE tenant_id = ? AND id = ? AND state = 'dead'
                """, [.timestamp(now), .tenant(id), .uuid(deliveryID)]) > 0
        }
    }
}

/// A claimed notification; the columns of its channel follow.
enum NotificationColumn: Int, SQLColumns {
    case id, attempts
    static let list = columnList()

    var sql: String { "n.\(columnName)" }
}

/// An alert of a notification.
enum CarriedColumn: Int, SQLColumns {
    case alertJSON, notificationID
    static let list = columnList()
}

/// The statements on alerts and their notifications that other transactions share.
enum NotificationStatements {
    /// Writes the alerts of a decision and the notifications that carry them.
    static func record(_ decision: AlertDecision, of tenantID: TenantID, in connection: any SQLConnection) throws {
        for alert in decision.alerts { try insert(alert, of: tenantID, in: connection) }
        for notification in decision.notifications {
            try connection.run(
                """
                INSERT INTO notifications (id, tenant_id, channel_id, channel_name, channel_kind, group_key, notify_at,
                    state, attempts, due_at, last_error)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
                """,
                [
                    .uuid(notification.id), .tenant(tenantID), .uuid(notification.channelID),
                    .text(notification.channelName), .text(notification.channelKind?.rawValue ?? ""),
                    .text(notification.groupKey), .timestamp(notification.notifyAt),
                    .text(notification.obstacle == nil ? "queued" : "dead"), .timestamp(notification.notifyAt),
                    .text(notification.obstacle),
                ])
            for (position, alertID) in notification.alertIDs.enumerated() {
                try connection.run(
                    "INSERT INTO notification_alerts (tenant_id, notification_id, alert_id, position) VALUES (?, ?, ?, ?)",
                    [.tenant(tenantID), .uuid(notification.id), .uuid(alertID), .integer(position)])
            }
        }
    }

    /// The columns beside the JSON are those the list is searched by; an alert that is about no issue has `-` there.
    private static func insert(_ alert: Alert, of tenantID: TenantID, in connection: any SQLConnection) throws {
        let issue = alert.issue
        try connection.run(
            """
            INSERT INTO alerts (id, tenant_id, rule_id, issue_id, issue_key, kind, event, score, created_at, alert_json)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .uuid(alert.id), .tenant(tenantID), .uuid(issue?.ruleID ?? noRule),
                .text(issue?.issueID.rawValue ?? "-"), .text(issue?.issueKey.rawValue ?? "-"),
                .text(alert.kind.rawValue), .text(alert.event.rawValue), .integer(issue?.score ?? 0),
                .timestamp(alert.createdAt), try .stored(alert, as: StoredAlert.self),
            ])
    }

    private static let noRule = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// A queued notification whose channel was deleted is a dead letter with that reason (P7).
    static func buryThoseWithoutChannel(at now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            """
            UPDATE notifications SET state = 'dead', last_error = 'the channel was deleted'
            WHERE state = 'queued' AND due_at <= ? AND NOT EXISTS (
                SELECT 1 FROM alert_channels AS c WHERE c.id = notifications.channel_id)
            """, [.timestamp(now)])
    }

    /// The rows of the alerts of each notification, in the order of the message.
    static func alerts(
        of notifications: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [SQLRecord<CarriedColumn>]] {
        guard !notifications.isEmpty else { return [:] }
        let rows = try connection.select(
            CarriedColumn.self,
            """
            FROM notification_alerts AS c JOIN alerts AS a ON a.id = c.alert_id
            WHERE c.notification_id IN (\(notifications.map { _ in "?" }.joined(separator: ", ")))
            ORDER BY c.notification_id, c.position
            """, notifications.map { .uuid($0) })
        return try Dictionary(grouping: rows) { try $0.uuid(.notificationID) }
    }

    /// A claimed notification with its alerts and, from the columns behind it, its channel.
    static func item(
        _ row: SQLRecord<NotificationColumn>, alerts: [SQLRecord<CarriedColumn>]
    ) throws -> OutboxItem {
        guard !alerts.isEmpty else { throw StorageError(.corrupt, "it has no alert") }
        return OutboxItem(
            id: try row.uuid(.id), alerts: try alerts.map { try $0.stored(.alertJSON, as: StoredAlert.self) },
            channel: try row.following(ChannelColumn.self).channel, attempts: try row.integer(.attempts),
            leaseToken: UUID().uuidString)
    }
}
