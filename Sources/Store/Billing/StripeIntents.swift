public import Domain
import Foundation

extension RiskStore {
    /// Stores that a write to Stripe is about to be made. A call of the same kind and parameters whose outcome is not known, and
    /// which began since `resumableSince`, is gone on with under its key; another call of the kinds that exclude each other
    /// that was touched since `busySince` has this one wait, and an older one is not gone on with any more: this one may change
    /// what it was about. Nil where the tenant is unknown.
    public func beginStripeIntent(
        _ kind: StripeIntent.Kind, of tenantID: TenantID, parameters: String, resumableSince: Timestamp?,
        busySince: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> StripeIntentStart? {
        let new = StripeIntent(id: UUID(), tenantID: tenantID, kind: kind, parameters: parameters)
        // A list in SQL is never empty.
        let kinds = kind.exclusive.isEmpty ? "''" : kind.exclusive.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await driver.write { connection in
            // One at a time for each tenant.
            guard try TenantStatements.lockedTenant(tenantID, in: connection) != nil else { return nil }
            try StripeIntentStatements.bringBack(of: tenantID, now: now, in: connection)
            let open = try connection.selectFirst(
                StripeIntentColumn.self,
                """
                FROM stripe_intents WHERE tenant_id = ? AND kind IN (\(kinds)) AND state = 'open'
                ORDER BY touched_at DESC, id LIMIT 1
                """, [.tenant(tenantID)])
            if let open {
                let found = try open.intent(of: tenantID)
                let isSame = found.kind == kind && found.parameters == parameters
                if let resumableSince, isSame, try open.timestamp(.createdAt) >= resumableSince {
                    _ = try StripeIntentStatements.touch(found, now: now, in: connection)
                    try StripeAccountStatements.fetchAfterWrite(tenantID, touchedAt: now, in: connection)
                    try audit(kind, tenantID, parameters, by: actor, now: now, in: connection)
                    return .begun(found)
                }
                guard try open.timestamp(.touchedAt) < busySince else { return .busy }
                try connection.run(
                    """
                    UPDATE stripe_intents SET state = 'settled', finished_at = ?
                    WHERE tenant_id = ? AND kind IN (\(kinds)) AND state = 'open'
                    """, [.timestamp(now), .tenant(tenantID)])
            }
            try connection.run(
                """
                INSERT INTO stripe_intents (id, tenant_id, kind, parameters, state, asked_by, created_at, touched_at)
                VALUES (?, ?, ?, ?, 'open', ?, ?, ?)
                """,
                [
                    .uuid(new.id), .tenant(tenantID), .text(kind.rawValue), .text(parameters), .text("\(actor)"),
                    .timestamp(now), .timestamp(now),
                ])
            try StripeAccountStatements.fetchAfterWrite(tenantID, touchedAt: now, in: connection)
            try audit(kind, tenantID, parameters, by: actor, now: now, in: connection)
            return .begun(new)
        }
    }

    /// Stores that a call of a write to Stripe is about to be made; false, with no effect, where the outcome of the write is stored, or
    /// it was given up for another one or by a fetch.
    ///
    /// - Parameter isCarriedOn: whether the write is to be completed from now on where it is left open, by who finds it with
    ///   ``carriedOnStripeIntent(of:createdSince:)``; false leaves that as it is.
    public func touchStripeIntent(
        _ intent: StripeIntent, isCarriedOn: Bool = false, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try StripeIntentStatements.touch(
                intent, setting: isCarriedOn ? ", is_carried_on = TRUE" : "", now: now, in: connection)
        }
    }

    /// A write of a tenant's that is left open, or under way, and is to be completed; nil for none that began since an instant.
    public func carriedOnStripeIntent(
        of tenantID: TenantID, createdSince: Timestamp
    ) async throws -> StripeIntent? {
        try await driver.read { connection in
            try connection.selectFirst(
                StripeIntentColumn.self,
                """
                FROM stripe_intents
                WHERE tenant_id = ? AND kind = 'cancel' AND state = 'open' AND is_carried_on AND created_at >= ?
                ORDER BY touched_at DESC, id LIMIT 1
                """, [.tenant(tenantID), .timestamp(createdSince)])?.intent(of: tenantID)
        }
    }

    /// Touches a write in order to complete it, so that others wait; false, with no effect, where it was touched since an instant, or
    /// is over.
    public func takeOverStripeIntent(
        _ intent: StripeIntent, untouchedSince: Timestamp, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            try StripeIntentStatements.touch(
                intent, where: ("AND touched_at < ?", [.timestamp(untouchedSince)]), now: now, in: connection)
        }
    }

    /// Stores what became of a write to Stripe; false, with no effect, for one that is over.
    @discardableResult
    public func finishStripeIntent(
        _ intent: StripeIntent, _ result: StripeIntentResult, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let (state, id, error): (String, String?, String?) =
                switch result {
                case .done(let id): ("done", id, nil)
                case .customer(let id, _): ("done", id, nil)
                case .failed(let code): ("failed", nil, code)
                }
            let finished = try connection.execute(
                """
                UPDATE stripe_intents SET state = ?, result_id = ?, error = ?, finished_at = ?
                WHERE id = ? AND tenant_id = ? AND state = 'open'
                """,
                [
                    .text(state), .text(id), .text(error), .timestamp(now), .uuid(intent.id),
                    .tenant(intent.tenantID),
                ])
            guard finished > 0 else { return false }
            switch result {
            case .customer(let id, replacing: let old?):
                try StripeAccountStatements.replace(intent.tenantID, old, by: id, now: now, in: connection)
            case .customer(let id, replacing: .none):
                try StripeAccountStatements.insert(intent.tenantID, customerID: id, now: now, in: connection)
            case .done, .failed:
                try StripeAccountStatements.fetchAgain(intent.tenantID, now: now, in: connection)
            }
            return true
        }
    }

    /// What the newest finished calls of a kind and of these parameters made, by Stripe's ids, newest first.
    public func stripeResults(
        of kind: StripeIntent.Kind, for tenantID: TenantID, parameters: String
    ) async throws -> [String] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT result_id FROM stripe_intents
                WHERE tenant_id = ? AND kind = ? AND parameters = ? AND state = 'done' AND result_id IS NOT NULL
                ORDER BY created_at DESC, id LIMIT 10
                """, [.tenant(tenantID), .text(kind.rawValue), .text(parameters)]
            ).map { try $0.text() }
        }
    }

    private func audit(
        _ kind: StripeIntent.Kind, _ tenantID: TenantID, _ parameters: String, by actor: Actor, now: Timestamp,
        in connection: any SQLConnection
    ) throws {
        guard let action = kind.auditAction else { return }
        // Not the addresses of the caller's own pages, which may hold secrets of it.
        let isPlain = [StripeIntent.Kind.upgrade, .downgrade, .cancel].contains(kind)
        let fields: AuditFields = ["parameters": .text(parameters)]
        try AuditStatements.append(
            AuditAct(action, after: isPlain ? fields : nil), to: .tenant(tenantID),
            by: actor, at: now,
            in: connection)
    }
}

extension StripeIntent.Kind {
    /// What somebody has asked for; nil for what only goes with it.
    fileprivate var auditAction: AuditAction? {
        switch self {
        case .customer, .closing: nil
        case .checkout: .billingCheckout
        case .portal: .billingPortal
        case .upgrade: .billingUpgrade
        case .downgrade: .billingDowngrade
        case .cancel: .billingCancel
        }
    }
}

/// The statements on writes to Stripe that several transactions share.
enum StripeIntentStatements {
    /// Stores when an open write was touched last; false where it is over.
    static func touch(
        _ intent: StripeIntent, setting more: String = "",
        where condition: (sql: String, arguments: [SQLValue]) = ("", []), now: Timestamp,
        in connection: any SQLConnection
    ) throws -> Bool {
        try connection.execute(
            """
            UPDATE stripe_intents SET touched_at = ?\(more)
            WHERE id = ? AND tenant_id = ? AND state = 'open' \(condition.sql)
            """, [.timestamp(now), .uuid(intent.id), .tenant(intent.tenantID)] + condition.arguments) > 0
    }

    /// Ends the writes that were touched last before an instant, whose outcome a fetch has shown. Where others are open, it is
    /// fetched again when the first of them must have ended.
    static func settle(
        _ before: Timestamp, of tenantID: TenantID, now: Timestamp, in connection: any SQLConnection
    ) throws {
        try bringBack(of: tenantID, now: now, in: connection)
        // Of a new customer no fetch says anything.
        let isOpen = "tenant_id = ? AND state = 'open' AND kind <> 'customer'"
        try connection.run(
            "UPDATE stripe_intents SET state = 'settled', finished_at = ? WHERE \(isOpen) AND touched_at < ?",
            [.timestamp(now), .tenant(tenantID), .timestamp(before)])
        let left = try connection.first(
            "SELECT touched_at FROM stripe_intents WHERE \(isOpen) ORDER BY touched_at LIMIT 1", [.tenant(tenantID)])
        guard let left else { return }
        try StripeAccountStatements.fetchAfterWrite(tenantID, touchedAt: try left.timestamp(), in: connection)
    }

    /// Dates open writes of a tenant back to now that a clock has written that was ahead: else they would be in the way until then.
    /// The clocks of two nodes may differ by less than what is looked for.
    static func bringBack(of tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws {
        let limit = now.adding(seconds: StripeIntent.busySeconds)
        _ = try bringBack(laterThan: limit, of: tenantID, now: now, in: connection)
    }

    /// Dates open writes back to now that are dated after an instant; how many.
    ///
    /// - Parameter tenantID: whose; nil for those of all.
    static func bringBack(
        laterThan limit: Timestamp, of tenantID: TenantID?, now: Timestamp, in connection: any SQLConnection
    ) throws -> Int {
        let (now, limit) = (SQLValue.timestamp(now), SQLValue.timestamp(limit))
        return try connection.execute(
            """
            UPDATE stripe_intents SET created_at = CASE WHEN created_at > ? THEN ? ELSE created_at END,
                touched_at = CASE WHEN touched_at > ? THEN ? ELSE touched_at END
            WHERE state = 'open' AND (created_at > ? OR touched_at > ?) \(tenantID == nil ? "" : "AND tenant_id = ?")
            """, [now, now, now, now, limit, limit] + [tenantID].compactMap(\.self).map { SQLValue.tenant($0) })
    }
}

private enum StripeIntentColumn: Int, SQLColumns {
    case id, kind, parameters, createdAt, touchedAt
    static let list = columnList()
}

extension SQLRecord<StripeIntentColumn> {
    fileprivate func intent(of tenantID: TenantID) throws -> StripeIntent {
        StripeIntent(
            id: try uuid(.id), tenantID: tenantID, kind: try choice(.kind, of: StripeIntent.Kind.self),
            parameters: try text(.parameters))
    }
}
