public import Domain
public import Foundation

extension RiskStore {
    /// The invitations of a tenant that wait to be accepted, the newest first; those that have ended are not among them.
    public func invitations(_ id: TenantID, now: Timestamp) async throws -> [Invitation] {
        try await driver.read { connection in
            try connection.select(
                InvitationColumn.self,
                "FROM invitations AS i WHERE i.tenant_id = ? AND \(InvitationStatements.waits) "
                    + "ORDER BY i.created_at DESC, i.id",
                [.tenant(id), .timestamp(now)]
            ).map { try $0.invitation }
        }
    }

    /// Adds an invitation, in place of one that waits for the same address; nil when the tenant is unknown. Throws
    /// `StorageError(.limitReached)` where as many wait as the tenant may have.
    public func addInvitation(
        _ id: TenantID, _ new: NewInvitation, by actor: Actor, now: Timestamp
    ) async throws -> Invitation? {
        let limit = limits[.invitations]
        return try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard try APIKeyStatements.isThere(id, in: connection) else { return nil }
            try connection.run(
                "DELETE FROM invitations WHERE tenant_id = ? AND email = ? AND accepted_at IS NULL",
                [.tenant(id), .text(new.email)])
            try TenantLimitStatements.makeRoom(
                for: .invitations, among: ("invitations", "accepted_at IS NULL AND expires_at > ?"), of: id,
                limit: limit, [.timestamp(now)], in: connection)
            try connection.run(
                """
                INSERT INTO invitations (id, tenant_id, email, role, token_hash, created_at, created_by, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .uuid(new.id), .tenant(id), .text(new.email), .text(new.role.rawValue), .text(new.tokenHash),
                    .timestamp(now), .text("\(actor)"), .timestamp(new.expiresAt),
                ])
            let added = Invitation(
                id: new.id, tenantID: id, email: new.email, role: new.role, createdAt: now, createdBy: "\(actor)",
                expiresAt: new.expiresAt)
            try AuditStatements.append(
                AuditAct(.invitationCreate, new.id.canonicalText, after: added.auditFields), to: .tenant(id),
                by: actor, at: now, in: connection)
            return added
        }
    }

    /// Withdraws an invitation; false where the tenant has no such one that waits.
    public func withdrawInvitation(
        _ id: TenantID, invitationID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let found = try connection.selectFirst(
                InvitationColumn.self,
                "FROM invitations AS i WHERE i.tenant_id = ? AND i.id = ? AND \(InvitationStatements.waits)",
                [.tenant(id), .uuid(invitationID), .timestamp(now)])
            guard let invitation = try found?.invitation else { return false }
            // Somebody may accept it at the same instant.
            let removed = try connection.execute(
                "DELETE FROM invitations WHERE id = ? AND accepted_at IS NULL", [.uuid(invitationID)])
            guard removed > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.invitationWithdraw, invitationID.canonicalText, before: invitation.auditFields),
                to: .tenant(id), by: actor, at: now, in: connection)
            return true
        }
    }

    /// The invitations that wait for an address, by the names of the companies.
    ///
    /// - Parameter email: in small letters; the caller knows it to be the person's.
    public func waitingInvitations(for email: String, now: Timestamp) async throws -> [WaitingInvitation] {
        try await driver.read { try InvitationStatements.waiting(for: email, now: now, in: $0) }
    }

    /// The invitation of a link; nil where it opens nothing any more.
    public func waitingInvitation(tokenHash: String, now: Timestamp) async throws -> WaitingInvitation? {
        try await driver.read { try InvitationStatements.find(.link(tokenHash), now: now, in: $0) }
    }

    /// Makes the person of a session a member by an invitation, once, and has the session show the tenant.
    ///
    /// By a link it may be an account whose provider verifies no address; a verified one must be the invitation's.
    public func acceptInvitation(
        _ key: InvitationKey, sessionHash: String, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> InvitationAcceptance {
        try await driver.write { connection in
            guard let session = try UserStatements.ofSession(sessionHash, now: now, in: connection),
                let user = try UserStatements.find(session.userID, in: connection),
                let found = try InvitationStatements.find(key, now: now, in: connection)
            else { return .unknown }
            let invitation = found.invitation
            switch (key, user.identity.verifiedEmail) {
            case (.link, nil): break
            // To others it does not exist.
            case (.address, let email): guard email == invitation.email else { return .unknown }
            case (.link, let email?): guard email == invitation.email else { return .otherAddress }
            }
            let isOurs = try connection.execute(
                "UPDATE invitations SET accepted_at = ?, accepted_by = ? WHERE id = ? AND accepted_at IS NULL",
                [.timestamp(now), .user(user.id), .uuid(invitation.id)])
            guard isOurs > 0 else { return .unknown }
            let (id, actor) = (invitation.tenantID, Actor.user(user.id).from(origin))
            let role = try MembershipStatements.find(user.id, of: id, in: connection).map(\.role) ?? .viewer
            try Self.show(id, in: sessionHash, of: user.id, connection)
            try MembershipStatements.save(
                .init(role: max(role, invitation.role), source: nil), of: user.id, in: id, by: actor, now: now,
                connection)
            try AuditStatements.append(
                AuditAct(.invitationAccept, invitation.id.canonicalText, after: ["user": .text("\(user.id)")]),
                to: .tenant(id), by: actor, at: now, in: connection)
            return .accepted(id)
        }
    }
}

/// The statements on invitations that several transactions share.
enum InvitationStatements {
    /// A condition on `i`, with the present instant.
    static let waits = "i.accepted_at IS NULL AND i.expires_at > ?"

    static func waiting(
        for email: String, now: Timestamp, in connection: any SQLConnection
    ) throws -> [WaitingInvitation] {
        try select("i.email = ?", .text(email), now: now, in: connection)
    }

    static func find(
        _ key: InvitationKey, now: Timestamp, in connection: any SQLConnection
    ) throws -> WaitingInvitation? {
        switch key {
        case .link(let hash): try select("i.token_hash = ?", .text(hash), now: now, in: connection).first
        case .address(let id): try select("i.id = ?", .uuid(id), now: now, in: connection).first
        }
    }

    private static func select(
        _ condition: String, _ value: SQLValue, now: Timestamp, in connection: any SQLConnection
    ) throws -> [WaitingInvitation] {
        try connection.query(
            """
            SELECT t.company_name, \(InvitationColumn.list) FROM invitations AS i JOIN tenants AS t ON t.id = i.tenant_id
            WHERE \(condition) AND \(waits) AND NOT t.is_deleted ORDER BY t.company_name, i.created_at, i.id
            """, [value, .timestamp(now)]
        ).map { row in
            WaitingInvitation(
                invitation: try SQLRecord<InvitationColumn>(row, start: 1).invitation, companyName: try row.text(0))
        }
    }
}

extension Invitation {
    /// What the audit log keeps of an invitation: the address is not part of it.
    fileprivate var auditFields: AuditFields {
        ["role": .text(role.rawValue), "expires_at": .instant(expiresAt)]
    }
}

private enum InvitationColumn: Int, SQLColumns {
    case id, tenantID, email, role, createdAt, createdBy, expiresAt
    static let list = columnList()

    var sql: String { "i.\(columnName)" }
}

extension SQLRecord<InvitationColumn> {
    fileprivate var invitation: Invitation {
        get throws {
            Invitation(
                id: try uuid(.id), tenantID: try tenantID(.tenantID), email: try text(.email),
                role: try choice(.role, of: Role.self), createdAt: try timestamp(.createdAt),
                createdBy: try text(.createdBy), expiresAt: try timestamp(.expiresAt))
        }
    }
}
