public import Domain
import Foundation

extension RiskStore {
    /// What the mails of some tenants are decided by, in the order of their ids behind `after`: those on trial or with an active
    /// subscription. Fewer than `limit` are the last.
    ///
    /// - Parameter withSetUp: whether it is looked at what is left of their set-up.
    public func accountMailFacts(
        now: Timestamp, after: TenantID?, limit: Int, withSetUp: Bool = true
    ) async throws -> [AccountMailFacts] {
        let first = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return try await driver.read { connection in
            let ids = try connection.query(
                """
                SELECT id FROM tenants
                WHERE NOT is_deleted AND deletes_at IS NULL AND status IN ('trial', 'active') AND id > ?
                ORDER BY id LIMIT ?
                """, [.uuid(after?.uuid ?? first), .integer(limit)]
            ).map { try $0.tenantID() }
            let facts = try AccountMailStatements.facts(
                of: ids, setUpOf: withSetUp ? ids : [], now: now, in: connection)
            return ids.compactMap { facts[$0] }
        }
    }

    /// Keeps mails of a tenant to be sent, each once; how many of them were new.
    public func queueAccountMails(_ keys: [AccountMailKey], of id: TenantID, now: Timestamp) async throws -> Int {
        try await driver.write { connection in
            // It may be deleted at the same instant.
            guard let tenant = try TenantStatements.lockedTenant(id, in: connection), tenant.deletesAt == nil else {
                return 0
            }
            var count = 0
            for key in keys {
                let isNew = try AccountMailStatements.insert(
                    key, of: id, dueAt: now, refersTo: nil, now: now, in: connection)
                if isNew { count += 1 }
            }
            return count
        }
    }

    /// Keeps the mails of something that happened to a tenant's subscription. For what bills: the one place where it is
    /// reported; reporting it again changes nothing. A change of the status is noted by the change itself.
    public func noteAccountEvent(_ event: AccountEvent, of id: TenantID, now: Timestamp) async throws {
        guard tellsOwners else { return }
        try await driver.write { try AccountMailStatements.note(event, of: id, now: now, in: $0) }
    }

    // MARK: Sending

    /// Takes mails that are due at `now`, until `leaseUntil`, the longest due first.
    public func claimAccountMails(
        limit: Int, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [AccountMailClaim] {
        // A tenant that is to be deleted gets none, and its mails wait. So does what is said of the end of a grace while the tenant is
        // suspended: it is true again where that ends before the grace does.
        let due = """
            FROM account_mails AS m JOIN tenants AS t ON t.id = m.tenant_id
            WHERE m.state = 'queued' AND m.due_at <= ? AND (m.leased_until IS NULL OR m.leased_until <= ?)
                AND NOT t.is_deleted AND t.deletes_at IS NULL
                AND (m.kind <> 'grace_ending' OR t.status <> 'suspended' OR m.refers_to IS NULL OR m.refers_to <= ?)
            """
        let instants: [SQLValue] = [.timestamp(now), .timestamp(now), .timestamp(now)]
        // Mostly there is nothing to write.
        let isAnyDue = try await driver.read {
            try $0.first("SELECT 1 \(due) LIMIT 1", instants) != nil
        }
        guard isAnyDue else { return [] }
        return try await driver.write { connection in
            let rows = try connection.select(
                ClaimColumn.self,
                "\(due) ORDER BY m.due_at, m.id LIMIT ? \(connection.dialect.claiming("m"))",
                instants + [.integer(limit)])
            let token = UUID().uuidString
            try connection.runAll(
                "UPDATE account_mails SET lease_token = ?, leased_until = ? WHERE id = ?",
                try rows.map { [.text(token), .timestamp(leaseUntil), .uuid(try $0.uuid(.id))] })
            let ids = Set(try rows.map { try $0.tenantID(.tenantID) })
            let reminded = try rows.filter { try $0.text(.kind) == AccountMailKind.onboarding.rawValue }
                .map { try $0.tenantID(.tenantID) }
            let facts = try AccountMailStatements.facts(of: Array(ids), setUpOf: reminded, now: now, in: connection)
            return try rows.compactMap { row in
                try facts[row.tenantID(.tenantID)].map { try row.claim(token: token, facts: $0) }
            }
        }
    }

    /// Records what became of a mail; false where the lease was lost.
    public func recordAccountMail(
        _ claim: AccountMailClaim, _ outcome: AccountMailOutcome, now: Timestamp
    ) async throws -> Bool {
        let (state, reason, dueAt): (AccountMailState, String?, Timestamp?) =
            switch outcome {
            case .sent: (.sent, nil, nil)
            case .retry(let at, let why): (.queued, why, at)
            case .dead(let why): (.dead, why, nil)
            case .leftOut(let why): (.leftOut, why, nil)
            }
        let attempts = state == .leftOut ? claim.attempts : claim.attempts + 1
        let settledAt = state == .queued ? nil : now
        return try await driver.write { connection in
            try connection.execute(
                """
                UPDATE account_mails SET state = ?, last_error = ?, due_at = COALESCE(?, due_at), attempts = ?,
                    settled_at = ?, lease_token = NULL, leased_until = NULL
                WHERE id = ? AND lease_token = ?
                """,
                [
                    .text(state.rawValue), .text(reason), .timestamp(dueAt), .integer(attempts),
                    .timestamp(settledAt), .uuid(claim.id), .text(claim.leaseToken),
                ]) > 0
        }
    }
}

/// A mail of a query that calls the table `m`.
private enum ClaimColumn: Int, SQLColumns {
    case id, tenantID, kind, occasion, recipientID, refersTo, attempts
    static let list = columnList()

    var sql: String { "m.\(columnName)" }
}

extension SQLRecord<ClaimColumn> {
    fileprivate func claim(token: String, facts: AccountMailFacts) throws -> AccountMailClaim {
        AccountMailClaim(
            id: try uuid(.id),
            key: AccountMailKey(
                kind: try choice(.kind, of: AccountMailKind.self), occasion: try text(.occasion),
                recipientID: try uuid(.recipientID)),
            refersTo: try optionalTimestamp(.refersTo), attempts: try integer(.attempts), leaseToken: token,
            facts: facts)
    }
}
