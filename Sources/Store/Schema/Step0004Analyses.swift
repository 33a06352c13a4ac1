extension Migrations {
    static let analyses = Step(
        name: "0004-analyses",
        statements: [
            // `analyzed_at` is the instant the analysis speaks of, `recorded_at` when the row was written.
            """
            CREATE TABLE analysis_history (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                issue_key {key} NOT NULL,
                project_key {key} NOT NULL,
                risk_score INTEGER NOT NULL,
                daily_cost {real} NOT NULL,
                blocker_count INTEGER NOT NULL,
                sentiment_negative_pct {real} NOT NULL,
                age_days INTEGER NOT NULL,
                assignee TEXT NOT NULL,
                assignee_role TEXT NOT NULL,
                total_estimated_cost {real} NOT NULL,
                analysis_json {json} NOT NULL,
                analyzed_at {timestamp} NOT NULL,
                recorded_at {timestamp} NOT NULL,
                scorer_id TEXT NOT NULL,
                model_id {key} NOT NULL
            )
            """,
            "CREATE INDEX analysis_history_issue ON analysis_history (tenant_id, issue_id, analyzed_at)",
            "CREATE INDEX analysis_history_key ON analysis_history (tenant_id, issue_key, analyzed_at, id)",
        ])
}
