public import Domain

extension RiskStore {
    /// Of a tenant; what is older is removed.
    private static let most = 500

    /// Adds a session or a link. Those of the tenant that have ended are removed, and of more than 500 the oldest.
    public func addSignIn(_ signIn: SignIn) async throws {
        try await driver.write { try insert(signIn, in: $0) }
    }

    /// Adds a link that signs in once, with the tenant's present API key; false when the tenant is unknown.
    public func addSignInLink(
        _ id: TenantID, tokenHash: String, until endsAt: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let key = try connection.first(
                "SELECT api_key_hash FROM tenants WHERE id = ? AND NOT is_deleted", [.tenant(id)])
            guard let key else { return false }
            let link = SignIn(
                tokenHash: tokenHash, kind: .link, tenantID: id, apiKeyHash: try key.text(), createdAt: now,
                endsAt: endsAt)
            try insert(link, in: connection)
            return true
        }
    }

    private func insert(_ signIn: SignIn, in connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO sign_ins (token_hash, kind, tenant_id, api_key_hash, created_at, ends_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(signIn.tokenHash), .text(signIn.kind.rawValue), .tenant(signIn.tenantID),
                .text(signIn.apiKeyHash), .timestamp(signIn.createdAt), .timestamp(signIn.endsAt),
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

    /// The session of a token; nil where it has ended, or the API key that it was made with is no longer the tenant's.
    public func session(tokenHash: String, now: Timestamp) async throws -> SignIn? {
        try await driver.read { try find(tokenHash, .session, now, in: $0) }
    }

    private func find(
        _ tokenHash: String, _ kind: SignIn.Kind, _ now: Timestamp, in connection: any SQLConnection
    ) throws -> SignIn? {
        try connection.selectFirst(
            SignInColumn.self,
            """
            FROM sign_ins AS s JOIN tenants AS t ON t.id = s.tenant_id AND t.api_key_hash = s.api_key_hash
            WHERE s.token_hash = ? AND s.kind = ? AND s.ends_at > ? AND NOT t.is_deleted
            """, [.text(tokenHash), .text(kind.rawValue), .timestamp(now)]
        ).map { row in
            SignIn(
                tokenHash: tokenHash, kind: kind, tenantID: try row.tenantID(.tenantID),
                apiKeyHash: try row.text(.apiKeyHash), createdAt: try row.timestamp(.createdAt),
                endsAt: try row.timestamp(.endsAt))
        }
    }

    /// Makes a link a session, once: false where there is no such link, or no more.
    public func redeem(
        linkHash: String, as session: String, until endsAt: Timestamp, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard let link = try find(linkHash, .link, now, in: connection) else { return false }
            // Another browser may have it at the same instant.
            let isOurs = try connection.execute("DELETE FROM sign_ins WHERE token_hash = ?", [.text(linkHash)]) > 0
            guard isOurs else { return false }
            let signIn = SignIn(
                tokenHash: session, kind: .session, tenantID: link.tenantID, apiKeyHash: link.apiKeyHash,
                createdAt: now, endsAt: endsAt)
            try insert(signIn, in: connection)
            return true
        }
    }

    /// Ends a session; one that does not exist has ended already.
    public func endSession(tokenHash: String) async throws {
        try await driver.write {
            try $0.run("DELETE FROM sign_ins WHERE token_hash = ? AND kind = 'session'", [.text(tokenHash)])
        }
    }
}

private enum SignInColumn: Int, SQLColumns {
    case tenantID, apiKeyHash, createdAt, endsAt
    static let list = columnList()

    var sql: String { "s.\(columnName)" }
}
