public import Domain
public import Foundation

extension RiskStore {
    /// What decides where a tenant's alerts go: channels, the routing tree, and the silences that have not ended. The channels of a
    /// tenant that is to be deleted are disabled.
    public func alertRouting(_ id: TenantID, now: Timestamp) async throws -> AlertRouting {
        try await driver.read { connection in
            var channels = try ChannelStatements.channels(of: id, connection)
            if try TenantStatements.tenant(id, in: connection)?.deletesAt != nil {
                for index in channels.indices { channels[index].isEnabled = false }
            }
            return AlertRouting(
                channels: channels,
                root: try AlertRoutingStatements.root(of: id, connection),
                silences: try connection.select(
                    SilenceColumn.self, "FROM alert_silences WHERE tenant_id = ? AND ends_at > ? ORDER BY ends_at, id",
                    [.tenant(id), .timestamp(now)]
                ).map { try $0.stored(.silenceJSON, as: StoredAlertSilence.self) })
        }
    }

    /// The root of the tenant's routing tree; one without routes where none was saved.
    public func alertRoute(_ id: TenantID) async throws -> AlertRoute {
        try await driver.read { try AlertRoutingStatements.root(of: id, $0) }
    }

    /// Replaces the routing tree of a tenant.
    public func saveAlertRoute(_ id: TenantID, _ root: AlertRoute, by actor: Actor) async throws {
        let now = now()
        try await driver.write { connection in
            // Two that replace it at once: each says what it found.
            try TenantLimitStatements.lock(id, in: connection)
            let before = try AlertRoutingStatements.row(of: id, connection)?
                .auditFields { try $0.stored(.routeJSON, as: StoredAlertRoute.self).auditFields }
            try connection.run(
                """
                INSERT INTO alert_routes (tenant_id, route_json) VALUES (?, ?)
                ON CONFLICT (tenant_id) DO UPDATE SET route_json = excluded.route_json
                """, [.tenant(id), try .stored(root, as: StoredAlertRoute.self)])
            try AuditStatements.append(
                AuditAct(.routeSave, before: before, after: try root.auditFields), to: .tenant(id), by: actor, at: now,
                in: connection)
        }
    }

    // MARK: Silences

    /// Silences of a tenant, those that end last first.
    public func alertSilences(
        _ id: TenantID, after cursor: String?, limit: Int
    ) async throws -> Page<AlertSilence> {
        var (condition, arguments) = ("tenant_id = ?", [SQLValue.tenant(id)])
        if let after = try Cursor(cursor, parts: 2) {
            condition += " AND (ends_at, id) < (?, ?)"
            arguments += after.parts.map(SQLValue.text)
        }
        let (rest, bound) = (
            "FROM alert_silences WHERE \(condition) ORDER BY ends_at DESC, id DESC LIMIT ?",
            arguments + [.integer(limit + 1)]
        )
        return try await driver.read { connection in
            try Page(
                try connection.select(SilenceColumn.self, rest, bound), limit: limit,
                cursor: { Cursor([$0.endsAt.description, $0.id.canonicalText]) }
            ) { try $0.stored(.silenceJSON, as: StoredAlertSilence.self) }
        }
    }

    /// One silence of a tenant; nil when there is no such one.
    public func alertSilence(_ id: TenantID, silenceID: UUID) async throws -> AlertSilence? {
        try await driver.read { connection in
            try connection.select(
                SilenceColumn.self, "FROM alert_silences WHERE tenant_id = ? AND id = ?",
                [.tenant(id), .uuid(silenceID)]
            ).first?.stored(.silenceJSON, as: StoredAlertSilence.self)
        }
    }

    /// Adds a silence. Throws `StorageError(.limitReached)` where the tenant has as many that have not ended as it may.
    public func addAlertSilence(_ id: TenantID, _ silence: AlertSilence, by actor: Actor) async throws {
        let limit = limits[.alertSilences]
        try await driver.write { connection in
            connection.changed?.insert(id)
            try TenantLimitStatements.lock(id, in: connection)
            try TenantLimitStatements.makeRoom(
                for: .alertSilences, among: ("alert_silences", "ends_at > ?"), of: id, limit: limit,
                [.timestamp(silence.createdAt)], in: connection)
            try connection.run(
                "INSERT INTO alert_silences (id, tenant_id, starts_at, ends_at, silence_json) VALUES (?, ?, ?, ?, ?)",
                [
                    .uuid(silence.id), .tenant(id), .timestamp(silence.startsAt), .timestamp(silence.endsAt),
                    try .stored(silence, as: StoredAlertSilence.self),
                ])
            try AuditStatements.append(
                AuditAct(.silenceCreate, silence.id.canonicalText, after: try silence.auditFields), to: .tenant(id),
                by: actor, at: silence.createdAt, in: connection)
        }
    }

    /// Ends a silence at `now`, where it has not ended yet; nil when there is no such one.
    public func expireAlertSilence(
        _ id: TenantID, silenceID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> AlertSilence? {
        try await driver.write { connection in
            let row = try connection.select(
                SilenceColumn.self,
                "FROM alert_silences WHERE tenant_id = ? AND id = ? \(connection.dialect.claiming("alert_silences"))",
                [.tenant(id), .uuid(silenceID)]
            ).first
            guard var silence = try row?.stored(.silenceJSON, as: StoredAlertSilence.self) else { return nil }
            guard silence.endsAt > now else { return silence }
            connection.changed?.insert(id)
            let before = try silence.auditFields
            silence.endsAt = now
            silence.startsAt = min(silence.startsAt, now)
            try connection.run(
                "UPDATE alert_silences SET starts_at = ?, ends_at = ?, silence_json = ? WHERE id = ?",
                [
                    .timestamp(silence.startsAt), .timestamp(silence.endsAt),
                    try .stored(silence, as: StoredAlertSilence.self), .uuid(silence.id),
                ])
            try AuditStatements.append(
                AuditAct(.silenceEnd, silenceID.canonicalText, before: before, after: try silence.auditFields),
                to: .tenant(id), by: actor, at: now, in: connection)
            return silence
        }
    }

    // MARK: The end of a silence

    /// Silences that have ended and whose alerts were not looked at since, at most `limit`.
    public func endedSilences(now: Timestamp, limit: Int) async throws -> [EndedSilence] {
        try await driver.read { connection in
            try connection.select(
                EndedColumn.self,
                "FROM alert_silences WHERE released_at IS NULL AND ends_at <= ? ORDER BY ends_at, id LIMIT ?",
                [.timestamp(now), .integer(limit)]
            ).map { EndedSilence(id: try $0.uuid(.id), tenantID: try $0.tenantID(.tenantID)) }
        }
    }

    /// The alerts that a silence kept back and that still hold: raised, and their rules still fire for their issues.
    public func heldAlerts(of silence: EndedSilence) async throws -> [Alert] {
        try await driver.read { connection in
            try FiringAlertStatements.alerts(
                "WHERE a.silence_id = ? AND a.tenant_id = ? ORDER BY a.created_at, a.id",
                [.uuid(silence.id), .tenant(silence.tenantID)], connection)
        }
    }

    /// Queues what a silence kept back, once: false where another node has done it. Alerts that another silence keeps back now
    /// belong to that one.
    public func release(_ silence: EndedSilence, _ decision: AlertDecision, now: Timestamp) async throws -> Bool {
        try await driver.write { connection in
            let isOurs = try connection.execute(
                "UPDATE alert_silences SET released_at = ? WHERE id = ? AND released_at IS NULL",
                [.timestamp(now), .uuid(silence.id)])
            guard isOurs > 0 else { return false }
            try NotificationStatements.send(decision, of: silence.tenantID, in: connection)
            return true
        }
    }
}

enum AlertRoutingStatements {
    static func root(of tenantID: TenantID, _ connection: any SQLConnection) throws -> AlertRoute {
        try row(of: tenantID, connection)?.stored(.routeJSON, as: StoredAlertRoute.self) ?? AlertRoute()
    }

    fileprivate static func row(
        of tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> SQLRecord<RouteColumn>? {
        try connection.selectFirst(RouteColumn.self, "FROM alert_routes WHERE tenant_id = ?", [.tenant(tenantID)])
    }
}

extension AlertRoute {
    fileprivate var auditFields: AuditFields {
        get throws { try AuditFields(encoding: StoredAlertRoute(self), without: ["v"]) }
    }
}

extension AlertSilence {
    fileprivate var auditFields: AuditFields {
        get throws { try AuditFields(encoding: StoredAlertSilence(self), without: ["v", "id"]) }
    }
}

private enum RouteColumn: Int, SQLColumns {
    case routeJSON
    static let list = columnList()
}

private enum SilenceColumn: Int, SQLColumns {
    case silenceJSON
    static let list = columnList()
}

private enum EndedColumn: Int, SQLColumns {
    case id, tenantID
    static let list = columnList()
}
