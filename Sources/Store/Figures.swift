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
            let rows = try connection.query(
                Count.allCases.map { Self.count($0, now: now) } + [
                    // Together, and in the order of the index: MIN(id) alone may be looked for through all webhooks ever kept.
                    .select(
                        PendingColumn.self,
                        """
                        FROM (
                            SELECT COUNT(*) AS events, MIN(id) AS oldest_id
                            FROM (SELECT id FROM webhook_events WHERE state = 'pending' LIMIT \(Self.countLimit)) AS counted
                        ) AS pending
                        """, []),
                    SQLQuery("SELECT received_at FROM webhook_events ORDER BY id DESC LIMIT 1", []),
                    SQLQuery(
                        """
                        SELECT due_at FROM issue_queue WHERE parked_at IS NULL AND stale_rank = 0 ORDER BY due_at LIMIT 1
                        """, []),
                    Self.selectTallies,
                ])
            let counts = try Dictionary(
                uniqueKeysWithValues: zip(Count.allCases, rows).map { ($0, try $1.first?.integer() ?? 0) })
            func count(_ kind: Count) -> Int { counts[kind, default: 0] }
            let rest = Array(rows.dropFirst(Count.allCases.count))
            let pending = rest[0].first.map { SQLRecord<PendingColumn>($0) }
            var figures = StoreFigures(
                pendingEvents: try pending?.integer(.events) ?? 0, rejectedEvents: count(.rejectedEvents),
                dueIssues: count(.dueIssues) + count(.dueStaleIssues), parkedIssues: count(.parkedIssues),
                queuedDeliveries: count(.queuedDeliveries), deadDeliveries: count(.deadDeliveries),
                lastEventAt: try rest[1].first?.timestamp())
            figures.oldestPendingAt = try pending?.optionalTimestamp(.oldestReceivedAt)
            figures.oldestDueAt = try rest[2].first?.timestamp()
            figures.jira = try Self.jiraTallies(rest[3])
            figures.jira.waiting = count(.waitingFetches)
            figures.jira.unavailable = count(.unavailableFetches)
            figures.forecasts.activeModels = count(.activeModels)
            figures.forecasts.steppedDown = count(.steppedDown)
            figures.forecasts.failing = count(.failingTrainings)
            figures.forecasts.failingRefreshes = count(.failingRefreshes)
            figures.forecasts.waitingBacktests = count(.waitingBacktests)
            figures.accountMails = AccountMailFigures(queued: count(.queuedMails), dead: count(.deadMails))
            return figures
        }
    }

    /// The kinds of rows that are counted.
    private enum Count: CaseIterable {
        // Those that are due in two, each with its index.
        case rejectedEvents, dueIssues, dueStaleIssues, parkedIssues, queuedDeliveries, deadDeliveries
        case waitingFetches, unavailableFetches
        case activeModels, steppedDown, failingTrainings, failingRefreshes, waitingBacktests
        case queuedMails, deadMails

        var rows: String {
            switch self {
            case .rejectedEvents: "webhook_events WHERE state = 'rejected'"
            case .dueIssues: "issue_queue WHERE parked_at IS NULL AND stale_rank = 0 AND due_at <= ?"
            case .dueStaleIssues: "issue_queue WHERE parked_at IS NULL AND stale_rank > 0 AND due_at <= ?"
            case .parkedIssues: "issue_queue WHERE parked_at IS NOT NULL"
            case .queuedDeliveries: "notifications WHERE state = 'queued'"
            case .deadDeliveries: "notifications WHERE state = 'dead'"
            case .waitingFetches: "issue_fetches WHERE parked_at IS NULL"
            case .unavailableFetches: "issue_fetches WHERE parked_at IS NOT NULL"
            case .activeModels: "forecast_models WHERE state = 'active'"
            case .steppedDown: "forecast_paces WHERE stepped_down_at IS NOT NULL"
            case .failingTrainings: "forecast_jobs WHERE last_error IS NOT NULL"
            case .failingRefreshes: "forecast_refreshes WHERE retry_at IS NOT NULL"
            case .waitingBacktests: "forecast_backtests WHERE state = 'waiting'"
            case .queuedMails: "account_mails WHERE state = 'queued'"
            case .deadMails: "account_mails WHERE state = 'dead'"
            }
        }
    }

    private static func count(_ kind: Count, now: Timestamp) -> SQLQuery {
        SQLQuery(
            "SELECT COUNT(*) FROM (SELECT 1 FROM \(kind.rows) LIMIT \(countLimit)) AS counted",
            kind.rows.contains("?") ? [.timestamp(now)] : [])
    }

    /// What has come of asking Jira, over all tenants there are; the issues that are to be fetched are not counted.
    public func jiraTallies() async throws -> JiraTallies {
        try await driver.read { try Self.jiraTallies($0.query([Self.selectTallies])[0]) }
    }

    /// Of one row a tenant.
    static var selectTallies: SQLQuery { .select(JiraColumn.self, "FROM jira_access", []) }

    static func jiraTallies(_ rows: [SQLRow]) throws -> JiraTallies {
        var tallies = JiraTallies()
        guard let row = rows.first.map({ SQLRecord<JiraColumn>($0) }) else { return tallies }
        tallies.missed = try row.integer(.missed)
        tallies.healed = try row.integer(.healed)
        tallies.deleted = try row.integer(.deleted)
        tallies.hidden = try row.integer(.hidden)
        tallies.stoppedTenants = try row.integer(.stopped)
        return tallies
    }
}

private enum PendingColumn: Int, SQLColumns {
    case events, oldestReceivedAt
    static let list = columnList()

    var sql: String {
        switch self {
        case .events: "pending.events"
        case .oldestReceivedAt: "(SELECT e.received_at FROM webhook_events AS e WHERE e.id = pending.oldest_id)"
        }
    }
}

private enum JiraColumn: Int, SQLColumns {
    case missed, healed, deleted, hidden, stopped
    static let list = columnList()

    /// PostgreSQL's sums of 64 bits are wider than that.
    var sql: String { self == .stopped ? "COUNT(stopped_at)" : "CAST(COALESCE(SUM(\(columnName)), 0) AS BIGINT)" }
}
