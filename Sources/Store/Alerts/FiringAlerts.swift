public import Domain
public import Foundation

extension RiskStore {
    /// The enabled channels of a kind, of all tenants that are not deleted. Targets are as they were saved: sealed.
    public func enabledChannels(of kind: AlertChannel.Kind) async throws -> [AlertChannel] {
        try await driver.read { connection in
            try connection.select(
                ChannelColumn.self,
                """
                FROM alert_channels AS c JOIN tenants AS t ON t.id = c.tenant_id
                WHERE c.kind = ? AND c.is_enabled AND NOT t.is_deleted AND t.deletes_at IS NULL
                ORDER BY c.id
                """, [.text(kind.rawValue)]
            ).map { try $0.channel }
        }
    }

    /// Alerts that were raised on a channel and whose rules still fire for their issues, the newest first, at most `limit`.
    public func firingAlerts(on channelID: UUID, limit: Int) async throws -> [Alert] {
        try await driver.read { connection in
            try FiringAlertStatements.alerts(
                """
                WHERE a.tenant_id = (SELECT c.tenant_id FROM alert_channels AS c WHERE c.id = ?)
                    AND EXISTS (
                        SELECT 1 FROM notification_alerts AS l JOIN notifications AS n ON n.id = l.notification_id
                        WHERE l.alert_id = a.id AND n.channel_id = ? AND n.state = 'delivered')
                ORDER BY a.created_at DESC, a.id LIMIT ?
                """, [.uuid(channelID), .uuid(channelID), .integer(limit)], connection)
        }
    }
}

/// Alerts that hold: they were raised, and their rules fire for their issues since then.
enum FiringAlertStatements {
    /// Those of a selection.
    ///
    /// - Parameter rest: begins with `WHERE`, of the alerts `a`.
    static func alerts(
        _ rest: String, _ arguments: [SQLValue], _ connection: any SQLConnection
    ) throws -> [Alert] {
        try connection.select(
            FiringColumn.self,
            """
            FROM alerts AS a JOIN alert_states AS s ON s.tenant_id = a.tenant_id AND s.rule_id = a.rule_id
                AND s.issue_id = a.issue_id AND s.is_firing AND s.since = a.created_at AND a.event = 'raised'
            \(rest)
            """, arguments
        ).map { try $0.stored(.alertJSON, as: StoredAlert.self) }
    }
}

private enum FiringColumn: Int, SQLColumns {
    case alertJSON
    static let list = columnList()
    var sql: String { "a.\(columnName)" }
}
