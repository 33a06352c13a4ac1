public import Domain
import Foundation

extension RiskStore {
    /// Keeps a verified webhook and queues its issues, in a transaction shared with other webhooks.
    ///
    /// Returns after the commit is on disk. Throws `StorageError(.unavailable)` when it cannot be written now or too
    /// much is waiting already, `StorageError(.stale)` when the tenant is gone.
    public func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome {
        try await inbox.append(delivery)
    }

    /// The stored webhooks of a tenant, newest first, without their bodies.
    public func webhookEvents(
        _ id: TenantID, state: WebhookEventState?, after cursor: String?, limit: Int
    ) async throws -> Page<WebhookEventRecord> {
        let before = try Cursor(cursor, parts: 1)?.integer(0)
        return try await driver.read { connection in
            let rows = try connection.query(
                """
                SELECT id, delivery_id, event, issue_id, state, error, received_at FROM webhook_events
                WHERE tenant_id = ? \(state == nil ? "" : "AND state = ?") \(before == nil ? "" : "AND id < ?")
                ORDER BY id DESC LIMIT ?
                """,
                [.tenant(id)] + (state.map { [.text($0.rawValue)] } ?? []) + (before.map { [.integer($0)] } ?? [])
                    + [.integer(limit + 1)])
            return try Page(rows, limit: limit, cursor: { Cursor([String($0.id)]) }) { row in
                WebhookEventRecord(
                    id: Int64(try row.integer(0)), deliveryID: try row.text(1), event: try row.text(2),
                    issueID: try row.optionalText(3).map(IssueID.init),
                    state: try row.choice(4, of: WebhookEventState.self),
                    error: try row.optionalText(5), receivedAt: try row.timestamp(6))
            }
        }
    }

    /// Puts rejected webhooks that name an issue back to pending, to be read again; how many.
    public func retryRejectedEvents(_ id: TenantID, now: Timestamp) async throws -> Int {
        try await driver.write { connection in
            let rows = try connection.query(
                """
                SELECT id, issue_id FROM webhook_events
                WHERE tenant_id = ? AND state = 'rejected' AND issue_id IS NOT NULL
                """, [.tenant(id)])
            for row in rows {
                try connection.execute(
                    "UPDATE webhook_events SET state = 'pending', error = NULL WHERE id = ?",
                    [.integer(try row.integer(0))])
                try IssueQueueStatements.enqueue(IssueID(try row.text(1)), of: id, at: now, in: connection)
            }
            return rows.count
        }
    }
}

/// The statements that keep one delivery.
enum InboxStatements {
    /// Inserts the rows of a delivery and queues its issues. A missing tenant is the delivery's own failure
    /// (`.stale`), everything else fails the transaction.
    static func insert(
        _ delivery: WebhookDelivery, into connection: any SQLConnection
    ) throws -> Result<InboxOutcome, StorageError> {
        let issues: [IssueID?]
        let state: WebhookEventState
        var error: String?
        switch delivery.routing {
        case .issues(let ids): (issues, state) = (ids, .pending)
        case .sprint: (issues, state) = ([nil], .applied)
        case .ignored: (issues, state) = ([nil], .ignored)
        case .rejected(let reason): (issues, state, error) = ([nil], .rejected, reason)
        }
        for (part, issue) in issues.enumerated() {
            let inserted: Int
            do {
                inserted = try connection.execute(
                    """
                    INSERT INTO webhook_events (tenant_id, delivery_id, part, event, issue_id, sent_at, received_at,
                        retry_count, state, error, applied_at, body)
                    SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM tenants WHERE id = ?
                    ON CONFLICT (tenant_id, delivery_id, part) DO NOTHING
                    """,
                    [
                        .text(delivery.deliveryID), .integer(part), .text(delivery.event), .text(issue?.rawValue),
                        .timestamp(delivery.sentAt), .timestamp(delivery.receivedAt), .integer(delivery.retryCount),
                        .text(state.rawValue), .text(error), .timestamp(state == .applied ? delivery.receivedAt : nil),
                        .blob(Data(delivery.body)), .tenant(delivery.tenantID),
                    ])
            }
            if inserted == 0 {
                let known = try connection.first("SELECT 1 FROM tenants WHERE id = ?", [.tenant(delivery.tenantID)])
                return known == nil ? .failure(StorageError(.stale, "the tenant was deleted")) : .success(.duplicate)
            }
            if let issue {
                try IssueQueueStatements.enqueue(issue, of: delivery.tenantID, at: delivery.receivedAt, in: connection)
            }
        }
        if case .sprint(let sprint, let deleted) = delivery.routing {
            let told = SprintRecord(
                sprint: sprint, isDeleted: deleted, sentAt: delivery.sentAt ?? delivery.receivedAt)
            try SprintStatements.upsert(told, of: delivery.tenantID, at: delivery.receivedAt, in: connection)
        }
        return .success(.stored)
    }
}
