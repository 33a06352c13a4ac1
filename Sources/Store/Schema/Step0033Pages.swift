extension Migrations {
    /// What lists of issues are filtered and sorted by, and the figures that a worker keeps for the dashboard (decision 0044).
    static let pages = Step(
        name: "0033-pages",
        statements: [
            // A table of its own, as the words have: the row of an issue changes with every scoring, these hardly ever.
            """
            CREATE TABLE issue_tags (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                kind {key} NOT NULL,
                value_key {key} NOT NULL,
                issue_id {key} NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant_id, kind, value_key, issue_id)
            )
            """,
            "CREATE INDEX issue_tags_issue ON issue_tags (tenant_id, issue_id)",
            """
            CREATE INDEX issue_snapshots_due ON issue_snapshots (tenant_id, due_date, issue_key)
            WHERE due_date IS NOT NULL AND NOT is_done AND NOT is_deleted
            """,
            // Counted at each look at the overview; it holds all that is asked there.
            """
            CREATE INDEX issue_snapshots_open ON issue_snapshots
                (tenant_id, project_key, risk_score, is_done, is_deleted)
            WHERE risk_score IS NOT NULL AND project_key IS NOT NULL AND NOT is_done AND NOT is_deleted
            """,
            "CREATE INDEX forecasts_usual ON forecasts (tenant_id, late_usual DESC) WHERE late_usual IS NOT NULL",
            "CREATE INDEX forecasts_due ON forecasts (tenant_id, late_due DESC) WHERE late_due IS NOT NULL",
            "CREATE INDEX forecasts_sprint ON forecasts (tenant_id, late_sprint DESC) WHERE late_sprint IS NOT NULL",
            // In place of the one that ends with the instant: past scores are counted by it alone.
            """
            CREATE INDEX analysis_history_scores ON analysis_history
                (tenant_id, issue_id, analyzed_at, risk_score, is_over, on_request, project_key)
            """,
            "DROP INDEX analysis_history_issue",
            // One row a tenant that somebody has looked at: when its pictures are next made, under a lease.
            """
            CREATE TABLE risk_picture_jobs (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                due_at {timestamp} NOT NULL,
                fresh_until {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp}
            )
            """,
            "CREATE INDEX risk_picture_jobs_due ON risk_picture_jobs (due_at)",
            // One row a project, and one of all, with an empty key.
            """
            CREATE TABLE risk_pictures (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                project_key {key} NOT NULL,
                made_at {timestamp} NOT NULL,
                payload TEXT NOT NULL,
                PRIMARY KEY (tenant_id, project_key)
            )
            """,
        ], fill: IssueTagStatements.fill)
}
