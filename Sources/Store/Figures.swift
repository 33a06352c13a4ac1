public import Domain

extension RiskStore {
    /// The rows that are counted of a kind at most, so that a look stays within a quarter of a second however much there
    /// is. Beyond it a figure says "at least".
    private static let countLimit = 250_000

    /// The store's own figures, over all tenants; issues count as due when they are at `now`. Each kind is counted up to
    /// 250,000, in an index.
    public func figures(now: Timestamp) async throws -> StoreFigures {
        // Health must not wait for somebody's long query.
        try await driver.read(isUrgent: true) { connection in
            func count(_ rows: String, _ arguments: [SQLValue] = []) throws -> Int {
                try connection.first(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM \(rows) LIMIT \(Self.countLimit)) AS counted", arguments)?
                    .integer() ?? 0
            }
            // Together, and in the order of the index: MIN(id) alone may be looked for through all webhooks ever kept.
            let pending = try connection.selectFirst(
                PendingColumn.self,
                """
                FROM (SELECT id FROM webhook_events WHERE state = 'pending' LIMIT \(Self.countLimit)) AS counted
                """, [])
            let oldestPending = try pending?.optionalInteger(.oldestID).flatMap {
                try connection.first("SELECT received_at FROM webhook_events WHERE id = ?", [.integer($0)])
            }
            var figures = StoreFigures(
                pendingEvents: try pending?.integer(.events) ?? 0,
                rejectedEvents: try count("webhook_events WHERE state = 'rejected'"),
                // In two, each with its index.
                dueIssues: try count(
                    "issue_queue WHERE parked_at IS NULL AND stale_rank = 0 AND due_at <= ?", [.timestamp(now)])
                    + count("issue_queue WHERE parked_at IS NULL AND stale_rank > 0 AND due_at <= ?", [.timestamp(now)]),
                parkedIssues: try count("issue_queue WHERE parked_at IS NOT NULL"),
                queuedDeliveries: try count("notifications WHERE state = 'queued'"),
                deadDeliveries: try count("notifications WHERE state = 'dead'"),
                lastEventAt: try connection.first(
                    "SELECT received_at FROM webhook_events ORDER BY id DESC LIMIT 1", [])?.timestamp())
            figures.oldestPendingAt = try oldestPending?.timestamp()
            figures.oldestDueAt = try connection.first(
                """
                SELECT due_at FROM issue_queue WHERE parked_at IS NULL AND stale_rank = 0 ORDER BY due_at LIMIT 1
                """, [])?.timestamp()
            figures.jira = try Self.jiraTallies(in: connection)
            figures.jira.waiting = try count("issue_fetches WHERE parked_at IS NULL")
            figures.jira.unavailable = try count("issue_fetches WHERE parked_at IS NOT NULL")
            figures.forecasts.activeModels = try count("forecast_models WHERE state = 'active'")
            figures.forecasts.steppedDown = try count("forecast_paces WHERE stepped_down_at IS NOT NULL")
            figures.forecasts.failing = try count("forecast_jobs WHERE last_error IS NOT NULL")
            figures.forecasts.failingRefreshes = try count("forecast_refreshes WHERE retry_at IS NOT NULL")
            figures.forecasts.waitingBacktests = try count("forecast_backtests WHERE state = 'waiting'")
            return figures
        }
    }

    /// What has come of asking Jira, over all tenants there are; the issues that are to be fetched are not counted.
    public func jiraTallies() async throws -> JiraTallies {
        try await driver.read { try Self.jiraTallies(in: $0) }
    }

    private static func jiraTallies(in connection: any SQLConnection) throws -> JiraTallies {
        // One row a tenant.
        var tallies = JiraTallies()
        guard let row = try connection.selectFirst(JiraColumn.self, "FROM jira_access", []) else { return tallies }
        tallies.missed = try row.integer(.missed)
        tallies.healed = try row.integer(.healed)
        tallies.deleted = try row.integer(.deleted)
        tallies.hidden = try row.integer(.hidden)
        tallies.stoppedTenants = try row.integer(.stopped)
        return tallies
    }
}

private enum PendingColumn: Int, SQLColumns {
    case events, oldestID
    static let list = columnList()

    var sql: String { self == .events ? "COUNT(*)" : "MIN(id)" }
}

private enum JiraColumn: Int, SQLColumns {
    case missed, healed, deleted, hidden, stopped
    static let list = columnList()

    /// PostgreSQL's sums of 64 bits are wider than that.
    var sql: String { self == .stopped ? "COUNT(stopped_at)" : "CAST(COALESCE(SUM(\(columnName)), 0) AS BIGINT)" }
}
