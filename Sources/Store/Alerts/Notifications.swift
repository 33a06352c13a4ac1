public import Domain
public import Foundation

extension RiskStore {
    /// Channels with an unclaimed notification due at `now`, without those that are held: of each tenant the
    /// one served longest ago first, and its ``tenantShare`` at most. What is queued for channels that were deleted is a dead
    /// letter with that reason afterwards (P7).
    ///
    /// A channel's `target` is given as it was saved: sealed.
    public func waitingChannels(now: Timestamp) async throws -> [WaitingChannel] {
        let rows = try await driver.read { connection in
            try connection.query(
                NotificationStatements.waitingChannels,
                [.timestamp(now), .timestamp(now), .timestamp(now)]
            ).map { SQLRecord<WaitingColumn>($0) }
        }
        let deleted = try rows.filter { try $0.optionalText(.tenantID) == nil }.map { try $0.uuid(.channelID) }
        if !deleted.isEmpty {
            try await driver.write { try NotificationStatements.buryThoseOfDeleted(deleted, in: $0) }
        }
        return try rows.compactMap { row in
            guard try row.optionalText(.tenantID) != nil else { return nil }
            return WaitingChannel(
                tenantID: try row.tenantID(.tenantID), channel: try row.following(ChannelColumn.self).channel,
                servedAt: try row.optionalTimestamp(.servedAt))
        }
    }

    /// Claims notifications due at `now` of the channels whose turn it is, each channel's longest due first, leases them until
    /// `leaseUntil`, and counts an attempt for each. One that cannot be read is a dead letter, and delays none.
    ///
    /// A channel's `target` and a notification's recipient are given as they were saved: sealed.
    public func claimDeliveries(
        _ turns: [DeliveryTurn], now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [OutboxItem] {
        // In one order on all nodes, so that none waits for another in a circle.
        let turns = turns.sorted { $0.channelID.canonicalText < $1.channelID.canonicalText }
        return try await driver.writeLeases { connection in
            let rows = try turns.flatMap { try NotificationStatements.rows(of: $0, now: now, in: connection) }
            let ids = try rows.map { try $0.uuid(.id) }
            let alerts = try NotificationStatements.alerts(of: ids, connection)
            let previous = try NotificationStatements.previousAlerts(of: ids, connection)
            return try rows.compactMap { row in
                let id = try row.uuid(.id)
                let item: OutboxItem
                do {
                    item = try NotificationStatements.item(
                        row, alerts: alerts[id] ?? [], previous: previous[id] ?? [])
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

    /// Leases notifications for longer; one whose lease was lost stays as it is.
    public func extendLeases(of items: [OutboxItem], until: Timestamp) async throws {
        try await driver.writeLeases { connection in
            try connection.runAll(
                "UPDATE notifications SET leased_until = ? WHERE id = ? AND lease_token = ?",
                items.sorted { $0.id.canonicalText < $1.id.canonicalText }.map {
                    [.timestamp(until), .uuid($0.id), .text($0.leaseToken)]
                })
        }
    }

    /// Makes a claimed notification that is for all recipients of its channel one for the first, under the same lease, and
    /// queues one for each of the others with the attempts that were made before. False where the lease was lost.
    ///
    /// - Parameter recipients: sealed; at least one.
    public func split(_ item: OutboxItem, into recipients: [String]) async throws -> Bool {
        guard let first = recipients.first else { return false }
        return try await driver.write { connection in
            let isOurs = try connection.execute(
                """
                UPDATE notifications SET recipient_encrypted = ?
                WHERE id = ? AND lease_token = ? AND recipient_encrypted IS NULL
                """, [.text(first), .uuid(item.id), .text(item.leaseToken)])
            guard isOurs > 0 else { return false }
            for recipient in recipients.dropFirst() {
                let id = UUID()
                try connection.run(
                    """
                    INSERT INTO notifications (id, tenant_id, channel_id, channel_name, channel_kind, group_key, storm_key,
                        notify_at, state, attempts, due_at, last_error, recipient_encrypted, is_repeat)
                    SELECT ?, tenant_id, channel_id, channel_name, channel_kind, group_key, storm_key, notify_at, 'queued', ?,
                        due_at, last_error, ?, is_repeat
                    FROM notifications WHERE id = ?
                    """, [.uuid(id), .integer(item.attempts), .text(recipient), .uuid(item.id)])
                try connection.run(
                    """
                    INSERT INTO notification_alerts (tenant_id, notification_id, alert_id, position)
                    SELECT tenant_id, ?, alert_id, position FROM notification_alerts WHERE notification_id = ?
                    """, [.uuid(id), .uuid(item.id)])
            }
            return true
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

    /// Records how deliveries ended and releases their leases; a lost lease makes this a no-op.
    public func record(_ records: [DeliveryRecord]) async throws {
        // In one order on all nodes, so that none waits for another in a circle.
        let records = records.sorted {
            ($0.item.channel.id.canonicalText, $0.item.id.canonicalText)
                < ($1.item.channel.id.canonicalText, $1.item.id.canonicalText)
        }
        try await driver.write { connection in
            for record in records { try NotificationStatements.record(record, in: connection) }
        }
    }

    /// Records how one delivery ended.
    ///
    /// - Parameter heldUntil: before which no other notification of the channel is claimed.
    public func record(
        _ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp, heldUntil: Timestamp? = nil
    ) async throws {
        try await record([DeliveryRecord(item, outcome, endedAt: now, heldUntil: heldUntil)])
    }

    /// Queues a dead delivery again; false when there is no such dead delivery.
    public func retryDelivery(
        _ id: TenantID, deliveryID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            connection.changed?.insert(id)
            let queued = try connection.execute(
                """
                UPDATE notifications SET state = 'queued', attempts = 0, due_at = ?
                WHERE tenant_id = ? AND id = ? AND state = 'dead'
                """, [.timestamp(now), .tenant(id), .uuid(deliveryID)])
            guard queued > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.deliveryRetry, deliveryID.canonicalText), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }
}

/// A claimed notification; the columns of its channel follow.
enum NotificationColumn: Int, SQLColumns {
    case id, attempts, recipientEncrypted, channelID, groupKey, notifyAt, isRepeat, slackIntegration
    static let list = columnList()

    var sql: String {
        guard self == .slackIntegration else { return "n.\(columnName)" }
        // As it is at the claim.
        return """
            COALESCE((SELECT p.slack_integration FROM tenants AS t JOIN subscription_plans AS p ON p.name = t.plan
                WHERE t.id = n.tenant_id), FALSE)
            """
    }
}

/// A channel that has something queued; the columns of the channel follow, which are NULL where it was deleted.
enum WaitingColumn: Int, SQLColumns {
    case channelID, tenantID, servedAt
    static let list = columnList()
}

/// An alert `a` that is read for a notification `n`.
enum CarriedColumn: Int, SQLColumns {
    case alertJSON, notificationID
    static let list = columnList()

    var sql: String { self == .notificationID ? "n.id" : "a.\(columnName)" }
}

/// The statements on alerts and their notifications that other transactions share.
enum NotificationStatements {
    static func record(_ record: DeliveryRecord, in connection: any SQLConnection) throws {
        let state: AlertRecord.Delivery.State
        var (dueAt, error): (Timestamp, String?) = (record.endedAt, nil)
        switch record.outcome {
        case .delivered: state = .delivered
        case .retry(let at, let reason): (state, dueAt, error) = (.queued, at, reason)
        case .postponed(let until, let reason): (state, dueAt, error) = (.queued, until, reason)
        case .dead(let reason): (state, error) = (.dead, reason)
        case .unsubscribed: state = .unsubscribed
        }
        let uncounted =
            switch record.outcome {
            case .postponed, .unsubscribed: 1
            case .delivered, .retry, .dead: 0
            }
        let isOurs = try connection.execute(
            """
            UPDATE notifications SET state = ?, due_at = ?, last_error = ?, delivered_at = ?,
                attempts = attempts - ?, lease_token = NULL, leased_until = NULL,
                recipient_encrypted = COALESCE(recipient_encrypted, ?)
            WHERE id = ? AND lease_token = ?
            """,
            [
                .text(state.rawValue), .timestamp(dueAt), .text(error),
                .timestamp(state == .delivered ? record.endedAt : nil), .integer(uncounted),
                .text(record.item.recipient),
                .uuid(record.item.id), .text(record.item.leaseToken),
            ])
        if isOurs > 0, let alert = record.item.alerts.first { connection.changed?.insert(alert.tenantID) }
        guard isOurs > 0, let heldUntil = record.heldUntil else { return }
        try connection.run(
            "UPDATE alert_channels SET held_until = ? WHERE id = ?",
            [.timestamp(heldUntil), .uuid(record.item.channel.id)])
    }

    /// Writes the alerts of a decision and the notifications that carry them.
    ///
    /// The id of an alert follows from its rule, issue, event and instant. Events of one instant that are applied in separate
    /// commits may decide on the same alert again, where the score went to and fro there: it is neither stored nor sent twice.
    static func record(_ decided: AlertDecision, of tenantID: TenantID, in connection: any SQLConnection) throws {
        // Whatever it was decided on: a new analysis, or what Jira says of the account.
        connection.changed?.insert(tenantID)
        let decision = try new(decided, in: connection)
        for alert in decision.alerts {
            try insert(alert, silence: decision.silenced[alert.id], of: tenantID, in: connection)
        }
        try send(decision, of: tenantID, in: connection)
    }

    /// A decision without the alerts that are stored already.
    private static func new(_ decision: AlertDecision, in connection: any SQLConnection) throws -> AlertDecision {
        guard !decision.alerts.isEmpty else { return decision }
        let stored = Set(
            try connection.query(
                "SELECT id FROM alerts WHERE \(connection.dialect.isAny("id"))",
                [.array(decision.alerts.map { .uuid($0.id) })]
            ).map { try $0.uuid(0) })
        guard !stored.isEmpty else { return decision }
        var new = decision
        new.alerts.removeAll { stored.contains($0.id) }
        new.silenced = new.silenced.filter { !stored.contains($0.key) }
        new.notifications = new.notifications.compactMap { notification in
            var notification = notification
            notification.alertIDs.removeAll { stored.contains($0) }
            return notification.alertIDs.isEmpty ? nil : notification
        }
        return new
    }

    /// Queues the notifications of alerts that are stored, in one order on all nodes; what is silenced is marked.
    static func send(_ decision: AlertDecision, of tenantID: TenantID, in connection: any SQLConnection) throws {
        for (alert, silence) in decision.silenced.sorted(by: { $0.key.canonicalText < $1.key.canonicalText }) {
            try connection.run(
                "UPDATE alerts SET silence_id = ? WHERE id = ?", [.uuid(silence), .uuid(alert)])
        }
        let ordered = decision.notifications.sorted {
            ($0.channelID.canonicalText, $0.stormKey ?? $0.groupKey, $0.groupKey)
                < ($1.channelID.canonicalText, $1.stormKey ?? $1.groupKey, $1.groupKey)
        }
        for notification in ordered { try AlertGroupStatements.queue(notification, of: tenantID, in: connection) }
    }

    /// The columns beside the JSON are those the list is searched by; an alert that is about no issue has `-` there.
    private static func insert(
        _ alert: Alert, silence: UUID?, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        let issue = alert.issue
        try connection.run(
            """
            INSERT INTO alerts (id, tenant_id, rule_id, issue_id, issue_key, kind, event, score, created_at, alert_json,
                silence_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .uuid(alert.id), .tenant(tenantID), .uuid(issue?.ruleID ?? noRule),
                .text(issue?.issueID.rawValue ?? "-"), .text(issue?.issueKey.rawValue ?? "-"),
                .text(alert.kind.rawValue), .text(alert.event.rawValue), .integer(issue?.score ?? 0),
                .timestamp(alert.createdAt), try .stored(alert, as: StoredAlert.self),
                silence.map { .uuid($0) } ?? .null,
            ])
    }

    private static let noRule = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// What is queued for channels that were deleted is a dead letter with that reason (P7).
    static func buryThoseOfDeleted(_ channels: [UUID], in connection: any SQLConnection) throws {
        try connection.run(
            """
            UPDATE notifications SET state = 'dead', last_error = 'the channel was deleted'
            WHERE state = 'queued' AND \(connection.dialect.isAny("channel_id")) AND NOT EXISTS (
                SELECT 1 FROM alert_channels AS c WHERE c.id = notifications.channel_id)
            """, [.array(channels.map { .uuid($0) })])
    }

    /// Channels of a tenant that are looked at when turns are given, and of all tenants.
    private static let (tenantShare, channelLimit) = (50, 2000)

    /// Goes from channel to channel through the index: what it costs does not grow with what is queued for one. The channels
    /// of a tenant are counted, so that one with thousands does not hide the others.
    static let waitingChannels = """
        WITH RECURSIVE queued (channel_id) AS (
            SELECT * FROM (
                SELECT channel_id FROM notifications WHERE state = 'queued' ORDER BY channel_id LIMIT 1) AS head
            UNION ALL
            SELECT (
                SELECT n.channel_id FROM notifications AS n WHERE n.state = 'queued' AND n.channel_id > q.channel_id
                ORDER BY n.channel_id LIMIT 1)
            FROM queued AS q WHERE q.channel_id IS NOT NULL
        ), waiting AS (
            SELECT q.channel_id, c.tenant_id, c.served_at, ROW_NUMBER() OVER (
                PARTITION BY c.tenant_id ORDER BY c.served_at IS NOT NULL, c.served_at, q.channel_id) AS turn
            FROM queued AS q LEFT JOIN alert_channels AS c ON c.id = q.channel_id
            WHERE q.channel_id IS NOT NULL AND (c.id IS NULL OR (c.held_until IS NULL OR c.held_until <= ?) AND EXISTS (
                SELECT 1 FROM notifications AS n
                WHERE n.channel_id = q.channel_id AND n.state = 'queued' AND n.due_at <= ?
                    AND (n.leased_until IS NULL OR n.leased_until <= ?)))
        )
        SELECT w.channel_id, w.tenant_id, w.served_at, \(ChannelColumn.list)
        FROM waiting AS w LEFT JOIN alert_channels AS c ON c.id = w.channel_id WHERE w.turn <= \(tenantShare)
        ORDER BY w.turn, w.served_at IS NOT NULL, w.served_at, w.channel_id LIMIT \(channelLimit)
        """

    /// The longest due notifications of a channel whose turn it is, unless it is held, or one at a time is and another node
    /// has one.
    static func rows(
        of turn: DeliveryTurn, now: Timestamp, in connection: any SQLConnection
    ) throws -> [SQLRecord<NotificationColumn>] {
        // Locks the channel: nodes that claim of it go one after the other.
        let isFree = try connection.execute(
            """
            UPDATE alert_channels SET served_at = ?, held_until = ?
            WHERE id = ? AND (held_until IS NULL OR held_until <= ?)
            """,
            [.timestamp(now), .timestamp(turn.nextAt), .uuid(turn.channelID), .timestamp(now)])
        guard isFree > 0 else { return [] }
        if turn.nextAt != nil {
            let busy = try connection.first(
                "SELECT 1 FROM notifications WHERE channel_id = ? AND state = 'queued' AND leased_until > ? LIMIT 1",
                [.uuid(turn.channelID), .timestamp(now)])
            guard busy == nil else { return [] }
        }
        return try connection.query(
            """
            SELECT \(NotificationColumn.list), \(ChannelColumn.list)
            FROM notifications AS n JOIN alert_channels AS c ON c.id = n.channel_id
            WHERE n.channel_id = ? AND n.state = 'queued' AND n.due_at <= ?
                AND (n.leased_until IS NULL OR n.leased_until <= ?)
            ORDER BY n.due_at, n.id LIMIT ? \(connection.dialect.claiming("n"))
            """,
            [
                .uuid(turn.channelID), .timestamp(now), .timestamp(now),
                .integer(turn.nextAt == nil ? turn.limit : min(1, turn.limit)),
            ]
        ).map { SQLRecord<NotificationColumn>($0) }
    }

    /// The rows of the alerts of each notification, in the order of the message.
    static func alerts(
        of notifications: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [SQLRecord<CarriedColumn>]] {
        try carried(by: "n.id", for: notifications, connection)
    }

    /// The rows of the alerts that, before each notification, the last delivered one of the same group carried.
    static func previousAlerts(
        of notifications: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [SQLRecord<CarriedColumn>]] {
        try carried(
            by: """
                (SELECT p.id FROM notifications AS p
                WHERE p.channel_id = n.channel_id AND p.group_key = n.group_key AND p.state = 'delivered'
                    AND p.notify_at < n.notify_at
                ORDER BY p.notify_at DESC LIMIT 1)
                """, for: notifications, connection)
    }

    /// - Parameter carrier: the id of the notification whose alerts are read for a notification `n`.
    private static func carried(
        by carrier: String, for notifications: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [SQLRecord<CarriedColumn>]] {
        guard !notifications.isEmpty else { return [:] }
        let rows = try connection.select(
            CarriedColumn.self,
            """
            FROM notifications AS n JOIN notification_alerts AS c ON c.notification_id = \(carrier)
            JOIN alerts AS a ON a.id = c.alert_id
            WHERE n.id IN (\(notifications.map { _ in "?" }.joined(separator: ", ")))
            ORDER BY n.id, c.position
            """, notifications.map { .uuid($0) })
        return try Dictionary(grouping: rows) { try $0.uuid(.notificationID) }
    }

    /// A claimed notification with its alerts and, from the columns behind it, its channel.
    static func item(
        _ row: SQLRecord<NotificationColumn>, alerts: [SQLRecord<CarriedColumn>], previous: [SQLRecord<CarriedColumn>]
    ) throws -> OutboxItem {
        // An alert that cannot be read takes no other with it; the list of alerts shows it all the same.
        let readable = alerts.map { alert in
            Result { try alert.stored(.alertJSON, as: StoredAlert.self) }
        }
        guard let first = readable.first else { throw StorageError(.corrupt, "it has no alert") }
        let alerts = readable.compactMap { try? $0.get() }
        if alerts.isEmpty { _ = try first.get() }
        return OutboxItem(
            id: try row.uuid(.id), alerts: alerts,
            previousAlerts: previous.compactMap { try? $0.stored(.alertJSON, as: StoredAlert.self) },
            isRepeat: try row.flag(.isRepeat),
            channel: try row.following(ChannelColumn.self).channel,
            recipient: try row.optionalText(.recipientEncrypted),
            attempts: try row.integer(.attempts), leaseToken: UUID().uuidString,
            notifyAt: try row.timestamp(.notifyAt), planHasChat: try row.flag(.slackIntegration))
    }
}
