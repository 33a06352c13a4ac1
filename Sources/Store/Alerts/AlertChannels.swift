public import Domain
public import Foundation

extension RiskStore {
    /// The channels of a tenant, by name, with their targets as they were saved: sealed.
    public func alertChannels(_ id: TenantID) async throws -> [AlertChannel] {
        try await driver.read { try ChannelStatements.channels(of: id, $0) }
    }

    /// Inserts or replaces. A channel of another tenant with the same id is never touched. One that was held, because its
    /// receiver did not answer, no longer is. A digest whose schedule changed is next due as that says. Throws
    /// `StorageError(.limitReached)` for a new one where the tenant has as many as it may.
    public func saveAlertChannel(_ id: TenantID, _ channel: AlertChannel, by actor: Actor) async throws {
        let (limit, now) = (limits[.alertChannels], now())
        try await driver.write { connection in
            try TenantLimitStatements.makeRoom(
                for: .alertChannels, in: "alert_channels", unlessKnown: channel.id, of: id, limit: limit,
                in: connection)
            let old = try ChannelStatements.auditFields(channel.id, of: id, in: connection)
            let before = try DigestStatements.before(channel.id, of: id, connection)
            let saved = try connection.execute(
                """
                INSERT INTO alert_channels (id, tenant_id, kind, name, target_encrypted, is_enabled, shows_restricted,
                    quiet_json, digest_json, takes_alerts, asks_recipients)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
                    target_encrypted = excluded.target_encrypted, is_enabled = excluded.is_enabled,
                    shows_restricted = excluded.shows_restricted, quiet_json = excluded.quiet_json,
                    digest_json = excluded.digest_json, takes_alerts = excluded.takes_alerts,
                    asks_recipients = excluded.asks_recipients, held_until = NULL
                WHERE alert_channels.tenant_id = excluded.tenant_id
                """,
                [
                    .uuid(channel.id), .tenant(id), .text(channel.kind.rawValue), .text(channel.name),
                    .text(channel.target), .flag(channel.isEnabled), .flag(channel.showsRestricted),
                    try channel.quietHours.map { try .stored($0, as: StoredQuietHours.self) } ?? .null,
                    try channel.digest.map { try .stored($0, as: StoredDigestSchedule.self) } ?? .null,
                    .flag(channel.takesAlerts),
                    .flag(channel.asksRecipients),
                ])
            // Another tenant's channel has this id.
            guard saved > 0 else { return }
            try DigestStatements.keep(channel, of: id, after: before, in: connection)
            try AuditStatements.append(
                AuditAct(.channelSave, channel.id.canonicalText, before: old, after: try channel.auditFields),
                to: .tenant(id), by: actor, at: now, in: connection)
        }
    }

    /// Deletes a channel; what is queued for it becomes dead letters. False when the tenant has no such channel.
    public func deleteAlertChannel(_ id: TenantID, channelID: UUID, by actor: Actor) async throws -> Bool {
        let now = now()
        return try await driver.write { connection in
            let before = try ChannelStatements.auditFields(channelID, of: id, in: connection)
            let deleted = try connection.execute(
                "DELETE FROM alert_channels WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(channelID)])
            guard deleted > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.channelDelete, channelID.canonicalText, before: before), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }
}

extension AlertChannel {
    /// What the audit log keeps of a channel. Its address is a secret, whatever its kind.
    fileprivate var auditFields: AuditFields {
        get throws {
            var fields: AuditFields = [
                "kind": .text(kind.rawValue), "name": .text(name), "is_enabled": .flag(isEnabled),
                "shows_restricted": .flag(showsRestricted), "takes_alerts": .flag(takesAlerts),
                "asks_recipients": .flag(asksRecipients),
            ]
            fields["quiet_hours"] =
                try quietHours.map { try AuditFields(encoding: StoredQuietHours($0), without: ["v"]).value }
                ?? AuditValue.null
            fields["digest"] =
                try digest.map { try AuditFields(encoding: StoredDigestSchedule($0), without: ["v"]).value }
                ?? AuditValue.null
            fields.setSecret("target", target)
            return fields
        }
    }
}

enum ChannelStatements {
    /// What a channel is before a change; nil for a new one, and empty for one that cannot be read.
    static func auditFields(
        _ channelID: UUID, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> AuditFields? {
        let row = try connection.selectFirst(
            ChannelColumn.self,
            "FROM alert_channels AS c WHERE tenant_id = ? AND id = ? \(connection.dialect.locking)",
            [.tenant(tenantID), .uuid(channelID)])
        return try row?.auditFields { try $0.channel.auditFields }
    }

    /// The channels of a tenant, by name.
    static func channels(of tenantID: TenantID, _ connection: any SQLConnection) throws -> [AlertChannel] {
        try connection.select(
            ChannelColumn.self, "FROM alert_channels AS c WHERE tenant_id = ? ORDER BY name, id", [.tenant(tenantID)]
        ).map { try $0.channel }
    }
}

/// A channel of a query that calls the table `c`.
enum ChannelColumn: Int, SQLColumns {
    case id, kind, name, targetEncrypted, isEnabled, showsRestricted, quietJSON, digestJSON, takesAlerts, asksRecipients
    static let list = columnList()

    var sql: String { "c.\(columnName)" }
}

extension SQLRecord<ChannelColumn> {
    /// The channel, its target as it was saved: sealed.
    var channel: AlertChannel {
        get throws {
            AlertChannel(
                id: try uuid(.id), kind: try choice(.kind, of: AlertChannel.Kind.self), name: try text(.name),
                target: try text(.targetEncrypted), isEnabled: try flag(.isEnabled),
                showsRestricted: try flag(.showsRestricted),
                quietHours: try optionalStored(.quietJSON, as: StoredQuietHours.self),
                digest: try optionalStored(.digestJSON, as: StoredDigestSchedule.self),
                takesAlerts: try flag(.takesAlerts), asksRecipients: try flag(.asksRecipients))
        }
    }
}
