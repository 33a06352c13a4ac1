public import Domain
public import Foundation

extension RiskStore {
    /// Whose a key is, and the tenant, in one query; nil for an unknown, ended or revoked key, and a deleted tenant's.
    public func apiKeyHolder(hash: String, now: Timestamp) async throws -> APIKeyHolder? {
        try await driver.read { connection in
            try connection.first(
                """
                SELECT k.key_id, k.key_role, k.last_used_at, \(TenantColumn.list) FROM tenants JOIN (
                    SELECT id AS key_id, tenant_id, role AS key_role, last_used_at FROM api_keys
                    WHERE key_hash = ? AND (expires_at IS NULL OR expires_at > ?)
                ) AS k ON tenants.id = k.tenant_id
                WHERE NOT is_deleted
                """, [.text(hash), .timestamp(now)]
            ).map { row in
                APIKeyHolder(
                    keyID: try row.uuid(0), role: try row.choice(1, of: Role.self),
                    lastUsedAt: try row.optionalTimestamp(2),
                    tenant: try SQLRecord<TenantColumn>(row, start: 3).tenant)
            }
        }
    }

    /// The keys of a tenant, oldest first, also those that have ended. Empty when the tenant is unknown.
    public func apiKeys(_ id: TenantID) async throws -> [TenantAPIKey] {
        try await driver.read { connection in
            try connection.select(
                APIKeyColumn.self, "FROM api_keys WHERE tenant_id = ? ORDER BY created_at, id", [.tenant(id)]
            ).map { try $0.key }
        }
    }

    /// Adds a key, beside those there are; nil when the tenant is unknown. Throws `StorageError(.limitReached)` where as
    /// many as the tenant may have are valid at `now`.
    public func addAPIKey(
        _ id: TenantID, _ key: NewAPIKey, by actor: Actor, now: Timestamp
    ) async throws -> TenantAPIKey? {
        let limit = limits[.apiKeys]
        return try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard try APIKeyStatements.isThere(id, in: connection) else { return nil }
            try APIKeyStatements.makeRoom(of: id, limit: limit, now: now, in: connection)
            try APIKeyStatements.insert(key, of: id, by: actor, now: now, in: connection)
            let added = try APIKeyStatements.find(key.id, of: id, in: connection)
            try AuditStatements.append(
                AuditAct(.apiKeyCreate, key.id.canonicalText, after: added?.auditFields), to: .tenant(id), by: actor,
                at: now, in: connection)
            return added
        }
    }

    /// Puts another key beside one, with its name, role and end, and has the one end at `expiresAt`, or earlier where it
    /// ends earlier already. Throws as ``addAPIKey(_:_:by:now:)`` does.
    public func rotateAPIKey(
        _ id: TenantID, keyID: UUID, as newID: UUID, mark: APIKeyMark, oldExpiresAt: Timestamp, by actor: Actor,
        now: Timestamp
    ) async throws -> APIKeyRotation {
        let limit = limits[.apiKeys]
        return try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard let old = try APIKeyStatements.find(keyID, of: id, in: connection) else { return .unknown }
            guard old.isValid(at: now), old.replacedBy == nil else { return .over }
            let end = min(old.expiresAt ?? oldExpiresAt, oldExpiresAt)
            try connection.run(
                "UPDATE api_keys SET expires_at = ?, replaced_by = ? WHERE tenant_id = ? AND id = ?",
                [.timestamp(end), .uuid(newID), .tenant(id), .uuid(keyID)])
            try APIKeyStatements.makeRoom(of: id, limit: limit, now: now, in: connection)
            let new = NewAPIKey(id: newID, name: old.name, role: old.role, mark: mark, expiresAt: old.expiresAt)
            try APIKeyStatements.insert(new, of: id, by: actor, now: now, in: connection)
            guard let added = try APIKeyStatements.find(newID, of: id, in: connection),
                let ending = try APIKeyStatements.find(keyID, of: id, in: connection)
            else { return .unknown }
            try AuditStatements.append(
                AuditAct(
                    .apiKeyRotate, keyID.canonicalText, before: old.auditFields, after: ending.auditFields),
                to: .tenant(id), by: actor, at: now, in: connection)
            return .rotated(new: added, old: ending)
        }
    }

    /// Deletes a key with the sessions that began with it. The last key of an owner that has no end stays.
    public func revokeAPIKey(
        _ id: TenantID, keyID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> APIKeyRevocation {
        try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard let key = try APIKeyStatements.find(keyID, of: id, in: connection) else { return .unknown }
            if key.role == .owner, key.isValid(at: now) {
                let other = try connection.first(
                    """
                    SELECT 1 FROM api_keys
                    WHERE tenant_id = ? AND role = 'owner' AND expires_at IS NULL AND id <> ? LIMIT 1
                    """, [.tenant(id), .uuid(keyID)])
                guard other != nil else { return .lastOwner }
            }
            try connection.run(
                """
                DELETE FROM sign_ins WHERE tenant_id = ? AND api_key_hash IN (
                    SELECT key_hash FROM api_keys WHERE tenant_id = ? AND id = ?)
                """, [.tenant(id), .tenant(id), .uuid(keyID)])
            try connection.run("DELETE FROM api_keys WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(keyID)])
            try AuditStatements.append(
                AuditAct(.apiKeyRevoke, keyID.canonicalText, before: key.auditFields), to: .tenant(id), by: actor,
                at: now, in: connection)
            return .revoked
        }
    }

    /// Gives one key another text; the old text stops working, and so do the sessions that began with it. False when the
    /// tenant is unknown.
    ///
    /// - Parameter current: the stored form of the key; nil takes the oldest valid key of an owner, and adds one where
    ///   the tenant has no such key.
    public func replaceAPIKey(
        _ id: TenantID, current: String?, mark: APIKeyMark, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard try APIKeyStatements.isThere(id, in: connection) else { return false }
            let old = try current ?? APIKeyStatements.oldest(of: id, atLeast: .owner, now: now, in: connection)
            if let old {
                let replaced = try connection.execute(
                    """
                    UPDATE api_keys SET key_hash = ?, key_prefix = ?, created_at = ?, created_by = ?,
                        last_used_at = NULL
                    WHERE tenant_id = ? AND key_hash = ?
                    """,
                    [
                        .text(mark.hash), .text(mark.prefix), .timestamp(now), .text("\(actor)"), .tenant(id),
                        .text(old),
                    ])
                try connection.run(
                    "DELETE FROM sign_ins WHERE tenant_id = ? AND api_key_hash = ?", [.tenant(id), .text(old)])
                // Somebody else has replaced or revoked the key that the call came with.
                guard replaced > 0 else { return false }
            } else {
                let key = NewAPIKey(id: UUID(), name: APIKeyStatements.firstName, role: .owner, mark: mark)
                try APIKeyStatements.insert(key, of: id, by: actor, now: now, in: connection)
            }
            func named(_ hash: String) -> AuditFields { ["api_key": .text("\(Actor.apiKey(storedHash: hash))")] }
            try AuditStatements.append(
                AuditAct(.apiKeyReplace, before: old.map(named), after: named(mark.hash)), to: .tenant(id), by: actor,
                at: now, in: connection)
            return true
        }
    }

    /// Notes when keys were last used; an earlier instant than the stored one changes nothing.
    public func noteAPIKeyUses(_ uses: [UUID: Timestamp]) async throws {
        try await driver.write { connection in
            try connection.runAll(
                "UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
                uses.sorted { $0.key.uuidString < $1.key.uuidString }
                    .map { [.timestamp($0.value), .uuid($0.key), .timestamp($0.value)] })
        }
    }
}

/// What several methods do with the table of keys.
enum APIKeyStatements {
    /// The name of the key that a tenant has from the start.
    static let firstName = "first key"
    /// How many keys that have ended are kept for the list.
    private static let mostEnded = 50

    /// What stands in the column of `tenants` that had the only key before there was a table of them.
    static func placeholder(of id: TenantID) -> String { "see api_keys: \(id)" }

    static func isThere(_ id: TenantID, in connection: any SQLConnection) throws -> Bool {
        try connection.first("SELECT 1 FROM tenants WHERE id = ? AND NOT is_deleted", [.tenant(id)]) != nil
    }

    static func insertFirst(of new: NewTenant, by actor: Actor, in connection: any SQLConnection) throws {
        let mark = APIKeyMark(hash: new.apiKeyHash, prefix: new.apiKeyPrefix)
        let key = NewAPIKey(id: UUID(), name: firstName, role: .owner, mark: mark)
        try insert(key, of: new.tenant.id, by: actor, now: new.tenant.createdAt, in: connection)
    }

    /// Of those that have ended, all but the last are removed.
    static func insert(
        _ key: NewAPIKey, of id: TenantID, by actor: Actor, now: Timestamp, in connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO api_keys (id, tenant_id, key_hash, key_prefix, name, role, created_at, created_by, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .uuid(key.id), .tenant(id), .text(key.mark.hash), .text(key.mark.prefix), .text(key.name),
                .text(key.role.rawValue), .timestamp(now), .text("\(actor)"), .timestamp(key.expiresAt),
            ])
        try connection.run(
            """
            DELETE FROM api_keys WHERE tenant_id = ? AND expires_at <= ? AND id NOT IN (
                SELECT id FROM api_keys WHERE tenant_id = ? AND expires_at <= ? ORDER BY expires_at DESC, id LIMIT ?)
            """, [.tenant(id), .timestamp(now), .tenant(id), .timestamp(now), .integer(mostEnded)])
    }

    static func find(_ keyID: UUID, of id: TenantID, in connection: any SQLConnection) throws -> TenantAPIKey? {
        try connection.selectFirst(
            APIKeyColumn.self, "FROM api_keys WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(keyID)]
        ).map { try $0.key }
    }

    /// The stored form of the oldest valid key that may do at least what a role may, those without an end first.
    static func oldest(
        of id: TenantID, atLeast role: Role, now: Timestamp, in connection: any SQLConnection
    ) throws -> String? {
        let roles = Role.ofTenants.filter { $0 >= role }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try connection.first(
            """
            SELECT key_hash FROM api_keys
            WHERE tenant_id = ? AND role IN (\(roles)) AND (expires_at IS NULL OR expires_at > ?)
            ORDER BY CASE WHEN expires_at IS NULL THEN 0 ELSE 1 END, created_at, id LIMIT 1
            """, [.tenant(id), .timestamp(now)])?.text()
    }

    static func makeRoom(
        of id: TenantID, limit: Int, now: Timestamp, in connection: any SQLConnection
    ) throws {
        try TenantLimitStatements.makeRoom(
            for: .apiKeys, among: ("api_keys", "(expires_at IS NULL OR expires_at > ?)"), of: id, limit: limit,
            [.timestamp(now)], in: connection)
    }
}

extension TenantAPIKey {
    /// What the audit log keeps of a key, by the names of the API. The actor is the one that its holder's acts are recorded under.
    fileprivate var auditFields: AuditFields {
        [
            "name": .text(name), "role": .text(role.rawValue), "expires_at": .instant(expiresAt),
            "replaced_by": .optional(replacedBy?.canonicalText), "actor": .text("\(Actor.apiKey(fingerprint))"),
        ]
    }
}

private enum APIKeyColumn: Int, SQLColumns {
    case id, name, role, keyPrefix, keyHash, createdAt, createdBy, expiresAt, lastUsedAt, replacedBy
    static let list = columnList()
}

extension SQLRecord<APIKeyColumn> {
    fileprivate var key: TenantAPIKey {
        get throws {
            TenantAPIKey(
                id: try uuid(.id), name: try text(.name), role: try choice(.role, of: Role.self),
                prefix: try optionalText(.keyPrefix), fingerprint: String(try text(.keyHash).prefix(12)),
                createdAt: try timestamp(.createdAt), createdBy: try text(.createdBy),
                expiresAt: try optionalTimestamp(.expiresAt), lastUsedAt: try optionalTimestamp(.lastUsedAt),
                replacedBy: try optionalUUID(.replacedBy))
        }
    }
}
