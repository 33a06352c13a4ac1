extension Migrations {
    /// What housekeeping finds its rows by, and marks of what is being removed.
    static let retention = Step(
        name: "0008-retention",
        statements: [
            // The body is an empty one from then on.
            "ALTER TABLE webhook_events ADD COLUMN body_removed_at {timestamp}",
            """
            CREATE INDEX webhook_events_bodies ON webhook_events (received_at)
            WHERE body_removed_at IS NULL AND state IN ('applied', 'ignored')
            """,
            "CREATE INDEX webhook_events_bodiless ON webhook_events (received_at) WHERE body_removed_at IS NOT NULL",
            """
            CREATE INDEX webhook_events_rejected_since ON webhook_events (received_at) WHERE state = 'rejected'
            """,
            // Everything the search for old rows reads, so that it does not wade through the JSON beside it.
            """
            CREATE INDEX analysis_history_recorded
            ON analysis_history (recorded_at, id, tenant_id, issue_id, analyzed_at, model_id)
            """,
            "CREATE INDEX usage_logs_created ON usage_logs (created_at)",
            "CREATE INDEX alerts_created ON alerts (created_at)",
            // When housekeeping first saw the issue deleted: Jira does not say when it was.
            "ALTER TABLE issue_snapshots ADD COLUMN deletion_seen_at {timestamp}",
            """
            CREATE INDEX issue_snapshots_deleted ON issue_snapshots (deletion_seen_at, tenant_id, issue_id)
            WHERE is_deleted
            """,
            // A tenant whose data is being deleted; for everybody else it is gone.
            "ALTER TABLE tenants ADD COLUMN is_deleted {flag} NOT NULL DEFAULT FALSE",
        ])
}
