extension Migrations {
    /// Models that forecast when issues are done, what they say of each open issue, and whose model is trained when.
    static let forecasts = Step(
        name: "0023-forecasts",
        statements: [
            """
            CREATE TABLE forecast_models (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                model_id {key} NOT NULL,
                kind TEXT NOT NULL,
                state TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                cut_at {timestamp} NOT NULL,
                file {blob} NOT NULL,
                verdict TEXT,
                PRIMARY KEY (tenant_id, model_id)
            )
            """,
            "CREATE UNIQUE INDEX forecast_models_active ON forecast_models (tenant_id) WHERE state = 'active'",
            // The model may be gone before its last forecasts are made again.
            """
            CREATE TABLE forecasts (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                model_id {key} NOT NULL,
                as_of {timestamp} NOT NULL,
                late_usual {real},
                late_due {real},
                late_sprint {real},
                p50_at {timestamp},
                p85_at {timestamp},
                payload TEXT NOT NULL,
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            // One row a tenant: when its model is next trained, under a lease.
            """
            CREATE TABLE forecast_jobs (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                due_at {timestamp} NOT NULL,
                reason TEXT NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                trained_at {timestamp}
            )
            """,
            "CREATE INDEX forecast_jobs_due ON forecast_jobs (due_at)",
            """
            INSERT INTO forecast_jobs (tenant_id, due_at, reason)
            SELECT id, created_at, 'weekly' FROM tenants WHERE NOT is_deleted
            """,
        ])
}
