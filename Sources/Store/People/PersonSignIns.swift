public import Domain
import Foundation

extension RiskStore {
    /// Sessions of one person that are kept; of more the oldest end.
    private static let mostSessions = 50

    /// Notes a sign-in: the person, the memberships that follow from the provider's claims, and where one is to begin, the
    /// session. It shows the person's tenant where there is one, and waits for a choice where there are several.
    ///
    /// Nil, without a session, for a person who has neither a tenant nor an invitation, unless strangers are admitted; of
    /// one who was never here before nothing is stored then.
    public func signIn(
        _ signIn: PersonSignIn, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> KnownPerson? {
        try await driver.write { connection in
            let known = try UserStatements.find(signIn.identity, in: connection)
            let isInvited =
                try signIn.identity.verifiedEmail.map {
                    try !InvitationStatements.waiting(for: $0, now: now, in: connection).isEmpty
                } ?? false
            let mayStay = isInvited || signIn.admitsStrangers
            guard known != nil || !signIn.grants.isEmpty || mayStay,
                let user = try UserStatements.save(signIn.identity, now: now, in: connection)
            else { return nil }
            let actor = Actor.user(user.id).from(origin)
            try MembershipStatements.follow(signIn, of: user.id, by: actor, now: now, in: connection)
            let memberships = try MembershipStatements.tenants(of: user.id, source: signIn.source, in: connection)
            guard !memberships.isEmpty || mayStay else { return nil }
            if let session = signIn.session {
                let shown = memberships.count == 1 ? memberships.first?.tenant.id : nil
                try Self.begin(session, of: user.id, by: signIn.source, shows: shown, now: now, in: connection)
                try AuditStatements.append(
                    AuditAct(.sessionBegin, after: ["by": .text(signIn.source)]),
                    to: shown.map { .tenant($0) } ?? .host, by: actor, at: now, in: connection)
            }
            return KnownPerson(user: user, memberships: memberships)
        }
    }

    private static func begin(
        _ session: PersonSignIn.Session, of userID: UserID, by source: String, shows id: TenantID?, now: Timestamp,
        in connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO sign_ins (token_hash, kind, tenant_id, user_id, source, created_at, ends_at)
            VALUES (?, 'session', ?, ?, ?, ?, ?)
            """,
            [
                .text(session.tokenHash), id.map { .tenant($0) } ?? .null, .user(userID), .text(source),
                .timestamp(now), .timestamp(session.endsAt),
            ])
        try connection.run(
            "DELETE FROM sign_ins WHERE user_id = ? AND ends_at <= ?", [.user(userID), .timestamp(now)])
        try connection.run(
            """
            DELETE FROM sign_ins WHERE user_id = ? AND token_hash NOT IN (
                SELECT token_hash FROM sign_ins WHERE user_id = ? ORDER BY created_at DESC, token_hash LIMIT ?)
            """, [.user(userID), .user(userID), .integer(mostSessions)])
    }

    /// The person of a session, with the tenant that it shows and the role there now; nil where the session has ended.
    public func signedInPerson(tokenHash: String, now: Timestamp) async throws -> SignedInPerson? {
        try await driver.read { connection in
            let row = try connection.first(
                """
                SELECT i.source, i.tenant_id, m.role, m.source, \(UserColumn.list)
                FROM sign_ins AS i JOIN users AS u ON u.id = i.user_id
                LEFT JOIN memberships AS m ON m.tenant_id = i.tenant_id AND m.user_id = i.user_id
                    AND (m.source IS NULL OR m.source = i.source)
                WHERE i.token_hash = ? AND i.kind = 'session' AND i.ends_at > ?
                """, [.text(tokenHash), .timestamp(now)])
            guard let row else { return nil }
            var person = SignedInPerson(
                user: try SQLRecord<UserColumn>(row, start: 4).user, source: try row.text(0), membership: nil)
            if try row.optionalText(2) != nil,
                let tenant = try TenantStatements.tenant(try row.tenantID(1), in: connection)
            {
                person.membership = TenantMembership(
                    tenant: tenant, role: try row.choice(2, of: Role.self), source: try row.optionalText(3))
            }
            return person
        }
    }

    /// The tenants of a person, as somebody who came by `source` may see them; nil for a person who is not known.
    ///
    /// - Parameter source: a provider; nil for what owners gave alone.
    public func knownPerson(issuer: String, subject: String, source: String?) async throws -> KnownPerson? {
        try await driver.read { connection in
            let identity = PersonIdentity(issuer: issuer, subject: subject)
            guard let user = try UserStatements.find(identity, in: connection) else { return nil }
            return KnownPerson(
                user: user,
                memberships: try MembershipStatements.tenants(of: user.id, source: source, in: connection))
        }
    }

    /// As ``knownPerson(issuer:subject:source:)``, by the id.
    public func knownPerson(_ id: UserID, source: String?) async throws -> KnownPerson? {
        try await driver.read { connection in
            guard let user = try UserStatements.find(id, in: connection) else { return nil }
            return KnownPerson(
                user: user, memberships: try MembershipStatements.tenants(of: id, source: source, in: connection))
        }
    }

    /// Has a session show another tenant of its person; false where the person does not belong to it.
    public func chooseTenant(
        _ id: TenantID, tokenHash: String, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard let session = try UserStatements.ofSession(tokenHash, now: now, in: connection),
                try MembershipStatements.tenants(of: session.userID, source: session.source, in: connection)
                    .contains(where: { $0.tenant.id == id })
            else { return false }
            try Self.show(id, in: tokenHash, of: session.userID, connection)
            try AuditStatements.append(
                AuditAct(.sessionSwitch), to: .tenant(id), by: Actor.user(session.userID).from(origin), at: now,
                in: connection)
            return true
        }
    }

    static func show(
        _ id: TenantID, in tokenHash: String, of userID: UserID, _ connection: any SQLConnection
    ) throws {
        try connection.run(
            "UPDATE sign_ins SET tenant_id = ? WHERE token_hash = ?", [.tenant(id), .text(tokenHash)])
        try connection.run("UPDATE users SET tenant_id = ? WHERE id = ?", [.tenant(id), .user(userID)])
    }

    /// The sessions of a person that have not ended, the newest first.
    public func personSessions(_ id: UserID, now: Timestamp) async throws -> [PersonSession] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT i.token_hash, t.company_name, i.source, i.created_at, i.ends_at
                FROM sign_ins AS i LEFT JOIN tenants AS t ON t.id = i.tenant_id
                WHERE i.user_id = ? AND i.ends_at > ? ORDER BY i.created_at DESC, i.token_hash
                """, [.user(id), .timestamp(now)]
            ).map { row in
                PersonSession(
                    tokenHash: try row.text(0), companyName: try row.optionalText(1), source: try row.text(2),
                    createdAt: try row.timestamp(3), endsAt: try row.timestamp(4))
            }
        }
    }

    /// Ends sessions of a person, whichever tenants they show; how many there were.
    public func endPersonSessions(
        _ id: UserID, _ tokenHashes: [String], from origin: RequestOrigin?
    ) async throws -> Int {
        let now = now()
        return try await driver.write { connection in
            let ended = try tokenHashes.reduce(0) {
                try $0
                    + connection.execute(
                        "DELETE FROM sign_ins WHERE user_id = ? AND token_hash = ?", [.user(id), .text($1)])
            }
            guard ended > 0 else { return 0 }
            try AuditStatements.append(
                AuditAct(.sessionEnd, after: ["sessions": .count(ended)]), to: .host, by: Actor.user(id).from(origin),
                at: now, in: connection)
            return ended
        }
    }
}
