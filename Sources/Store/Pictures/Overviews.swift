public import Domain

extension RiskStore {
    /// What the overview shows as it is now: one transaction, and with a server one round trip.
    ///
    /// - Parameter alertLimit: open alerts that are given at most.
    public func overview(_ id: TenantID, alertLimit: Int) async throws -> OverviewFigures {
        let kept = projectRiskCache.risks(of: id)
        let figures = try await overview(id, projects: kept, alertLimit: alertLimit)
        if kept == nil { projectRiskCache.keep(figures.projects, of: id) }
        return figures
    }

    /// - Parameter kept: the counts of projects; nil to count.
    private func overview(
        _ id: TenantID, projects kept: [ProjectRisk]?, alertLimit: Int
    ) async throws -> OverviewFigures {
        try await driver.read { connection in
            let tenant = SQLValue.tenant(id)
            func counting(_ rows: String) -> SQLQuery {
                SQLQuery(
                    "SELECT COUNT(*) FROM (SELECT 1 \(rows) LIMIT ?) AS counted",
                    [tenant, .integer(SyncState.countLimit)])
            }
            let rows = try connection.query([
                kept == nil ? ProjectRiskStatements.select(id) : SQLQuery("SELECT 1 WHERE FALSE", []),
                .select(AccessColumn.self, "FROM jira_access WHERE tenant_id = ?", [tenant]),
                counting("FROM issue_fetches WHERE tenant_id = ? AND parked_at IS NULL"),
                counting("FROM issue_fetches WHERE tenant_id = ? AND parked_at IS NOT NULL"),
                SQLQuery(
                    "SELECT received_at FROM webhook_events WHERE tenant_id = ? ORDER BY id DESC LIMIT 1", [tenant]),
                counting("FROM webhook_events WHERE tenant_id = ? AND state = 'rejected'"),
                counting("FROM issue_queue WHERE tenant_id = ? AND parked_at IS NOT NULL"),
                openAlerts(id, limit: alertLimit),
                SQLQuery("SELECT COUNT(*) \(Self.open) WHERE newest.event = 'raised'", [tenant]),
            ])
            func count(_ place: Int) throws -> Int { try rows[place].first?.integer() ?? 0 }
            let access = try rows[1].first.map { SQLRecord<AccessColumn>($0) }.map { row in
                JiraAccessStatus(
                    stoppedReason: try row.optionalText(.stoppedReason),
                    stoppedAt: try row.optionalTimestamp(.stoppedAt), lastError: try row.optionalText(.lastError),
                    sweptAt: try row.optionalTimestamp(.sweptAt), fullySweptAt: try row.optionalTimestamp(.fullSweptAt),
                    missed: try row.integer(.missed), healed: try row.integer(.healed),
                    deleted: try row.integer(.deleted), hidden: try row.integer(.hidden),
                    calls: try row.integer(.calls), waiting: try count(2), unavailable: try count(3))
            }
            return OverviewFigures(
                projects: try kept ?? ProjectRiskStatements.risks(rows[0]),
                sync: SyncState(
                    access: access, lastWebhookAt: try rows[4].first?.timestamp(), rejectedWebhooks: try count(5),
                    parkedIssues: try count(6)),
                openAlerts: try rows[7].compactMap(readable), openAlertCount: try count(8))
        }
    }

    /// Of the newest alerts those whose rules still fire.
    private static let open = """
        FROM (
            SELECT id, tenant_id, rule_id, issue_id, event, created_at FROM alerts
            WHERE tenant_id = ? ORDER BY created_at DESC, id DESC LIMIT \(OverviewFigures.alertsLookedAt)) AS newest
        JOIN alert_states AS s ON s.tenant_id = newest.tenant_id AND s.rule_id = newest.rule_id
            AND s.issue_id = newest.issue_id AND s.is_firing AND s.since = newest.created_at
        """

    private func openAlerts(_ id: TenantID, limit: Int) -> SQLQuery {
        .select(
            OpenAlertColumn.self,
            """
            \(Self.open) JOIN alerts AS a ON a.id = newest.id
            WHERE newest.event = 'raised' ORDER BY newest.created_at DESC, newest.id DESC LIMIT ?
            """, [.tenant(id), .integer(limit)])
    }

    /// Nil for an alert that cannot be read: the list of alerts has what is known of it.
    private func readable(_ row: SQLRow) throws -> Alert? {
        do {
            return try row.stored(0, as: StoredAlert.self)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }
}

private enum AccessColumn: Int, SQLColumns {
    case stoppedReason, stoppedAt, lastError, sweptAt, fullSweptAt, missed, healed, deleted, hidden, calls
    static let list = columnList()
}

private enum OpenAlertColumn: Int, SQLColumns {
    case alertJSON
    static let list = columnList()
    var sql: String { "a.\(columnName)" }
}
