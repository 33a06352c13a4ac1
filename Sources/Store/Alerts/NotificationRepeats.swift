public import Domain
import Foundation

extension RiskStore {
    /// The last notifications of their groups whose repetition is due at `now`, the longest due first, at most `limit`. One that
    /// a later one of its group replaces is no longer due afterwards.
    public func dueRepeats(now: Timestamp, limit: Int) async throws -> [DueRepeat] {
        let rows = try await driver.read { connection in
            try connection.select(
                RepeatColumn.self, "FROM notifications AS n WHERE n.repeat_at <= ? ORDER BY n.repeat_at, n.id LIMIT ?",
                [.timestamp(now), .integer(limit)])
        }
        let replaced = try rows.filter { try $0.flag(.isReplaced) }.map { try $0.uuid(.id) }
        if !replaced.isEmpty {
            try await driver.write { connection in
                try connection.run(
                    "UPDATE notifications SET repeat_at = NULL WHERE \(connection.dialect.isAny("id"))",
                    [.array(replaced.map { .uuid($0) })])
            }
        }
        return try rows.filter { try !$0.flag(.isReplaced) }.map { row in
            DueRepeat(
                id: try row.uuid(.id), tenantID: try row.tenantID(.tenantID), channelID: try row.uuid(.channelID),
                groupKey: try row.text(.groupKey), interval: try row.integer(.repeatSeconds),
                dueAt: try row.timestamp(.repeatAt), isWaiting: try row.text(.state) == "queued")
        }
    }

    /// The alerts of a notification's group that were delivered, and whose rules still fire for their issues, without those that
    /// were acknowledged, in the order in which they were raised.
    public func holdingAlerts(of due: DueRepeat) async throws -> [Alert] {
        try await driver.read { connection in
            try FiringAlertStatements.alerts(
                """
                WHERE a.tenant_id = ? AND a.acknowledged_at IS NULL AND a.id IN (
                    SELECT l.alert_id FROM notifications AS n JOIN notification_alerts AS l ON l.notification_id = n.id
                    WHERE n.channel_id = ? AND n.group_key = ? AND n.state = 'delivered')
                ORDER BY a.created_at, a.id
                """, [.tenant(due.tenantID), .uuid(due.channelID), .text(due.groupKey)], connection)
        }
    }

    /// Queues the repetition of a notification, once: false where another node has done it.
    public func sendAgain(_ due: DueRepeat, _ notification: AlertNotification) async throws -> Bool {
        try await driver.write { connection in
            guard try end(due, in: connection) else { return false }
            try AlertGroupStatements.insert(notification, of: due.tenantID, in: connection)
            return true
        }
    }

    /// Looks at a notification again at `until`; with nil never.
    public func putOff(_ due: DueRepeat, until: Timestamp?) async throws {
        try await driver.write { connection in
            guard try end(due, in: connection), let until else { return }
            try connection.run(
                "UPDATE notifications SET repeat_at = ? WHERE id = ?", [.timestamp(until), .uuid(due.id)])
        }
    }

    private func end(_ due: DueRepeat, in connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE notifications SET repeat_at = NULL WHERE id = ? AND repeat_at = ?",
            [.uuid(due.id), .timestamp(due.dueAt)]) > 0
    }
}

private enum RepeatColumn: Int, SQLColumns {
    case id, tenantID, channelID, groupKey, repeatSeconds, repeatAt, state, isReplaced
    static let list = columnList()

    var sql: String {
        guard self == .isReplaced else { return "n.\(columnName)" }
        return """
            EXISTS (SELECT 1 FROM notifications AS later WHERE later.channel_id = n.channel_id
                AND later.group_key = n.group_key AND later.notify_at > n.notify_at
                AND later.state IN ('queued', 'delivered'))
            """
    }
}
