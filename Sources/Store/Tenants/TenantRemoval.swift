public import Domain
import Foundation

extension RiskStore {
    /// Deletes the tenant and everything of it; false when it is unknown.
    ///
    /// Access ends with the first transaction; its data follows in batches, so that a large tenant
    /// does not keep the webhooks of others waiting. What is left when the process ends meanwhile goes with the next
    /// pass of housekeeping.
    public func deleteTenant(_ id: TenantID, by actor: Actor) async throws -> Bool {
        let now = now()
        let isBegun = try await driver.write { connection in
            let tenant = try TenantStatements.lockedTenant(id, in: connection)
            guard try TenantRemoval.begin(id, in: connection) else { return false }
            // In the host's chain: the tenant's own goes with it.
            try AuditStatements.append(
                AuditAct(.tenantDelete, "\(id)", before: tenant?.auditFields), to: .host, by: actor, at: now,
                in: connection)
            return true
        }
        guard isBegun else { return false }
        try await TenantRemoval.finish(id, in: BatchSchedule(driver: driver) { true })
        return true
    }
}

/// Deletes a tenant in two steps: access is revoked in one transaction, rows are then deleted in batches.
enum TenantRemoval {
    /// What may hold many rows, and the columns that tell a tenant's rows apart. Without the queue, no worker takes the
    /// tenant's issues up any more.
    private static let tables: [(name: String, key: [String])] = [
        ("issue_queue", ["issue_id"]), ("issue_fetches", ["issue_id"]), ("jira_writes", ["issue_id"]),
        ("notifications", ["id"]),
        ("alerts", ["id"]),
        ("alert_states", ["issue_id", "rule_id"]), ("alert_silences", ["id"]),
        ("analysis_history", ["id"]), ("webhook_events", ["id"]), (BodyPieces.table, ["id"]),
        ("issue_comments", ["issue_id", "comment_id"]),
        ("issue_changes", ["issue_id", "change_id"]), ("issue_sprints", ["issue_id", "sprint_id"]),
        ("issue_texts", ["issue_id"]), ("issue_tags", ["kind", "value_key", "issue_id"]),
        ("issue_snapshots", ["issue_id"]),
        ("sentiment_cache", ["model_id", "content_hash"]), ("usage_logs", ["id"]),
        ("forecasts", ["issue_id"]), ("forecast_models", ["model_id"]),
        ("audit_log", ["id"]), ("erased_comments", ["comment_id", "revision"]), ("stripe_events", ["id"]),
        ("stripe_intents", ["id"]),
    ]

    /// Revokes access to the tenant, and frees its site for another; false when it is unknown.
    static func begin(_ id: TenantID, in connection: any SQLConnection) throws -> Bool {
        let name = "deleted:\(id)"
        let found = try connection.execute(
            """
            UPDATE tenants SET is_deleted = TRUE, company_name = '', jira_url = ?, jira_email = '',
                jira_token_encrypted = '', api_key_hash = ?, erasure_key_encrypted = NULL, stripe_customer_id = NULL,
                stripe_subscription_id = NULL
            WHERE id = ? AND NOT is_deleted
            """, [.text(name), .text(name), .tenant(id)])
        guard found > 0 else { return false }
        for table in [
            "api_keys", "webhook_secrets", "alert_channels", "mail_recipients", "jira_access", "forecast_jobs",
            "forecast_backtests",
            "forecast_refreshes", "forecast_paces", "sign_ins", "memberships", "invitations", "risk_picture_jobs",
            "risk_pictures", "automation_tokens", "jira_write_back", "account_mails", "account_mail_optouts",
            "stripe_accounts",
        ] {
            try connection.run("DELETE FROM \(table) WHERE tenant_id = ?", [.tenant(id)])
        }
        // People belong to no tenant; they go when they have none for long (`unused_user_days`).
        try connection.run("UPDATE users SET tenant_id = NULL WHERE tenant_id = ?", [.tenant(id)])
        return true
    }

    /// Throws ``Cancelled``, with the rest to be done, when the batches are to end.
    static func finish(_ id: TenantID, in batches: BatchSchedule) async throws {
        for table in tables {
            var batches = batches
            // A row of it is a quarter of a megabyte.
            if table.name == BodyPieces.table { batches.rows = min(batches.rows, BodyPieces.portion) }
            try await batches.delete(
                from: table.name, key: table.key, where: "tenant_id = ?", [.tenant(id)], tenantID: id)
        }
        // Deletes the small tables too, and what was being written when access was revoked.
        try await batches.driver.write { try $0.run("DELETE FROM tenants WHERE id = ?", [.tenant(id)]) }
    }
}
