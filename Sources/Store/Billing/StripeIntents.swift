public import Domain
import Foundation

extension RiskStore {
    /// Stores that a write to Stripe is about to be made. A call of the same kind and parameters whose outcome is not known, and
    /// which began since `resumableSince`, is gone on with under its key; another call of the kinds that exclude each other
    /// that began since `busySince` has this one wait, and an older one is not gone on with any more: this one may change what
    /// it was about. Nil where the tenant is unknown.
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
            let open = try connection.selectFirst(
                StripeIntentColumn.self,
                """
                FROM stripe_intents WHERE tenant_id = ? AND kind IN (\(kinds)) AND state = 'open'
                ORDER BY created_at DESC, id LIMIT 1
                """, [.tenant(tenantID)])
            if let open {
                let (createdAt, id) = (try open.timestamp(.createdAt), try open.uuid(.id))
                let isSame = try open.text(.kind) == kind.rawValue && open.text(.parameters) == parameters
                if let resumableSince, isSame, createdAt >= resumableSince {
                    try StripeAccountStatements.fetchAfterWrite(tenantID, now: now, in: connection)
                    try audit(kind, tenantID, parameters, by: actor, now: now, in: connection)
                    return .begun(StripeIntent(id: id, tenantID: tenantID, kind: kind, parameters: parameters))
                }
                guard createdAt < busySince else { return .busy }
                try connection.run(
                    """
                    UPDATE stripe_intents SET state = 'settled', finished_at = ?
                    WHERE tenant_id = ? AND kind IN (\(kinds)) AND state = 'open'
                    """, [.timestamp(now), .tenant(tenantID)])
            }
            try connection.run(
                """
                INSERT INTO stripe_intents (id, tenant_id, kind, parameters, state, asked_by, created_at)
                VALUES (?, ?, ?, ?, 'open', ?, ?)
                """,
                [
                    .uuid(new.id), .tenant(tenantID), .text(kind.rawValue), .text(parameters), .text("\(actor)"),
                    .timestamp(now),
                ])
            try StripeAccountStatements.fetchAfterWrite(tenantID, now: now, in: connection)
            try audit(kind, tenantID, parameters, by: actor, now: now, in: connection)
            return .begun(new)
        }
    }

    /// Whether a write to Stripe is under way still: neither its outcome is stored, nor was it given up for another one or by a
    /// fetch.
    public func isStripeIntentOpen(_ intent: StripeIntent) async throws -> Bool {
        try await driver.read { connection in
            try connection.first(
                "SELECT 1 FROM stripe_intents WHERE id = ? AND tenant_id = ? AND state = 'open'",
                [.uuid(intent.id), .tenant(intent.tenantID)]) != nil
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

private enum StripeIntentColumn: Int, SQLColumns {
    case id, kind, parameters, createdAt
    static let list = columnList()
}
