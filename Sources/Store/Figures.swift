public import Domain

extension RiskStore {
    /// The store's own figures, over all tenants; issues count as due when they are at `now`.
    public func figures(now: Timestamp) async throws -> StoreFigures {
        // Health must not wait for somebody's long query.
        try await driver.read(isUrgent: true) { connection in
            func count(_ sql: String, _ arguments: [SQLValue] = []) throws -> Int {
                try connection.first(sql, arguments)?.integer(0) ?? 0
            }
            return StoreFigures(
                pendingEvents: try count("SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'"),
                rejectedEvents: try count("SELECT COUNT(*) FROM webhook_events WHERE state = 'rejected'"),
                // In two, each with its index.
                dueIssues: try count(
                    """
                    SELECT COUNT(*) FROM issue_queue WHERE parked_at IS NULL AND stale_rank = 0 AND due_at <= ?
                    """, [.timestamp(now)])
                    + count(
                        """
                        SELECT COUNT(*) FROM issue_queue WHERE parked_at IS NULL AND stale_rank > 0 AND due_at <= ?
                        """, [.timestamp(now)]),
                parkedIssues: try count("SELECT COUNT(*) FROM issue_queue WHERE parked_at IS NOT NULL"),
                queuedDeliveries: try count("SELECT COUNT(*) FROM alert_outbox WHERE state = 'queued'"),
                deadDeliveries: try count("SELECT COUNT(*) FROM alert_outbox WHERE state = 'dead'"),
                lastEventAt: try connection.first(
                    "SELECT received_at FROM webhook_events ORDER BY id DESC LIMIT 1", [])?.timestamp(0))
        }
    }
}
