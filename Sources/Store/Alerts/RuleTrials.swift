public import Domain
public import Foundation

extension RiskStore {
    /// A page of the issues that have an analysis of the window, in the order of their ids, with all that is kept of their
    /// scores up to its end: where a rule stood when the window began follows from before.
    ///
    /// - Parameters:
    ///   - from: the window's first instant.
    ///   - to: its last one.
    ///   - after: the last issue of the page before; nil for the first page.
    ///   - limit: most issues of the page; one with fewer is the last.
    public func scoredPasts(
        _ id: TenantID, from: Timestamp, to: Timestamp, after: IssueID?, limit: Int
    ) async throws -> [ScoredPast] {
        try await driver.read { connection in
            let ids = try connection.query(
                """
                SELECT issue_id FROM issue_snapshots AS s WHERE tenant_id = ? AND issue_id > ? AND EXISTS (
                    SELECT 1 FROM analysis_history AS h WHERE h.tenant_id = s.tenant_id AND h.issue_id = s.issue_id
                        AND h.analyzed_at >= ? AND h.analyzed_at <= ?)
                ORDER BY issue_id LIMIT ?
                """,
                [
                    .tenant(id), .text(after?.rawValue ?? ""), .timestamp(from), .timestamp(to), .integer(limit),
                ]
            ).map { IssueID(try $0.text()) }
            return try RuleTrialStatements.pasts(of: ids, id, from: nil, to: to, connection)
        }
    }

    /// What is kept of the scores of these issues within a window, by issue; those without any are left out.
    public func scoredPasts(
        _ id: TenantID, of issueIDs: [IssueID], from: Timestamp, to: Timestamp
    ) async throws -> [ScoredPast] {
        try await driver.read { try RuleTrialStatements.pasts(of: issueIDs, id, from: from, to: to, $0) }
    }

    /// How many alerts a rule raised within a window, both ends included.
    public func raisedCount(_ id: TenantID, ruleID: UUID, from: Timestamp, to: Timestamp) async throws -> Int {
        try await driver.read { connection in
            try connection.first(
                """
                SELECT COUNT(*) FROM alerts
                WHERE tenant_id = ? AND rule_id = ? AND event = 'raised' AND created_at >= ? AND created_at <= ?
                """, [.tenant(id), .uuid(ruleID), .timestamp(from), .timestamp(to)])?.integer() ?? 0
        }
    }

    /// A page of the alerts of issues that were raised or resolved within a window, oldest first.
    ///
    /// - Parameters:
    ///   - after: the last alert of the page before; nil for the first page.
    ///   - limit: most alerts of the page; one with fewer is the last.
    public func raisedAlerts(
        _ id: TenantID, from: Timestamp, to: Timestamp, after: RaisedAlert?, limit: Int
    ) async throws -> [RaisedAlert] {
        var (condition, arguments) = (
            "tenant_id = ? AND issue_id <> '-' AND created_at >= ? AND created_at <= ?",
            [SQLValue.tenant(id), .timestamp(from), .timestamp(to)]
        )
        if let after {
            condition += " AND (created_at, id) > (?, ?)"
            arguments += [.timestamp(after.at), .uuid(after.id)]
        }
        let (rest, bound) = (
            "FROM alerts WHERE \(condition) ORDER BY created_at, id LIMIT ?", arguments + [.integer(limit)]
        )
        return try await driver.read { connection in
            let rows = try connection.select(RaisedColumn.self, rest, bound)
            let channels = try RuleTrialStatements.channels(of: try rows.map { try $0.uuid(.id) }, connection)
            return try rows.map { try RuleTrialStatements.alert($0, channels: channels) }
        }
    }

    /// A page of the issues that are open or were changed since an instant, deleted ones included, in the order of their ids.
    ///
    /// - Parameters:
    ///   - after: the last issue of the page before; nil for the first page.
    ///   - limit: most issues of the page; one with fewer is the last.
    public func activeIssues(
        _ id: TenantID, since: Timestamp, after: IssueID?, limit: Int
    ) async throws -> [IssueID] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT issue_id FROM issue_snapshots
                WHERE tenant_id = ? AND issue_id > ? AND (NOT is_done OR updated IS NULL OR updated >= ?)
                ORDER BY issue_id LIMIT ?
                """, [.tenant(id), .text(after?.rawValue ?? ""), .timestamp(since), .integer(limit)]
            ).map { IssueID(try $0.text()) }
        }
    }
}

private enum LookColumn: Int, SQLColumns {
    case issueID, analyzedAt, riskScore, issueKey, projectKey, isOver, onRequest
    static let list = columnList()
}

/// The columns of an alert that scorecards count.
private enum RaisedColumn: Int, SQLColumns {
    case id, ruleID, issueID, issueKey, kind, event, score, createdAt, silenceID, acknowledgedAt, alertJSON
    static let list = columnList()
}

private enum RaisedChannelColumn: Int, SQLColumns {
    case alertID, channelID
    static let list = columnList()

    var sql: String { self == .alertID ? "c.alert_id" : "n.channel_id" }
}

private enum RuleTrialStatements {
    /// The scores of issues, by issue, oldest first.
    static func pasts(
        of ids: [IssueID], _ tenantID: TenantID, from: Timestamp?, to: Timestamp, _ connection: any SQLConnection
    ) throws -> [ScoredPast] {
        guard !ids.isEmpty else { return [] }
        let rows = try connection.select(
            LookColumn.self,
            """
            FROM analysis_history WHERE tenant_id = ? AND \(connection.dialect.isAny("issue_id")) AND analyzed_at <= ?
                \(from == nil ? "" : "AND analyzed_at >= ?")
            ORDER BY issue_id, analyzed_at, recorded_at
            """, [.tenant(tenantID), .ids(ids), .timestamp(to)] + (from.map { [.timestamp($0)] } ?? []))
        var pasts: [ScoredPast] = []
        for row in rows {
            let id = IssueID(try row.text(.issueID))
            if pasts.last?.issueID != id { pasts.append(ScoredPast(issueID: id, looks: [])) }
            pasts[pasts.count - 1].looks.append(
                ScoredPast.Look(
                    at: try row.timestamp(.analyzedAt), score: try row.integer(.riskScore),
                    issueKey: IssueKey(try row.text(.issueKey)), projectKey: try row.text(.projectKey),
                    isOver: try row.flag(.isOver), isOnRequest: try row.flag(.onRequest)))
        }
        return pasts
    }

    /// The channels that alerts were sent to or wait for, by alert.
    static func channels(of alerts: [UUID], _ connection: any SQLConnection) throws -> [UUID: Set<UUID>] {
        guard !alerts.isEmpty else { return [:] }
        return try connection.select(
            RaisedChannelColumn.self,
            """
            FROM notification_alerts AS c JOIN notifications AS n ON n.id = c.notification_id
            WHERE n.state <> 'dead' AND c.alert_id IN (\(alerts.map { _ in "?" }.joined(separator: ", ")))
            """, alerts.map { .uuid($0) }
        ).reduce(into: [:]) { try $0[$1.uuid(.alertID), default: []].insert($1.uuid(.channelID)) }
    }

    static func alert(_ row: SQLRecord<RaisedColumn>, channels: [UUID: Set<UUID>]) throws -> RaisedAlert {
        let id = try row.uuid(.id)
        return RaisedAlert(
            id: id, ruleID: try row.uuid(.ruleID), issueID: IssueID(try row.text(.issueID)),
            issueKey: IssueKey(try row.text(.issueKey)), event: try row.choice(.event, of: Alert.Event.self),
            at: try row.timestamp(.createdAt), score: try row.integer(.score), spikeFrom: try spikeFrom(row),
            isSilenced: try row.optionalUUID(.silenceID) != nil,
            isAcknowledged: try row.optionalTimestamp(.acknowledgedAt) != nil, channelIDs: channels[id] ?? [])
    }

    /// The score that a spike rose from, which only the alert itself tells.
    private static func spikeFrom(_ row: SQLRecord<RaisedColumn>) throws -> Int? {
        guard try row.choice(.kind, of: Alert.Kind.self) == .spike else { return nil }
        do {
            return try row.stored(.alertJSON, as: StoredAlert.self).issue?.previousScore
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }
}
