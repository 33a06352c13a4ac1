public import Domain

extension RiskStore {
    /// How far a tenant's set-up is: one transaction, and with a server one round trip.
    ///
    /// - Parameter backfillLimit: backfills that are given at most.
    public func setupFigures(_ id: TenantID, backfillLimit: Int) async throws -> SetupFigures {
        try await driver.read { connection in
            let tenant = [SQLValue.tenant(id)]
            let access = JiraAccessStatements.selectStatus(id)
            let rows = try connection.query(
                [
                    WebhookStatements.selectLast(id), BackfillStatements.select("tenant_id = ?", tenant),
                    // As a list of issues has it.
                    SQLQuery(
                        """
                        SELECT 1 FROM issue_snapshots
                        WHERE tenant_id = ? AND risk_score IS NOT NULL AND issue_key IS NOT NULL AND NOT is_deleted LIMIT 1
                        """, tenant),
                    SQLQuery("SELECT COUNT(*) FROM alert_channels WHERE tenant_id = ? AND is_enabled", tenant),
                    SQLQuery("SELECT COUNT(*) FROM alert_rules WHERE tenant_id = ? AND is_enabled", tenant),
                ] + access)
            return SetupFigures(
                access: try JiraAccessStatements.status(Array(rows.suffix(access.count))),
                lastWebhookAt: try WebhookStatements.lastReceivedAt(rows[0]),
                backfills: Array(try BackfillStatements.backfills(rows[1]).reversed().prefix(backfillLimit)),
                hasScores: !rows[2].isEmpty, channels: try rows[3].first?.integer() ?? 0,
                rules: try rows[4].first?.integer() ?? 0)
        }
    }
}
