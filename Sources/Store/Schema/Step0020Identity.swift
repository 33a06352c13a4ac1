extension Migrations {
    /// What survives a renaming: the keys that issues had, projects by their ids, statuses by theirs. And what the accounts,
    /// comments and issues say of themselves that scores and messages heed.
    static let identity = Step(
        name: "0020-identity",
        statements: [
            "ALTER TABLE issue_comments ADD COLUMN author_is_app {flag} NOT NULL DEFAULT FALSE",
            "ALTER TABLE issue_comments ADD COLUMN is_restricted {flag} NOT NULL DEFAULT FALSE",
            "ALTER TABLE issue_changes ADD COLUMN author_is_app {flag} NOT NULL DEFAULT FALSE",
            "ALTER TABLE issue_snapshots ADD COLUMN project_id {key}",
            "ALTER TABLE issue_snapshots ADD COLUMN is_subtask {flag} NOT NULL DEFAULT FALSE",
            "ALTER TABLE issue_snapshots ADD COLUMN status_id {key}",
            "ALTER TABLE issue_snapshots ADD COLUMN security_level TEXT",
            "CREATE INDEX issue_snapshots_project_id ON issue_snapshots (tenant_id, project_id, issue_id)",
            // Every key that an issue has or had.
            """
            CREATE TABLE issue_keys (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_key {key} NOT NULL,
                issue_id {key} NOT NULL,
                PRIMARY KEY (tenant_id, issue_key, issue_id)
            )
            """,
            "CREATE INDEX issue_keys_issue ON issue_keys (tenant_id, issue_id)",
            """
            INSERT INTO issue_keys (tenant_id, issue_key, issue_id)
            SELECT tenant_id, issue_key, issue_id FROM issue_snapshots WHERE issue_key IS NOT NULL
            """,
            """
            INSERT INTO issue_keys (tenant_id, issue_key, issue_id)
            SELECT DISTINCT tenant_id, from_string, issue_id FROM issue_changes
            WHERE field = 'Key' AND from_string IS NOT NULL
            ON CONFLICT (tenant_id, issue_key, issue_id) DO NOTHING
            """,
            """
            INSERT INTO issue_keys (tenant_id, issue_key, issue_id)
            SELECT DISTINCT tenant_id, issue_key, issue_id FROM analysis_history WHERE TRUE
            ON CONFLICT (tenant_id, issue_key, issue_id) DO NOTHING
            """,
            // What webhooks and issues said last of a project; `is_gone` where it was deleted or archived.
            """
            CREATE TABLE projects (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                project_id {key} NOT NULL,
                project_key {key} NOT NULL,
                is_gone {flag} NOT NULL,
                told_at {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, project_id)
            )
            """,
            // The category of each status that an issue was seen in: the change log names statuses only. `status_id` is the
            // name in small letters where Jira sent no id.
            """
            CREATE TABLE statuses (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                status_id {key} NOT NULL,
                name TEXT NOT NULL,
                category TEXT NOT NULL,
                PRIMARY KEY (tenant_id, status_id)
            )
            """,
            // Whether texts that not everybody may read may be sent there.
            "ALTER TABLE alert_channels ADD COLUMN shows_restricted {flag} NOT NULL DEFAULT FALSE",
            // For the score of an issue that blocks others, as of a past instant.
            "ALTER TABLE analysis_history ADD COLUMN own_score INTEGER",
            "ALTER TABLE analysis_history ADD COLUMN is_over {flag} NOT NULL DEFAULT FALSE",
            // Rows that somebody asked for stay when late webhooks change the past.
            "ALTER TABLE analysis_history ADD COLUMN on_request {flag} NOT NULL DEFAULT FALSE",
            // From when on the history is to be made again; NULL where only its own events are new.
            "ALTER TABLE issue_queue ADD COLUMN rescore_from {timestamp}",
            "CREATE INDEX webhook_events_issue ON webhook_events (tenant_id, issue_id, id) WHERE state = 'applied'",
        ])
}
