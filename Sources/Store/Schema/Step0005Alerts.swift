extension Migrations {
    static let alerts = Step(
        name: "0005-alerts",
        statements: [
            """
            CREATE TABLE alert_rules (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                is_enabled {flag} NOT NULL,
                rule_json {json} NOT NULL
            )
            """,
            "CREATE INDEX alert_rules_tenant ON alert_rules (tenant_id)",
            """
            CREATE TABLE alert_states (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                rule_id {uuid} NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                is_firing {flag} NOT NULL,
                since {timestamp} NOT NULL,
                score INTEGER NOT NULL,
                PRIMARY KEY (tenant_id, issue_id, rule_id)
            )
            """,
            "CREATE INDEX alert_states_rule ON alert_states (rule_id)",
            """
            CREATE TABLE alert_channels (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                name TEXT NOT NULL,
                target_encrypted TEXT NOT NULL,
                is_enabled {flag} NOT NULL
            )
            """,
            "CREATE INDEX alert_channels_tenant ON alert_channels (tenant_id)",
            """
            CREATE TABLE alerts (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                rule_id {uuid} NOT NULL,
                issue_id {key} NOT NULL,
                issue_key {key} NOT NULL,
                kind TEXT NOT NULL,
                event TEXT NOT NULL,
                score INTEGER NOT NULL,
                created_at {timestamp} NOT NULL,
                alert_json {json} NOT NULL
            )
            """,
            "CREATE INDEX alerts_tenant ON alerts (tenant_id, created_at, id)",
            // The channel's name and kind stay readable after the channel is deleted.
            """
            CREATE TABLE alert_outbox (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                alert_id {uuid} NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
                channel_id {uuid} NOT NULL,
                channel_name TEXT NOT NULL,
                channel_kind TEXT NOT NULL,
                state TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                due_at {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                last_error TEXT,
                delivered_at {timestamp}
            )
            """,
            "CREATE INDEX alert_outbox_due ON alert_outbox (due_at) WHERE state = 'queued'",
            "CREATE INDEX alert_outbox_alert ON alert_outbox (alert_id)",
            "CREATE INDEX alert_outbox_dead ON alert_outbox (tenant_id) WHERE state = 'dead'",
        ])
}
