public import Domain
import Foundation

extension RiskStore {
    /// The people of a tenant, owners first and then by how long they belong to it.
    public func members(_ id: TenantID) async throws -> [Member] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT \(MemberColumn.list), \(UserColumn.list)
                FROM memberships AS m JOIN users AS u ON u.id = m.user_id
                WHERE m.tenant_id = ?
                ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'manager' THEN 1 ELSE 2 END, m.created_at, m.user_id
                """, [.tenant(id)]
            ).map { try SQLRecord<MemberColumn>($0).member }
        }
    }

    /// One of them; nil for a person who does not belong to the tenant.
    public func member(_ userID: UserID, of id: TenantID) async throws -> Member? {
        try await driver.read { try Self.member(userID, of: id, in: $0) }
    }

    private static func member(
        _ userID: UserID, of id: TenantID, in connection: any SQLConnection
    ) throws -> Member? {
        try connection.first(
            """
            SELECT \(MemberColumn.list), \(UserColumn.list)
            FROM memberships AS m JOIN users AS u ON u.id = m.user_id
            WHERE m.tenant_id = ? AND m.user_id = ?
            """, [.tenant(id), .user(userID)]
        ).map { try SQLRecord<MemberColumn>($0).member }
    }

    /// Gives a member another role. Where it falls, the person's sessions in the tenant end. The last owner stays one.
    public func setMemberRole(
        _ id: TenantID, userID: UserID, _ role: Role, by actor: Actor, now: Timestamp
    ) async throws -> MemberChange {
        try await driver.write { connection in
            // Of two owners who demote each other the second sees what the first has done.
            try TenantLimitStatements.lock(id, in: connection)
            guard let old = try MembershipStatements.find(userID, of: id, in: connection) else { return .unknown }
            guard old.source == nil else { return .fromClaim }
            if old.role == .owner, role != .owner,
                try !MembershipStatements.hasOtherOwner(than: userID, in: id, connection)
            {
                return .lastOwner
            }
            try MembershipStatements.save(
                .init(role: role, source: nil), of: userID, in: id, by: actor, now: now, connection)
            return try Self.member(userID, of: id, in: connection).map(MemberChange.changed) ?? .unknown
        }
    }

    /// Ends a membership, with the person's sessions in the tenant. The last owner stays.
    public func removeMember(
        _ id: TenantID, userID: UserID, by actor: Actor, now: Timestamp
    ) async throws -> MemberRemoval {
        try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            guard let old = try MembershipStatements.find(userID, of: id, in: connection) else { return .unknown }
            if old.role == .owner, try !MembershipStatements.hasOtherOwner(than: userID, in: id, connection) {
                return .lastOwner
            }
            try MembershipStatements.end(userID, of: id, by: actor, now: now, in: connection)
            return .removed
        }
    }
}

private enum MemberColumn: Int, SQLColumns {
    case role, source, createdAt, createdBy
    static let list = columnList()

    var sql: String { "m.\(columnName)" }
}

extension SQLRecord<MemberColumn> {
    fileprivate var member: Member {
        get throws {
            Member(
                user: try following(UserColumn.self).user, role: try choice(.role, of: Role.self),
                source: try optionalText(.source), createdAt: try timestamp(.createdAt),
                createdBy: try text(.createdBy))
        }
    }
}
