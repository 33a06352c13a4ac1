public import Domain

extension RiskStore {
    /// What is older is removed.
    private static let mostOfOperator = 100

    /// Adds a session or a link of the host's owner. Those that have ended are removed, and of more than 100 the oldest.
    public func addOperatorSignIn(_ signIn: OperatorSignIn, from origin: RequestOrigin?) async throws {
        try await driver.write { connection in
            try insert(signIn, in: connection)
            let act =
                signIn.kind == .session
                ? AuditAct(.sessionBegin)
                : AuditAct(.loginLinkCreate, after: ["ends_at": .instant(signIn.endsAt)])
            try AuditStatements.append(
                act, to: .host, by: .operator.from(origin), at: signIn.createdAt, in: connection)
        }
    }

    private func insert(_ signIn: OperatorSignIn, in connection: any SQLConnection) throws {
        try connection.run(
            "INSERT INTO operator_sign_ins (token_hash, kind, admin_mark, created_at, ends_at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(signIn.tokenHash), .text(signIn.kind.rawValue), .text(signIn.adminMark),
                .timestamp(signIn.createdAt), .timestamp(signIn.endsAt),
            ])
        try connection.run("DELETE FROM operator_sign_ins WHERE ends_at <= ?", [.timestamp(signIn.createdAt)])
        try connection.run(
            """
            DELETE FROM operator_sign_ins WHERE token_hash NOT IN (
                SELECT token_hash FROM operator_sign_ins ORDER BY created_at DESC, token_hash LIMIT ?)
            """, [.integer(Self.mostOfOperator)])
    }

    /// Whether a token is that of a session of the host's owner that has not ended, made with the present admin token.
    public func hasOperatorSession(tokenHash: String, adminMark: String, now: Timestamp) async throws -> Bool {
        try await driver.read { try find(tokenHash, .session, adminMark, now, in: $0) }
    }

    private func find(
        _ tokenHash: String, _ kind: SignIn.Kind, _ adminMark: String, _ now: Timestamp,
        in connection: any SQLConnection
    ) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM operator_sign_ins WHERE token_hash = ? AND kind = ? AND admin_mark = ? AND ends_at > ?",
            [.text(tokenHash), .text(kind.rawValue), .text(adminMark), .timestamp(now)]) != nil
    }

    /// Makes a link of the host's owner a session, once: false where there is no such link, or no more.
    public func redeemOperatorLink(
        linkHash: String, as session: String, until endsAt: Timestamp, adminMark: String, from origin: RequestOrigin?,
        now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try find(linkHash, .link, adminMark, now, in: connection) else { return false }
            // Another browser may have it at the same instant.
            let isOurs =
                try connection.execute("DELETE FROM operator_sign_ins WHERE token_hash = ?", [.text(linkHash)]) > 0
            guard isOurs else { return false }
            try insert(
                OperatorSignIn(
                    tokenHash: session, kind: .session, adminMark: adminMark, createdAt: now, endsAt: endsAt),
                in: connection)
            try AuditStatements.append(
                AuditAct(.sessionBegin, after: ["by": "link"]), to: .host, by: .operator.from(origin), at: now,
                in: connection)
            return true
        }
    }
}
