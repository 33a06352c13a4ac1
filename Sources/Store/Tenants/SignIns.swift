public import Domain

extension RiskStore {
    /// Of a tenant; what is older is removed.
    private static let most = 500

    /// Adds a session or a link. Those of the tenant that have ended are removed, and of more than 500 the oldest.
    public func addSignIn(_ signIn: SignIn, from origin: RequestOrigin?) async throws {
        try await driver.write { connection in
            try insert(signIn, in: connection)
            try AuditStatements.append(
                AuditAct(signIn.kind == .session ? .sessionBegin : .loginLinkCreate), to: .tenant(signIn.tenantID),
                by: signIn.actor.from(origin), at: signIn.createdAt, in: connection)
        }
    }

    /// Adds a link that signs in once, and lasts as long as an API key; false when the tenant has no such key that is valid.
    ///
    /// - Parameters:
    ///   - apiKeyHash: the stored form of the key; nil takes the oldest that may do what the role may.
    ///   - role: what who signs in may do, at most what the key may.
    public func addSignInLink(
        _ id: TenantID, tokenHash: String, apiKeyHash: String?, role: Role, until endsAt: Timestamp, by actor: Actor,
        now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try APIKeyStatements.isThere(id, in: connection) else { return false }
            let key = try apiKeyHash ?? APIKeyStatements.oldest(of: id, atLeast: role, now: now, in: connection)
            guard let key else { return false }
            let link = SignIn(
                tokenHash: tokenHash, kind: .link, tenantID: id, apiKeyHash: key, role: role, createdAt: now,
                endsAt: endsAt)
            try insert(link, in: connection)
            try AuditStatements.append(
                AuditAct(.loginLinkCreate, after: ["ends_at": .instant(endsAt)]), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }

    private func insert(_ signIn: SignIn, in connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO sign_ins (token_hash, kind, tenant_id, api_key_hash, role, created_at, ends_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(signIn.tokenHash), .text(signIn.kind.rawValue), .tenant(signIn.tenantID),
                .text(signIn.apiKeyHash), .text(signIn.role?.rawValue), .timestamp(signIn.createdAt),
                .timestamp(signIn.endsAt),
            ])
        try connection.run(
            "DELETE FROM sign_ins WHERE tenant_id = ? AND ends_at <= ?",
            [.tenant(signIn.tenantID), .timestamp(signIn.createdAt)])
        try connection.run(
            """
            DELETE FROM sign_ins WHERE tenant_id = ? AND token_hash NOT IN (
                SELECT token_hash FROM sign_ins WHERE tenant_id = ? ORDER BY created_at DESC, token_hash LIMIT ?)
            """, [.tenant(signIn.tenantID), .tenant(signIn.tenantID), .integer(Self.most)])
    }

    /// The session of a token and its tenant, in one query; nil where ``session(tokenHash:now:)`` is.
    public func signedIn(tokenHash: String, now: Timestamp) async throws -> SignedIn? {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT s.key_of_session, s.role_of_session, s.began_at, s.session_ends_at, s.role_of_key,
                    \(TenantColumn.list)
                FROM tenants JOIN (
                    SELECT i.tenant_id AS tenant_of_session, i.api_key_hash AS key_of_session,
                        i.role AS role_of_session, i.created_at AS began_at, i.ends_at AS session_ends_at,
                        k.role AS role_of_key
                    FROM sign_ins AS i JOIN api_keys AS k ON \(Self.isOfKey("i"))
                    WHERE i.token_hash = ? AND i.kind = 'session' AND i.ends_at > ?
                        AND (k.expires_at IS NULL OR k.expires_at > ?)
                ) AS s ON tenants.id = s.tenant_of_session
                WHERE NOT is_deleted
                """, [.text(tokenHash), .timestamp(now), .timestamp(now)]
            ).first.map { row in
                let tenant = try SQLRecord<TenantColumn>(row, start: 5).tenant
                let (own, ofKey) = (try row.optionalText(1).map(Self.role), try row.choice(4, of: Role.self))
                let session = SignIn(
                    tokenHash: tokenHash, kind: .session, tenantID: tenant.id, apiKeyHash: try row.text(0), role: own,
                    createdAt: try row.timestamp(2), endsAt: try row.timestamp(3))
                return SignedIn(session: session, role: min(own ?? ofKey, ofKey), tenant: tenant)
            }
        }
    }

    private static func isOfKey(_ signIn: String) -> String {
        "k.key_hash = \(signIn).api_key_hash AND k.tenant_id = \(signIn).tenant_id"
    }

    /// What is unknown here may only look.
    private static func role(_ text: String) -> Role { Role(rawValue: text) ?? .viewer }

    /// The session of a token; nil where it has ended, or the API key that it was made with has.
    public func session(tokenHash: String, now: Timestamp) async throws -> SignIn? {
        try await driver.read { try find(tokenHash, .session, now, in: $0) }
    }

    private func find(
        _ tokenHash: String, _ kind: SignIn.Kind, _ now: Timestamp, in connection: any SQLConnection
    ) throws -> SignIn? {
        try connection.selectFirst(
            SignInColumn.self,
            """
            FROM sign_ins AS s JOIN tenants AS t ON t.id = s.tenant_id
            JOIN api_keys AS k ON \(Self.isOfKey("s")) AND (k.expires_at IS NULL OR k.expires_at > ?)
            WHERE s.token_hash = ? AND s.kind = ? AND s.ends_at > ? AND NOT t.is_deleted
            """, [.timestamp(now), .text(tokenHash), .text(kind.rawValue), .timestamp(now)]
        ).map { row in
            SignIn(
                tokenHash: tokenHash, kind: kind, tenantID: try row.tenantID(.tenantID),
                apiKeyHash: try row.text(.apiKeyHash), role: try row.optionalText(.role).map(Self.role),
                createdAt: try row.timestamp(.createdAt), endsAt: try row.timestamp(.endsAt))
        }
    }

    /// Makes a link a session, once: false where there is no such link, or no more.
    public func redeem(
        linkHash: String, as session: String, until endsAt: Timestamp, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard let link = try find(linkHash, .link, now, in: connection) else { return false }
            // Another browser may have it at the same instant.
            let isOurs = try connection.execute("DELETE FROM sign_ins WHERE token_hash = ?", [.text(linkHash)]) > 0
            guard isOurs else { return false }
            let signIn = SignIn(
                tokenHash: session, kind: .session, tenantID: link.tenantID, apiKeyHash: link.apiKeyHash,
                role: link.role, createdAt: now, endsAt: endsAt)
            try insert(signIn, in: connection)
            try AuditStatements.append(
                AuditAct(.sessionBegin, after: ["by": "link"]), to: .tenant(link.tenantID),
                by: signIn.actor.from(origin), at: now, in: connection)
            return true
        }
    }

    /// Ends a session, of a tenant, a person or the host's owner; one that does not exist has ended already.
    public func endSession(tokenHash: String, from origin: RequestOrigin?) async throws {
        let now = now()
        try await driver.write { connection in
            let session = try connection.selectFirst(
                HolderColumn.self, "FROM sign_ins WHERE token_hash = ? AND kind = 'session'", [.text(tokenHash)])
            func deleted(from table: String) throws -> Bool {
                try connection.execute(
                    "DELETE FROM \(table) WHERE token_hash = ? AND kind = 'session'", [.text(tokenHash)]) > 0
            }
            if let session, try deleted(from: "sign_ins") {
                // That of a person may show no tenant yet.
                let chain = try session.optionalUUID(.tenantID).map { AuditChain.tenant(TenantID($0)) } ?? .host
                let actor = try session.optionalUUID(.userID).map { Actor.user(UserID($0)) }
                try AuditStatements.append(
                    AuditAct(.sessionEnd), to: chain,
                    by: (actor ?? .apiKey(storedHash: try session.optionalText(.apiKeyHash) ?? "")).from(origin),
                    at: now, in: connection)
            } else if try deleted(from: "operator_sign_ins") {
                try AuditStatements.append(
                    AuditAct(.sessionEnd), to: .host, by: .operator.from(origin), at: now, in: connection)
            }
        }
    }
}

extension SignIn {
    /// Whose it is.
    fileprivate var actor: Actor { .apiKey(storedHash: apiKeyHash) }
}

/// Whose a session is.
private enum HolderColumn: Int, SQLColumns {
    case tenantID, apiKeyHash, userID
    static let list = columnList()
}

private enum SignInColumn: Int, SQLColumns {
    case tenantID, apiKeyHash, role, createdAt, endsAt
    static let list = columnList()

    var sql: String { "s.\(columnName)" }
}
