extension Migrations {
    static let issues = Step(
        name: "0003-issues",
        statements: [
            """
            CREATE TABLE issue_snapshots (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                issue_key {key},
                project_key {key},
                summary TEXT,
                issue_type TEXT,
                status TEXT,
                status_category TEXT,
                priority TEXT,
                assignee TEXT,
                assignee_id TEXT,
                due_date {date},
                story_points {real},
                created {timestamp},
                updated {timestamp},
                comment_count INTEGER NOT NULL,
                is_done {flag} NOT NULL,
                is_deleted {flag} NOT NULL,
                risk_score INTEGER,
                own_score INTEGER,
                analyzed_at {timestamp},
                scorer_id TEXT,
                model_id {key},
                state_json {json} NOT NULL,
                analysis_json {json},
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            "CREATE INDEX issue_snapshots_key ON issue_snapshots (tenant_id, issue_key)",
            """
            CREATE INDEX issue_snapshots_risk ON issue_snapshots (tenant_id, risk_score DESC, issue_key)
            WHERE risk_score IS NOT NULL
            """,
            "CREATE INDEX issue_snapshots_project ON issue_snapshots (tenant_id, project_key, created)",
            """
            CREATE TABLE issue_comments (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                comment_id {key} NOT NULL,
                author TEXT,
                author_id TEXT,
                author_time_zone TEXT,
                body TEXT NOT NULL,
                created {timestamp} NOT NULL,
                updated {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, issue_id, comment_id)
            )
            """,
            """
            CREATE TABLE issue_changes (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                change_id {key} NOT NULL,
                changed_at {timestamp} NOT NULL,
                author TEXT,
                author_id TEXT,
                author_time_zone TEXT,
                field TEXT NOT NULL,
                from_value TEXT,
                from_string TEXT,
                to_value TEXT,
                to_string TEXT,
                PRIMARY KEY (tenant_id, issue_id, change_id)
            )
            """,
            """
            CREATE TABLE sentiment_cache (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                model_id {key} NOT NULL,
                content_hash {key} NOT NULL,
                label TEXT NOT NULL,
                score {real} NOT NULL,
                PRIMARY KEY (tenant_id, model_id, content_hash)
            )
            """,
        ])
}
