extension Migrations {
    /// What is asked often must not take longer the more there is.
    static let largeStores = Step(
        name: "0012-large-stores",
        statements: [
            "CREATE INDEX webhook_events_tenant ON webhook_events (tenant_id, id)",
            "CREATE INDEX issue_queue_parked ON issue_queue (tenant_id, parked_at, issue_id) WHERE parked_at IS NOT NULL",
            "CREATE INDEX issue_snapshots_project_risk ON issue_snapshots (tenant_id, project_key, risk_score DESC, issue_key)",
            // Looked through at each start; it holds all that is asked there.
            """
            CREATE INDEX issue_snapshots_engine ON issue_snapshots
                (tenant_id, issue_id, scorer_id, model_id, risk_score, is_done) WHERE risk_score IS NOT NULL
            """,
            "CREATE INDEX alerts_issue ON alerts (tenant_id, issue_key, created_at, id)",
        ])
}
