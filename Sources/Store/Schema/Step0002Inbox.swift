extension Migrations {
    static let inbox = Step(
        name: "0002-inbox",
        statements: [
            // A delivery is one row, or two for a link (one for each end): `part` tells them apart.
            """
            CREATE TABLE webhook_events (
                id {serial},
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                delivery_id {key} NOT NULL,
                part INTEGER NOT NULL,
                event TEXT NOT NULL,
                issue_id {key},
                sent_at {timestamp},
                received_at {timestamp} NOT NULL,
                retry_count INTEGER NOT NULL,
                state TEXT NOT NULL,
                error TEXT,
                applied_at {timestamp},
                body {blob} NOT NULL,
                UNIQUE (tenant_id, delivery_id, part)
            )
            """,
            """
            CREATE INDEX webhook_events_pending ON webhook_events (tenant_id, issue_id, id) WHERE state = 'pending'
            """,
            "CREATE INDEX webhook_events_rejected ON webhook_events (tenant_id, id) WHERE state = 'rejected'",
            """
            CREATE TABLE issue_queue (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                due_at {timestamp} NOT NULL,
                generation {count} NOT NULL DEFAULT 0,
                attempts INTEGER NOT NULL DEFAULT 0,
                lease_token TEXT,
                leased_until {timestamp},
                parked_at {timestamp},
                last_error TEXT,
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            "CREATE INDEX issue_queue_due ON issue_queue (due_at) WHERE parked_at IS NULL",
            """
            CREATE TABLE sprints (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                sprint_id {key} NOT NULL,
                name TEXT NOT NULL,
                state TEXT NOT NULL,
                board_id TEXT,
                start_date {timestamp},
                end_date {timestamp},
                complete_date {timestamp},
                is_deleted {flag} NOT NULL,
                sent_at {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, sprint_id)
            )
            """,
        ])
}
