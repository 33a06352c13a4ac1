import Domain

extension Migrations {
    /// What is written into the tenants' Jiras (decision 0058): where and when, and what each issue has.
    static let jiraWriteBack = Step(
        name: "0043-jira-write-back",
        statements: [
            // One row a tenant that ever switched it on or posted a comment. It stays when that is switched off: what was
            // written before remains no activity.
            """
            CREATE TABLE jira_write_back (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                is_on {flag} NOT NULL,
                target TEXT NOT NULL,
                property_key TEXT NOT NULL,
                score_field TEXT,
                band_field TEXT,
                date_field TEXT,
                cause_field TEXT,
                step_points INTEGER NOT NULL,
                step_days INTEGER NOT NULL,
                interval_seconds {count} NOT NULL,
                own_fields TEXT NOT NULL,
                own_accounts TEXT NOT NULL,
                changed_by TEXT NOT NULL,
                changed_at {timestamp} NOT NULL,
                due_at {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                attempts INTEGER NOT NULL DEFAULT 0,
                stopped_until {timestamp},
                stopped_reason TEXT
            )
            """,
            "CREATE INDEX jira_write_back_due ON jira_write_back (due_at) WHERE is_on",
            // Of an issue whose values were removed again, score is null.
            """
            CREATE TABLE jira_writes (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                score INTEGER,
                band TEXT,
                forecast_date TEXT,
                written_at {timestamp},
                score_low INTEGER,
                score_high INTEGER,
                forecast_after {timestamp},
                forecast_before {timestamp},
                next_at {timestamp} NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            // Looked through for what is due; it holds all that is asked there, so that the JSON of hits alone is read. SQLite
            // reads the row for a column that only the index's condition names, so that these are in the index too.
            """
            CREATE INDEX issue_snapshots_write_back ON issue_snapshots
                (tenant_id, risk_score DESC, issue_id, is_done, project_key, whole_at, security_level, is_deleted)
            WHERE risk_score IS NOT NULL AND whole_at IS NOT NULL AND security_level IS NULL AND NOT is_deleted
            """,
            // By what Jira dates an issue besides the activity in it.
            """
            CREATE INDEX issue_changes_own ON issue_changes (tenant_id, issue_id, changed_at)
            WHERE author_id = '\(Person.consilod.id)'
            """,
            """
            CREATE INDEX issue_comments_own ON issue_comments (tenant_id, issue_id, updated)
            WHERE author_id = '\(Person.consilod.id)'
            """,
        ])
}
