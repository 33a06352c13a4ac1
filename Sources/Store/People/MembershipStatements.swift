import Domain
import Foundation

/// The statements on memberships that several transactions share. Each change leaves its row of the audit log.
enum MembershipStatements {
    struct Stored: Sendable {
        var role: Role
        var source: String?

        var auditFields: AuditFields { ["role": .text(role.rawValue), "source": .optional(source)] }
    }

    private enum Column: Int, SQLColumns {
        case tenantID, role, source
        static let list = columnList()
    }

    static func find(_ userID: UserID, of id: TenantID, in connection: any SQLConnection) throws -> Stored? {
        try connection.selectFirst(
            Column.self, "FROM memberships WHERE tenant_id = ? AND user_id = ?", [.tenant(id), .user(userID)]
        ).map { Stored(role: try $0.choice(.role, of: Role.self), source: try $0.optionalText(.source)) }
    }

    /// The tenants of a person that somebody who came by `source` may see, by the names of their companies.
    ///
    /// - Parameter source: a provider; nil for what owners gave alone.
    static func tenants(
        of userID: UserID, source: String?, in connection: any SQLConnection
    ) throws -> [TenantMembership] {
        try connection.query(
            """
            SELECT m.member_role, m.member_source, \(TenantColumn.list) FROM tenants JOIN (
                SELECT tenant_id AS tenant_of_member, role AS member_role, source AS member_source FROM memberships
                WHERE user_id = ? AND (source IS NULL OR source = ?)
            ) AS m ON tenants.id = m.tenant_of_member
            WHERE NOT is_deleted ORDER BY company_name, id
            """, [.user(userID), .text(source ?? "")]
        ).map { row in
            TenantMembership(
                tenant: try SQLRecord<TenantColumn>(row, start: 2).tenant, role: try row.choice(0, of: Role.self),
                source: try row.optionalText(1))
        }
    }

    /// Makes the memberships follow the claims of a provider: what it grants is made or changed, and what came from it and is
    /// granted no more ends.
    static func follow(
        _ signIn: PersonSignIn, of userID: UserID, by actor: Actor, now: Timestamp, in connection: any SQLConnection
    ) throws {
        let given = try connection.select(
            Column.self, "FROM memberships WHERE user_id = ? AND source = ?", [.user(userID), .text(signIn.source)]
        ).map { try $0.tenantID(.tenantID) }.filter { signIn.covered?.contains($0) ?? true }
        // In one order, so that two sign-ins do not wait for each other.
        for id in Set(given).union(signIn.grants.keys).sorted() {
            if let role = signIn.grants[id] {
                guard try APIKeyStatements.isThere(id, in: connection) else { continue }
                // One that an owner gave keeps that, and has the claim's role.
                let old = try find(userID, of: id, in: connection)
                let isGiven = old.map { $0.source == nil } ?? false
                try save(
                    Stored(role: role, source: isGiven ? nil : signIn.source), of: userID, in: id, by: actor, now: now,
                    connection)
            } else {
                try end(userID, of: id, by: actor, now: now, in: connection)
            }
        }
    }

    /// Adds a membership, or changes it. Where the role falls, the person's sessions there end.
    static func save(
        _ new: Stored, of userID: UserID, in id: TenantID, by actor: Actor, now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let old = try find(userID, of: id, in: connection)
        guard old?.role != new.role || old?.source != new.source else { return }
        try connection.run(
            """
            INSERT INTO memberships (tenant_id, user_id, role, source, created_at, created_by, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET
                role = excluded.role, source = excluded.source, updated_at = excluded.updated_at
            """,
            [
                .tenant(id), .user(userID), .text(new.role.rawValue), .text(new.source), .timestamp(now),
                .text("\(actor)"), .timestamp(now),
            ])
        if let old, new.role < old.role { try endSessions(of: userID, in: id, connection) }
        try chooseOwner(of: id, in: connection)
        try AuditStatements.append(
            AuditAct(
                old == nil ? .membershipCreate : .membershipChange, "\(userID)", before: old?.auditFields,
                after: new.auditFields),
            to: .tenant(id), by: actor, at: now, in: connection)
    }

    /// Ends a membership with the sessions that show the tenant.
    static func end(
        _ userID: UserID, of id: TenantID, by actor: Actor, now: Timestamp, in connection: any SQLConnection
    ) throws {
        guard let old = try find(userID, of: id, in: connection) else { return }
        try connection.run(
            "DELETE FROM memberships WHERE tenant_id = ? AND user_id = ?", [.tenant(id), .user(userID)])
        try connection.run(
            "UPDATE users SET tenant_id = NULL WHERE id = ? AND tenant_id = ?", [.user(userID), .tenant(id)])
        try endSessions(of: userID, in: id, connection)
        try chooseOwner(of: id, in: connection)
        try AuditStatements.append(
            AuditAct(.membershipEnd, "\(userID)", before: old.auditFields), to: .tenant(id), by: actor, at: now,
            in: connection)
    }

    static func hasOtherOwner(
        than userID: UserID, in id: TenantID, _ connection: any SQLConnection
    ) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM memberships WHERE tenant_id = ? AND role = 'owner' AND user_id <> ? LIMIT 1",
            [.tenant(id), .user(userID)]) != nil
    }

    private static func endSessions(
        of userID: UserID, in id: TenantID, _ connection: any SQLConnection
    ) throws {
        try connection.run(
            "DELETE FROM sign_ins WHERE user_id = ? AND tenant_id = ?", [.user(userID), .tenant(id)])
    }

    /// `owner_user_id` of a tenant is an owner: the one that it names as long as that is one, else the oldest.
    private static func chooseOwner(of id: TenantID, in connection: any SQLConnection) throws {
        try connection.run(
            """
            UPDATE tenants SET owner_user_id = (
                SELECT user_id FROM memberships AS m WHERE m.tenant_id = tenants.id AND m.role = 'owner'
                ORDER BY m.created_at, m.user_id LIMIT 1)
            WHERE id = ? AND NOT EXISTS (
                SELECT 1 FROM memberships AS m
                WHERE m.tenant_id = tenants.id AND m.user_id = tenants.owner_user_id AND m.role = 'owner')
            """, [.tenant(id)])
    }
}
