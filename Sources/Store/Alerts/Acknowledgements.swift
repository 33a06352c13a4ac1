public import Domain
public import Foundation

extension RiskStore {
    /// A notification of a tenant as its links show it; nil where there is no such one.
    public func linkedNotification(_ id: TenantID, notificationID: UUID) async throws -> LinkedNotification? {
        try await driver.read { connection in
            let row = try connection.selectFirst(
                NotificationLinkColumn.self,
                """
                FROM notifications AS n JOIN tenants AS t ON t.id = n.tenant_id
                    LEFT JOIN alert_channels AS c ON c.id = n.channel_id
                WHERE n.tenant_id = ? AND n.id = ? AND NOT t.is_deleted
                """, [.tenant(id), .uuid(notificationID)])
            guard let row else { return nil }
            let alerts = try connection.select(
                LinkedAlertColumn.self,
                """
                FROM notification_alerts AS l JOIN alerts AS a ON a.id = l.alert_id
                WHERE l.notification_id = ? ORDER BY l.position
                """, [.uuid(notificationID)])
            return LinkedNotification(
                channelName: try row.text(.channelName),
                timeZone: try row.optionalStored(.quietJSON, as: StoredQuietHours.self)?.timeZone,
                // An alert that cannot be read takes no other with it.
                alerts: try alerts.compactMap { row in
                    guard let alert = try? row.stored(.alertJSON, as: StoredAlert.self) else { return nil }
                    return AlertRecord(
                        alert: alert, deliveries: [], acknowledgedAt: try row.optionalTimestamp(.acknowledgedAt),
                        acknowledgedBy: try row.optionalText(.acknowledgedBy))
                })
        }
    }

    /// Acknowledges the alerts of a notification; those that are stay as they are. False where there is no such one.
    ///
    /// - Parameter name: who does, as the list of alerts shows it.
    public func acknowledge(
        _ id: TenantID, notificationID: UUID, name: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            connection.changed?.insert(id)
            let alerts = try connection.query(
                "SELECT alert_id FROM notification_alerts WHERE tenant_id = ? AND notification_id = ? ORDER BY alert_id",
                [.tenant(id), .uuid(notificationID)]
            ).map { try $0.uuid() }
            let changed = try connection.executeAll(
                """
                UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ?
                WHERE tenant_id = ? AND id = ? AND acknowledged_at IS NULL
                """, alerts.map { [.timestamp(now), .text(name), .tenant(id), .uuid($0)] }
            ).reduce(0, +)
            if changed > 0 {
                try AuditStatements.append(
                    AuditAct(
                        .notificationAcknowledge, notificationID.canonicalText,
                        after: ["alerts": .count(changed), "name": .text(name)]), to: .tenant(id), by: actor, at: now,
                    in: connection)
            }
            return !alerts.isEmpty
        }
    }

    /// Acknowledges one alert, unless it is; when, and by whom. Nil where there is no such one.
    public func acknowledge(
        _ id: TenantID, alertID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Acknowledgement? {
        try await driver.write { connection in
            connection.changed?.insert(id)
            let changed = try connection.execute(
                """
                UPDATE alerts SET acknowledged_at = ?, acknowledged_by = ?
                WHERE tenant_id = ? AND id = ? AND acknowledged_at IS NULL
                """, [.timestamp(now), .text("\(actor)"), .tenant(id), .uuid(alertID)])
            let done = try connection.selectFirst(
                AcknowledgedColumn.self, "FROM alerts WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(alertID)]
            ).map { Acknowledgement(at: try $0.timestamp(.acknowledgedAt), by: try $0.text(.acknowledgedBy)) }
            if changed > 0 {
                try AuditStatements.append(
                    AuditAct(.alertAcknowledge, alertID.canonicalText), to: .tenant(id), by: actor, at: now,
                    in: connection)
            }
            return done
        }
    }
}

private enum NotificationLinkColumn: Int, SQLColumns {
    case channelName, quietJSON
    static let list = columnList()

    var sql: String { self == .channelName ? "n.channel_name" : "c.quiet_json" }
}

private enum LinkedAlertColumn: Int, SQLColumns {
    case alertJSON, acknowledgedAt, acknowledgedBy
    static let list = columnList()

    var sql: String { "a.\(columnName)" }
}

private enum AcknowledgedColumn: Int, SQLColumns {
    case acknowledgedAt, acknowledgedBy
    static let list = columnList()
}
