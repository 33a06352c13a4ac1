public import Domain

extension RiskStore {
    /// Keeps a verified event, and has its tenant's subscription fetched; returns when that is on disk (P1). An event that is
    /// there already changes nothing (P2).
    public func appendStripeEvent(_ event: StripeEvent, now: Timestamp) async throws -> StripeEventOutcome {
        try await driver.write(isUrgent: true) { connection in
            let row = try event.customerID.flatMap { customerID in
                try connection.first(
                    "SELECT tenant_id, generation FROM stripe_accounts WHERE customer_id = ? \(connection.dialect.locking)",
                    [.text(customerID)])
            }
            let account = event.isRelevant ? row : nil
            let tenant: SQLValue = try row.map { SQLValue.tenant(try $0.tenantID(0)) } ?? .null
            let generation = try account.map { try $0.integer(1) + 1 } ?? 0
            let added = try connection.execute(
                """
                INSERT INTO stripe_events (id, tenant_id, event_type, customer_id, object_id, created_at, received_at,
                    state, generation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """,
                [
                    .text(event.id), tenant, .text(event.type),
                    .text(event.customerID), .text(event.objectID), .timestamp(event.createdAt), .timestamp(now),
                    .text(account == nil ? "ignored" : "pending"), .integer(generation),
                ])
            guard added > 0 else { return .duplicate }
            guard let account else { return .ignored }
            let tenantID = try account.tenantID(0)
            try connection.run(
                "UPDATE stripe_accounts SET generation = ? WHERE tenant_id = ?",
                [.integer(generation), .tenant(tenantID)])
            try StripeAccountStatements.makeDue(tenantID, now: now, in: connection)
            return .stored
        }
    }
}
