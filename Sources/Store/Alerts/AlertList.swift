public import Domain
import Foundation

extension RiskStore {
    /// Alerts of a tenant, newest first. `state` keeps those with at least one delivery in that state.
    public func alerts(
        _ id: TenantID, state: AlertRecord.Delivery.State?, issueKey: IssueKey?, after cursor: String?, limit: Int
    ) async throws -> Page<AlertRecord> {
        var conditions = ["tenant_id = ?"]
        var arguments: [SQLValue] = [.tenant(id)]
        if let issueKey {
            conditions.append("issue_key = ?")
            arguments.append(.id(issueKey))
        }
        if let state {
            conditions.append(
                """
                id IN (
                    SELECT c.alert_id FROM notifications AS n JOIN notification_alerts AS c ON c.notification_id = n.id
                    WHERE n.tenant_id = ? AND n.state = ?)
                """)
            arguments += [.tenant(id), .text(state.rawValue)]
        }
        if let after = try Cursor(cursor, parts: 2) {
            conditions.append("(created_at, id) < (?, ?)")
            arguments += after.parts.map(SQLValue.text)
        }
        let (sql, bound) = (
            """
            SELECT alert_json, id, tenant_id, rule_id, issue_id, issue_key, kind, event, score, created_at
            FROM alerts WHERE \(conditions.joined(separator: " AND "))
            ORDER BY created_at DESC, id DESC LIMIT ?
            """, arguments + [.integer(limit + 1)]
        )
        return try await driver.read { connection in
            let rows = try connection.query(sql, bound)
            let deliveries = try AlertListStatements.deliveries(
                of: try rows.prefix(limit).map { try $0.uuid(1) }, connection)
            return try Page(
                rows, limit: limit,
                cursor: { Cursor([$0.alert.createdAt.description, $0.alert.id.canonicalText]) }
            ) { row in
                let alert = try AlertListStatements.alert(row)
                return AlertRecord(alert: alert, deliveries: deliveries[alert.id] ?? [])
            }
        }
    }
}

/// The statements and rows of the list of alerts.
private enum AlertListStatements {
    /// An alert as it was raised; of one that cannot be read, what the columns beside it hold: id, tenant, rule, issue,
    /// key, kind, event, score, instant (columns 1 to 9), so that the list shows it and all others.
    static func alert(_ row: SQLRow) throws -> Alert {
        do {
            return try row.stored(0, as: StoredAlert.self)
        } catch let error as StorageError where error.code == .corrupt {
            let (key, score) = (IssueKey(try row.text(5)), try row.integer(8))
            let kind = try row.choice(6, of: Alert.Kind.self)
            let subject: Alert.Subject =
                kind == .access
                ? .access(AccessAlert(siteURL: "", reason: "", steps: []))
                : .issue(
                    IssueAlert(
                        ruleID: try row.uuid(3), ruleName: "", ruleKind: kind == .spike ? .spike : .threshold,
                        issueID: IssueID(try row.text(4)), issueKey: key, projectKey: key.projectKey, summary: "",
                        status: "", assignee: "", url: "", score: score, previousScore: nil, changes: [], factors: [],
                        remedies: [], model: ""))
            return Alert(
                id: try row.uuid(1), tenantID: try row.tenantID(2), event: try row.choice(7, of: Alert.Event.self),
                band: RiskBand(score: score),
                headline: "\(key) had an alert at \(score), whose text cannot be read any more",
                createdAt: try row.timestamp(9), subject: subject)
        }
    }

    /// What became of alerts on each channel, by alert.
    static func deliveries(
        of alerts: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [AlertRecord.Delivery]] {
        guard !alerts.isEmpty else { return [:] }
        let rows = try connection.query(
            """
            SELECT c.alert_id, n.id, n.channel_id, n.channel_name, n.channel_kind, n.state, n.attempts, n.last_error,
                n.due_at, n.delivered_at
            FROM notification_alerts AS c JOIN notifications AS n ON n.id = c.notification_id
            WHERE c.alert_id IN (\(alerts.map { _ in "?" }.joined(separator: ", ")))
            ORDER BY n.channel_name, n.id
            """, alerts.map { .uuid($0) })
        var deliveries: [UUID: [AlertRecord.Delivery]] = [:]
        for row in rows {
            let state = try row.choice(5, of: AlertRecord.Delivery.State.self)
            deliveries[try row.uuid(0), default: []].append(
                AlertRecord.Delivery(
                    id: try row.uuid(1), channelID: try row.uuid(2), channelName: try row.text(3),
                    channelKind: AlertChannel.Kind(rawValue: try row.text(4)), state: state,
                    attempts: try row.integer(6), lastError: try row.optionalText(7),
                    nextAttemptAt: state == .queued ? try row.timestamp(8) : nil,
                    deliveredAt: try row.optionalTimestamp(9)))
        }
        return deliveries
    }
}
