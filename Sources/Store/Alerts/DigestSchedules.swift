public import Domain
public import Foundation

extension RiskStore {
    /// Claims the channel whose digest is longest due at `now`, or whose next one is still to be worked out, and leases it until
    /// `leaseUntil`. Channels that are disabled are left out. Nil when nothing is due.
    ///
    /// The channel's `target` is given as it was saved: sealed.
    public func claimDigest(now: Timestamp, leaseUntil: Timestamp) async throws -> DigestClaim? {
        let isDue = """
            (next_due_at IS NULL OR next_due_at <= ?) AND (leased_until IS NULL OR leased_until <= ?)
            AND (retry_at IS NULL OR retry_at <= ?)
            """
        let arguments = [SQLValue](repeating: .timestamp(now), count: 3)
        // Mostly there is nothing to write.
        guard
            let channelID = try await driver.read({
                try $0.first(
                    """
                    SELECT d.channel_id FROM digest_schedules AS d
                    JOIN alert_channels AS c ON c.id = d.channel_id JOIN tenants AS t ON t.id = d.tenant_id
                    WHERE \(isDue) AND c.is_enabled AND NOT t.is_deleted AND t.deletes_at IS NULL
                    ORDER BY d.next_due_at, d.channel_id LIMIT 1
                    """, arguments
                ).map { try $0.uuid(0) }
            })
        else { return nil }
        return try await driver.write { connection in
            let token = UUID().uuidString
            // Another node may have claimed it since; what is read afterwards is as it was claimed.
            let claimed = try connection.execute(
                "UPDATE digest_schedules SET lease_token = ?, leased_until = ? WHERE channel_id = ? AND \(isDue)",
                [.text(token), .timestamp(leaseUntil), .uuid(channelID)] + arguments)
            guard claimed > 0 else { return nil }
            do {
                return try DigestStatements.claim(of: channelID, token: token, connection)
            } catch let error as StorageError where error.code == .corrupt {
                // A channel that cannot be read delays no other; saving it again makes it readable.
                try connection.run(
                    """
                    UPDATE digest_schedules SET retry_at = ?, lease_token = NULL, leased_until = NULL
                    WHERE channel_id = ? AND lease_token = ?
                    """, [.timestamp(now.adding(days: 1)), .uuid(channelID), .text(token)])
                return nil
            }
        }
    }

    /// Ends a claim: the next digest is due at `nextDueAt`, and the decision's notification is queued in the same transaction.
    /// False, with nothing queued, where the lease was lost, or the schedule changed meanwhile.
    public func finish(
        _ claim: DigestClaim, nextDueAt: Timestamp, coveredUntil: Timestamp?, _ decision: AlertDecision
    ) async throws -> Bool {
        try await driver.write { connection in
            let isOurs = try connection.execute(
                """
                UPDATE digest_schedules SET next_due_at = ?, covered_until = ?, retry_at = NULL, lease_token = NULL,
                    leased_until = NULL
                WHERE channel_id = ? AND tenant_id = ? AND lease_token = ?
                """,
                [
                    .timestamp(nextDueAt), .timestamp(coveredUntil), .uuid(claim.channel.id), .tenant(claim.tenantID),
                    .text(claim.leaseToken),
                ])
            guard isOurs > 0 else { return false }
            // The digest of an instant is queued once, also where a schedule was changed and changed back meanwhile.
            if let alert = decision.alerts.first,
                try connection.first("SELECT 1 FROM alerts WHERE id = ?", [.uuid(alert.id)]) != nil
            {
                return true
            }
            try NotificationStatements.record(decision, of: claim.tenantID, in: connection)
            return true
        }
    }

    /// Gives a claim back, to be tried again at `retryAt`. Without effect where the lease was lost.
    public func fail(_ claim: DigestClaim, retryAt: Timestamp) async throws {
        try await driver.write {
            try $0.run(
                """
                UPDATE digest_schedules SET retry_at = ?, lease_token = NULL, leased_until = NULL
                WHERE channel_id = ? AND tenant_id = ? AND lease_token = ?
                """,
                [.timestamp(retryAt), .uuid(claim.channel.id), .tenant(claim.tenantID), .text(claim.leaseToken)])
        }
    }

    /// The end of the period of a channel's last digest; nil before the first since the schedule was made or changed.
    public func digestCoverage(_ id: TenantID, channelID: UUID) async throws -> Timestamp? {
        try await driver.read {
            try $0.first(
                "SELECT covered_until FROM digest_schedules WHERE tenant_id = ? AND channel_id = ?",
                [.tenant(id), .uuid(channelID)])?.optionalTimestamp(0)
        }
    }

    /// Stores the alerts of a decision and queues its notifications.
    public func queueAlerts(_ id: TenantID, _ decision: AlertDecision, by actor: Actor) async throws {
        let now = now()
        try await driver.write { connection in
            try NotificationStatements.record(decision, of: id, in: connection)
            let channels = Set(decision.notifications.map(\.channelID.canonicalText)).sorted()
            try AuditStatements.append(
                AuditAct(.digestSend, channels.first, kind: "alert_channel"), to: .tenant(id), by: actor, at: now,
                in: connection)
        }
    }
}

/// A digest's schedule; the columns of its channel follow.
private enum ScheduleColumn: Int, SQLColumns {
    case tenantID, jiraURL, nextDueAt, coveredUntil
    static let list = columnList()

    var sql: String { self == .jiraURL ? "t.jira_url" : "d.\(columnName)" }
}

/// The statements on digests that other transactions share.
enum DigestStatements {
    static func claim(of channelID: UUID, token: String, _ connection: any SQLConnection) throws -> DigestClaim? {
        try connection.query(
            """
            SELECT \(ScheduleColumn.list), \(ChannelColumn.list) FROM digest_schedules AS d
            JOIN alert_channels AS c ON c.id = d.channel_id JOIN tenants AS t ON t.id = d.tenant_id
            WHERE d.channel_id = ?
            """, [.uuid(channelID)]
        ).first.map { SQLRecord<ScheduleColumn>($0) }.map { row in
            DigestClaim(
                tenantID: try row.tenantID(.tenantID), siteURL: try row.text(.jiraURL),
                channel: try row.following(ChannelColumn.self).channel,
                dueAt: try row.optionalTimestamp(.nextDueAt), coveredUntil: try row.optionalTimestamp(.coveredUntil),
                leaseToken: token)
        }
    }

    /// What a channel's digest is due by before a channel is saved.
    struct Before {
        var digest: DigestSchedule?
        var isEnabled: Bool
    }

    /// What is stored of a channel; nil for a new one, and for one that cannot be read.
    static func before(
        _ channelID: UUID, of tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> Before? {
        let row = try connection.select(
            ChannelColumn.self, "FROM alert_channels AS c WHERE tenant_id = ? AND id = ?",
            [.tenant(tenantID), .uuid(channelID)]
        ).first
        guard let row else { return nil }
        do {
            return Before(
                digest: try row.optionalStored(.digestJSON, as: StoredDigestSchedule.self),
                isEnabled: try row.flag(.isEnabled))
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    /// Keeps the row of a channel that was saved: one whose schedule is another, or that was disabled, begins again with the next
    /// instant. A claim under way is lost then.
    static func keep(
        _ channel: AlertChannel, of tenantID: TenantID, after before: Before?, in connection: any SQLConnection
    ) throws {
        guard channel.digest != nil else {
            return try connection.run(
                "DELETE FROM digest_schedules WHERE channel_id = ? AND tenant_id = ?",
                [.uuid(channel.id), .tenant(tenantID)])
        }
        if let before, before.digest == channel.digest, before.isEnabled || !channel.isEnabled { return }
        try connection.run(
            """
            INSERT INTO digest_schedules (channel_id, tenant_id) VALUES (?, ?)
            ON CONFLICT (channel_id) DO UPDATE SET next_due_at = NULL, covered_until = NULL, retry_at = NULL,
                lease_token = NULL, leased_until = NULL
            """, [.uuid(channel.id), .tenant(tenantID)])
    }
}
