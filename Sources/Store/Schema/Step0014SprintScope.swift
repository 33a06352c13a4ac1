extension Migrations {
    /// Which issues were in a sprint before, and what the issues say of their sprints: not every site sends sprint
    /// webhooks.
    static let sprintScope = Step(
        name: "0014-sprint-scope",
        statements: [
            // A row for every sprint that the issue is or was in; those that it is in describe the sprint.
            "ALTER TABLE issue_sprints ADD COLUMN is_member {flag} NOT NULL DEFAULT TRUE",
            "ALTER TABLE issue_sprints ADD COLUMN project_key {key}",
            "ALTER TABLE issue_sprints ADD COLUMN name TEXT",
            // In small letters, to be found by.
            "ALTER TABLE issue_sprints ADD COLUMN name_key {key}",
            "ALTER TABLE issue_sprints ADD COLUMN state TEXT",
            "ALTER TABLE issue_sprints ADD COLUMN board_id TEXT",
            "ALTER TABLE issue_sprints ADD COLUMN start_date {timestamp}",
            "ALTER TABLE issue_sprints ADD COLUMN end_date {timestamp}",
            "ALTER TABLE issue_sprints ADD COLUMN complete_date {timestamp}",
            "DROP INDEX issue_sprints_sprint",
            "CREATE INDEX issue_sprints_sprint ON issue_sprints (tenant_id, sprint_id, project_key)",
            "CREATE INDEX issue_sprints_name ON issue_sprints (tenant_id, project_key, name_key, sprint_id)",
            """
            CREATE INDEX issue_sprints_active ON issue_sprints (tenant_id, project_key, sprint_id)
            WHERE is_member AND state = 'active'
            """,
            // When the sprint field was told.
            "ALTER TABLE issue_snapshots ADD COLUMN sprints_told_at {timestamp}",
            // The rest is in JSON and lists, which the fold reads: each issue that is or was in a sprint gets a look,
            // behind all other work.
            """
            INSERT INTO issue_queue (tenant_id, issue_id, due_at, stale_rank)
            SELECT s.tenant_id, s.issue_id, s.updated, 2000 FROM issue_snapshots s
            WHERE s.updated IS NOT NULL
                AND (EXISTS (SELECT 1 FROM issue_sprints m WHERE m.tenant_id = s.tenant_id AND m.issue_id = s.issue_id)
                    OR EXISTS (
                        SELECT 1 FROM issue_changes c
                        WHERE c.tenant_id = s.tenant_id AND c.issue_id = s.issue_id AND c.field = 'Sprint'))
                AND NOT EXISTS (
                    SELECT 1 FROM webhook_events e
                    WHERE e.tenant_id = s.tenant_id AND e.issue_id = s.issue_id AND e.state = 'pending')
            ON CONFLICT (tenant_id, issue_id) DO UPDATE SET due_at = excluded.due_at,
                stale_rank = excluded.stale_rank, generation = issue_queue.generation + 1
            WHERE issue_queue.parked_at IS NULL AND issue_queue.due_at > excluded.due_at
            """,
        ])
}
