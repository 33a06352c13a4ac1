public import Domain
public import Foundation

extension RiskStore {
    // MARK: Delivery

    /// Takes up to `limit` deliveries due at `now`, each channel's longest due first, leases them until `leaseUntil`, and
    /// counts an attempt for each. Channels take turns, so that no heap on one of them makes the others wait. What is
    /// stored but cannot be read is a dead letter, and holds nobody up.
    ///
    /// A channel's `target` is given as it was saved: sealed.
    public func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem] {
        try await driver.write { connection in
            try AlertStatements.buryDeliveriesWithoutChannel(at: now, in: connection)
            // The lease is looked at twice: PostgreSQL looks again at a row that another node claimed in between, but
            // only at what is asked of the row itself.
            let rows = try connection.query(
                """
                SELECT o.id, a.alert_json, c.id, c.kind, c.name, c.target_encrypted, c.is_enabled, o.attempts
                FROM (
                    SELECT id, ROW_NUMBER() OVER (PARTITION BY channel_id ORDER BY due_at, id) AS turn
                    FROM alert_outbox
                    WHERE state = 'queued' AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
                ) AS due
                JOIN alert_outbox AS o ON o.id = due.id JOIN alerts AS a ON a.id = o.alert_id
                JOIN alert_channels AS c ON c.id = o.channel_id
                WHERE o.state = 'queued' AND (o.leased_until IS NULL OR o.leased_until <= ?)
                ORDER BY due.turn, o.due_at LIMIT ? \(connection.dialect.claiming("o"))
                """, [.timestamp(now), .timestamp(now), .timestamp(now), .integer(limit)])
            return try rows.compactMap { row in
                let item: OutboxItem
                do {
                    item = try AlertStatements.outboxItem(row)
                } catch let error as StorageError where error.code == .corrupt {
                    try connection.run(
                        "UPDATE alert_outbox SET state = 'dead', last_error = ? WHERE id = ?",
                        [.text("the stored alert or its channel cannot be read: \(error)"), row.values[0]])
                    return nil
                }
                try connection.run(
                    "UPDATE alert_outbox SET lease_token = ?, leased_until = ?, attempts = attempts + 1 WHERE id = ?",
                    [.text(item.leaseToken), .timestamp(leaseUntil), .uuid(item.id)])
                return item
            }
        }
    }

    /// Gives deliveries back that were claimed but not tried; of a lost lease nothing is left to give back.
    public func release(_ items: [OutboxItem]) async throws {
        try await driver.write { connection in
            for item in items {
                try connection.run(
                    """
                    UPDATE alert_outbox SET attempts = ?, lease_token = NULL, leased_until = NULL
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
        case .dead(let reason): (state, error) = (.dead, reason)
        }
        let arguments: [SQLValue] = [
            .text(state.rawValue), .timestamp(dueAt), .text(error), .timestamp(state == .delivered ? now : nil),
            .uuid(item.id), .text(item.leaseToken),
        ]
        try await driver.write { connection in
            try connection.run(
                """
                UPDATE alert_outbox SET state = ?, due_at = ?, last_error = ?, delivered_at = ?, lease_token = NULL,
                    leased_until = NULL
                WHERE id = ? AND lease_token = ?
                """, arguments)
        }
    }

    /// Puts a dead delivery back into the queue; false when there is no such dead delivery.
    public func retryDelivery(
        _ id: TenantID, deliveryID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try connection.execute(
                """
                UPDATE alert_outbox SET state = 'queued', attempts = 0, due_at = ?
                WHERE tenant_id = ? AND id = ? AND state = 'dead'
                """, [.timestamp(now), .tenant(id), .uuid(deliveryID)]) > 0
        }
    }

    // MARK: The list

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
            conditions.append("id IN (SELECT alert_id FROM alert_outbox WHERE tenant_id = ? AND state = ?)")
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
            try Page(
                try connection.query(sql, bound), limit: limit,
                cursor: { Cursor([$0.alert.createdAt.description, $0.alert.id.canonicalText]) }
            ) { row in
                let alert = try AlertStatements.listedAlert(row)
                return AlertRecord(alert: alert, deliveries: try AlertStatements.deliveries(of: alert.id, connection))
            }
        }
    }

    // MARK: Rules and channels

    public func alertRules(_ id: TenantID) async throws -> [AlertRule] {
        try await driver.read { try AlertStatements.rules(of: id, $0) }
    }

    /// Inserts or replaces. A rule of another tenant with the same id is never touched.
    public func saveAlertRule(_ id: TenantID, _ rule: AlertRule, by actor: Actor) async throws {
        try await driver.write { try AlertStatements.save(rule, of: id, in: $0) }
    }

    public func deleteAlertRule(_ id: TenantID, ruleID: UUID, by actor: Actor) async throws -> Bool {
        try await driver.write {
            try $0.execute("DELETE FROM alert_rules WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(ruleID)]) > 0
        }
    }

    public func alertChannels(_ id: TenantID) async throws -> [AlertChannel] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT id, kind, name, target_encrypted, is_enabled FROM alert_channels WHERE tenant_id = ?
                ORDER BY name, id
                """, [.tenant(id)]
            ).map { row in
                AlertChannel(
                    id: try row.uuid(0), kind: try row.choice(1, of: AlertChannel.Kind.self), name: try row.text(2),
                    target: try row.text(3), isEnabled: try row.flag(4))
            }
        }
    }

    /// Inserts or replaces. A channel of another tenant with the same id is never touched.
    public func saveAlertChannel(_ id: TenantID, _ channel: AlertChannel, by actor: Actor) async throws {
        try await driver.write { connection in
            try connection.run(
                """
                INSERT INTO alert_channels (id, tenant_id, kind, name, target_encrypted, is_enabled)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
                    target_encrypted = excluded.target_encrypted, is_enabled = excluded.is_enabled
                WHERE alert_channels.tenant_id = excluded.tenant_id
                """,
                [
                    .uuid(channel.id), .tenant(id), .text(channel.kind.rawValue), .text(channel.name),
                    .text(channel.target), .flag(channel.isEnabled),
                ])
        }
    }

    public func deleteAlertChannel(_ id: TenantID, channelID: UUID, by actor: Actor) async throws -> Bool {
        try await driver.write {
            try $0.execute(
                "DELETE FROM alert_channels WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(channelID)]) > 0
        }
    }
}

/// The statements on alerts that the scoring transaction shares.
enum AlertStatements {
    /// A row of the claim: id, alert, channel (id, kind, name, target, is enabled), attempts before this one.
    static func outboxItem(_ row: SQLRow) throws -> OutboxItem {
        OutboxItem(
            id: try row.uuid(0), alert: try row.stored(1, as: StoredAlert.self),
            channel: AlertChannel(
                id: try row.uuid(2), kind: try row.choice(3, of: AlertChannel.Kind.self), name: try row.text(4),
                target: try row.text(5), isEnabled: try row.flag(6)),
            attempts: try row.integer(7), leaseToken: UUID().uuidString)
    }

    /// An alert as it was raised; of one that cannot be read, what the columns beside it tell: id, tenant, rule, issue,
    /// key, kind, event, score, instant (columns 1 to 9), so that the list shows it and all others.
    static func listedAlert(_ row: SQLRow) throws -> Alert {
        do {
            return try row.stored(0, as: StoredAlert.self)
        } catch let error as StorageError where error.code == .corrupt {
            let (key, score) = (IssueKey(try row.text(5)), try row.integer(8))
            return Alert(
                id: try row.uuid(1), tenantID: try row.tenantID(2), ruleID: try row.uuid(3), ruleName: "",
                kind: try row.choice(6, of: Alert.Kind.self), event: try row.choice(7, of: Alert.Event.self),
                issueID: IssueID(try row.text(4)), issueKey: key, projectKey: key.projectKey, summary: "", status: "",
                assignee: "", issueURL: "", score: score, previousScore: nil, band: RiskBand(score: score),
                headline: "\(key) had an alert at \(score), whose text cannot be read any more", changes: [],
                factors: [], remedies: [], model: "", createdAt: try row.timestamp(9), channelIDs: [])
        }
    }

    static func rules(of tenantID: TenantID, _ connection: any SQLConnection) throws -> [AlertRule] {
        try connection.query(
            "SELECT rule_json FROM alert_rules WHERE tenant_id = ? ORDER BY name, id", [.tenant(tenantID)]
        ).map { try $0.stored(0, as: StoredAlertRule.self) }
    }

    static func save(_ rule: AlertRule, of tenantID: TenantID, in connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO alert_rules (id, tenant_id, name, is_enabled, rule_json) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_enabled = excluded.is_enabled,
                rule_json = excluded.rule_json
            WHERE alert_rules.tenant_id = excluded.tenant_id
            """,
            [
                .uuid(rule.id), .tenant(tenantID), .text(rule.name), .flag(rule.isEnabled),
                try .stored(rule, as: StoredAlertRule.self),
            ])
    }

    static func states(
        of issueID: IssueID, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [AlertState] {
        try connection.query(
            """
            SELECT rule_id, is_firing, since, score FROM alert_states WHERE tenant_id = ? AND issue_id = ?
            ORDER BY rule_id
            """, [.tenant(tenantID), .id(issueID)]
        ).map {
            AlertState(
                ruleID: try $0.uuid(0), isFiring: try $0.flag(1), since: try $0.timestamp(2), score: try $0.integer(3))
        }
    }

    /// Writes what the planner decided: rule states, alerts, and one outbox row for each of their channels.
    ///
    /// An alert that no enabled channel takes is a dead letter for each channel it was meant for, with the reason (P7).
    /// Only where the tenant has no channel at all is nothing written: then it asked for the list alone.
    static func record(
        _ decision: AlertDecision, issueID: IssueID, of tenantID: TenantID, now: Timestamp,
        in connection: any SQLConnection
    ) throws {
        for state in decision.states {
            // A rule deleted since the work was loaded takes its state with it.
            try connection.run(
                """
                INSERT INTO alert_states (tenant_id, rule_id, issue_id, is_firing, since, score)
                SELECT tenant_id, id, ?, ?, ?, ? FROM alert_rules WHERE tenant_id = ? AND id = ?
                ON CONFLICT (tenant_id, issue_id, rule_id) DO UPDATE SET is_firing = excluded.is_firing,
                    since = excluded.since, score = excluded.score
                """,
                [
                    .id(issueID), .flag(state.isFiring), .timestamp(state.since), .integer(state.score),
                    .tenant(tenantID), .uuid(state.ruleID),
                ])
        }
        guard !decision.alerts.isEmpty else { return }
        let channels = try connection.query(
            "SELECT id, name, kind, is_enabled FROM alert_channels WHERE tenant_id = ? ORDER BY id", [.tenant(tenantID)]
        ).map { row in
            Recipient(
                channelID: try row.uuid(0), name: try row.text(1), kind: try row.text(2),
                obstacle: try row.flag(3) ? nil : "the channel is disabled")
        }
        for alert in decision.alerts {
            try connection.run(
                """
                INSERT INTO alerts (id, tenant_id, rule_id, issue_id, issue_key, kind, event, score, created_at, alert_json)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .uuid(alert.id), .tenant(tenantID), .uuid(alert.ruleID), .id(alert.issueID), .id(alert.issueKey),
                    .text(alert.kind.rawValue), .text(alert.event.rawValue), .integer(alert.score),
                    .timestamp(alert.createdAt), try .stored(alert, as: StoredAlert.self),
                ])
            for recipient in recipients(of: alert, among: channels) {
                try connection.run(
                    """
                    INSERT INTO alert_outbox (id, tenant_id, alert_id, channel_id, channel_name, channel_kind, state,
                        attempts, due_at, last_error)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
                    """,
                    [
                        .uuid(UUID()), .tenant(tenantID), .uuid(alert.id), .uuid(recipient.channelID),
                        .text(recipient.name), .text(recipient.kind),
                        .text(recipient.obstacle == nil ? "queued" : "dead"), .timestamp(now),
                        .text(recipient.obstacle),
                    ])
            }
        }
    }

    /// A channel as an alert is addressed to it.
    private struct Recipient {
        var channelID: UUID
        var name: String
        /// Empty for a channel that is gone.
        var kind: String
        /// Why it cannot take an alert now.
        var obstacle: String?
    }

    /// The channels an alert's rule names, those included that take nothing; without names every enabled one, or where
    /// all are disabled, all.
    private static func recipients(of alert: Alert, among channels: [Recipient]) -> [Recipient] {
        if alert.channelIDs.isEmpty {
            let enabled = channels.filter { $0.obstacle == nil }
            return enabled.isEmpty ? channels : enabled
        }
        return alert.channelIDs.map { id in
            channels.first { $0.channelID == id }
                ?? Recipient(channelID: id, name: "deleted channel", kind: "", obstacle: "the channel was deleted")
        }
    }

    /// A delivery whose channel was deleted goes to the dead letters, not into oblivion (P7).
    static func buryDeliveriesWithoutChannel(at now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            """
            UPDATE alert_outbox SET state = 'dead', last_error = 'the channel was deleted'
            WHERE state = 'queued' AND due_at <= ? AND NOT EXISTS (
                SELECT 1 FROM alert_channels AS c WHERE c.id = alert_outbox.channel_id)
            """, [.timestamp(now)])
    }

    static func deliveries(of alertID: UUID, _ connection: any SQLConnection) throws -> [AlertRecord.Delivery] {
        try connection.query(
            """
            SELECT id, channel_id, channel_name, channel_kind, state, attempts, last_error, due_at, delivered_at
            FROM alert_outbox WHERE alert_id = ? ORDER BY channel_name, id
            """, [.uuid(alertID)]
        ).map { row in
            let state = try row.choice(4, of: AlertRecord.Delivery.State.self)
            return AlertRecord.Delivery(
                id: try row.uuid(0), channelID: try row.uuid(1), channelName: try row.text(2),
                channelKind: AlertChannel.Kind(rawValue: try row.text(3)), state: state, attempts: try row.integer(5),
                lastError: try row.optionalText(6), nextAttemptAt: state == .queued ? try row.timestamp(7) : nil,
                deliveredAt: try row.optionalTimestamp(8))
        }
    }
}
