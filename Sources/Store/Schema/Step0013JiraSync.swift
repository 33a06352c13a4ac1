extension Migrations {
    /// What is asked of Jira, and what has come of it.
    static let jiraSync = Step(
        name: "0013-jira-sync",
        statements: [
            // One row a tenant: when Jira is next to be asked, under a lease, and the counters.
            """
            CREATE TABLE jira_access (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                due_at {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                retry_at {timestamp},
                stopped_at {timestamp},
                stopped_reason TEXT,
                swept_at {timestamp},
                full_swept_at {timestamp},
                sweep_due_at {timestamp},
                fields_json {json},
                missed {count} NOT NULL DEFAULT 0,
                healed {count} NOT NULL DEFAULT 0,
                deleted {count} NOT NULL DEFAULT 0,
                hidden {count} NOT NULL DEFAULT 0,
                calls {count} NOT NULL DEFAULT 0
            )
            """,
            "CREATE INDEX jira_access_due ON jira_access (due_at) WHERE stopped_at IS NULL",
            "INSERT INTO jira_access (tenant_id, due_at) SELECT id, created_at FROM tenants WHERE NOT is_deleted",
            // A row that is parked says that the issue cannot be fetched, and keeps it from being asked for again.
            """
            CREATE TABLE issue_fetches (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                reason TEXT NOT NULL,
                backfill_id {uuid},
                due_at {timestamp} NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                parked_at {timestamp},
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            "CREATE INDEX issue_fetches_due ON issue_fetches (tenant_id, due_at) WHERE parked_at IS NULL",
            "CREATE INDEX issue_fetches_reason ON issue_fetches (tenant_id, reason, due_at) WHERE parked_at IS NULL",
            "CREATE INDEX issue_fetches_parked ON issue_fetches (tenant_id, issue_id) WHERE parked_at IS NOT NULL",
            "CREATE INDEX issue_fetches_backfill ON issue_fetches (backfill_id) WHERE backfill_id IS NOT NULL",
            """
            CREATE TABLE backfills (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                jql TEXT NOT NULL,
                state TEXT NOT NULL,
                page_token TEXT,
                is_listed {flag} NOT NULL,
                listed {count} NOT NULL,
                requested {count} NOT NULL,
                calls {count} NOT NULL,
                error TEXT,
                created_at {timestamp} NOT NULL,
                finished_at {timestamp}
            )
            """,
            "CREATE INDEX backfills_tenant ON backfills (tenant_id, created_at)",
            "CREATE INDEX issue_snapshots_updated ON issue_snapshots (tenant_id, updated)",
            "ALTER TABLE issue_snapshots ADD COLUMN whole_at {timestamp}",
            "ALTER TABLE issue_snapshots ADD COLUMN hidden_since {timestamp}",
        ])
}
