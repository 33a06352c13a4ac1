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
        let (rest, bound) = (
            "FROM alerts WHERE \(conditions.joined(separator: " AND ")) ORDER BY created_at DESC, id DESC LIMIT ?",
            arguments + [.integer(limit + 1)]
        )
        return try await driver.read { connection in
            let rows = try connection.select(AlertColumn.self, rest, bound)
            let deliveries = try AlertListStatements.deliveries(
                of: try rows.prefix(limit).map { try $0.uuid(.id) }, connection)
            return try Page(
                rows, limit: limit,
                cursor: { Cursor([$0.alert.createdAt.description, $0.alert.id.canonicalText]) }
            ) { row in
                let alert = try AlertListStatements.alert(row)
                return AlertRecord(
                    alert: alert, deliveries: deliveries[alert.id] ?? [], silenceID: try row.optionalUUID(.silenceID),
                    acknowledgedAt: try row.optionalTimestamp(.acknowledgedAt),
                    acknowledgedBy: try row.optionalText(.acknowledgedBy))
            }
        }
    }
}

/// The alert itself, and beside it the columns that the list is searched by.
private enum AlertColumn: Int, SQLColumns {
    case alertJSON, id, tenantID, ruleID, issueID, issueKey, kind, event, score, createdAt, silenceID,
        acknowledgedAt, acknowledgedBy
    static let list = columnList()
}

/// A notification with one of its alerts.
private enum DeliveryColumn: Int, SQLColumns {
    case alertID, id, channelID, channelName, channelKind, recipientEncrypted, state, attempts, lastError, dueAt,
        deliveredAt
    static let list = columnList()

    var sql: String { self == .alertID ? "c.alert_id" : "n.\(columnName)" }
}

/// The statements and rows of the list of alerts.
private enum AlertListStatements {
    /// An alert as it was raised; of one that cannot be read, what the columns beside it hold, so that the list shows it
    /// and all others.
    static func alert(_ row: SQLRecord<AlertColumn>) throws -> Alert {
        do {
            return try row.stored(.alertJSON, as: StoredAlert.self)
        } catch let error as StorageError where error.code == .corrupt {
            let (key, score) = (IssueKey(try row.text(.issueKey)), try row.integer(.score))
            let kind = try row.choice(.kind, of: Alert.Kind.self)
            let at = try row.timestamp(.createdAt)
            let subject: Alert.Subject =
                switch kind {
                case .access: .access(AccessAlert(siteURL: "", reason: "", steps: []))
                case .digest:
                    .digest(DigestContent(every: .day, timeZone: "UTC", from: at, to: at, asOf: at, siteURL: ""))
                case .threshold, .spike, .forecast, .test:
                    .issue(
                        IssueAlert(
                            ruleID: try row.uuid(.ruleID), ruleName: "",
                            ruleKind: AlertRule.Kind(rawValue: kind.rawValue) ?? .threshold,
                            issueID: IssueID(try row.text(.issueID)), issueKey: key, projectKey: key.projectKey,
                            summary: "", status: "", assignee: "", url: "", score: score, previousScore: nil,
                            changes: [], factors: [], remedies: [], model: ""))
                }
            return Alert(
                id: try row.uuid(.id), tenantID: try row.tenantID(.tenantID),
                event: try row.choice(.event, of: Alert.Event.self), band: RiskBand(score: score),
                headline: kind == .digest
                    ? "A digest whose text cannot be read any more"
                    : "\(key) had an alert at \(score), whose text cannot be read any more",
                createdAt: at, subject: subject)
        }
    }

    /// What became of alerts on each channel, by alert.
    static func deliveries(
        of alerts: [UUID], _ connection: any SQLConnection
    ) throws -> [UUID: [AlertRecord.Delivery]] {
        guard !alerts.isEmpty else { return [:] }
        let rows = try connection.select(
            DeliveryColumn.self,
            """
            FROM notification_alerts AS c JOIN notifications AS n ON n.id = c.notification_id
            WHERE c.alert_id IN (\(alerts.map { _ in "?" }.joined(separator: ", ")))
            ORDER BY n.channel_name, n.id
            """, alerts.map { .uuid($0) })
        var deliveries: [UUID: [AlertRecord.Delivery]] = [:]
        for row in rows {
            let state = try row.choice(.state, of: AlertRecord.Delivery.State.self)
            deliveries[try row.uuid(.alertID), default: []].append(
                AlertRecord.Delivery(
                    id: try row.uuid(.id), channelID: try row.uuid(.channelID),
                    channelName: try row.text(.channelName),
                    channelKind: AlertChannel.Kind(rawValue: try row.text(.channelKind)),
                    recipient: try row.optionalText(.recipientEncrypted), state: state,
                    attempts: try row.integer(.attempts), lastError: try row.optionalText(.lastError),
                    nextAttemptAt: state == .queued ? try row.timestamp(.dueAt) : nil,
                    deliveredAt: try row.optionalTimestamp(.deliveredAt)))
        }
        return deliveries
    }
}
