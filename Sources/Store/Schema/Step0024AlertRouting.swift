extension Migrations {
    /// Routes, silences, quiet hours, and what groups of alerts are found by.
    static let alertRouting = Step(
        name: "0024-alert-routing",
        statements: [
            // By what a storm is counted: NULL where it does not count.
            "ALTER TABLE notifications ADD COLUMN storm_key {key}",
            // The notification of a group that waits, and the last one that was sent.
            "CREATE INDEX notifications_group ON notifications (channel_id, group_key, notify_at)",
            "CREATE INDEX notifications_storm ON notifications (channel_id, storm_key) WHERE state = 'queued'",
            // The silence that kept the alert back.
            "ALTER TABLE alerts ADD COLUMN silence_id {uuid}",
            "CREATE INDEX alerts_silence ON alerts (silence_id) WHERE silence_id IS NOT NULL",
            "ALTER TABLE alert_channels ADD COLUMN quiet_json {json}",
            """
            CREATE TABLE alert_routes (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                route_json {json} NOT NULL
            )
            """,
            """
            CREATE TABLE alert_silences (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                starts_at {timestamp} NOT NULL,
                ends_at {timestamp} NOT NULL,
                released_at {timestamp},
                silence_json {json} NOT NULL
            )
            """,
            "CREATE INDEX alert_silences_tenant ON alert_silences (tenant_id, ends_at, id)",
            // Those whose alerts are to be looked at when they have ended.
            "CREATE INDEX alert_silences_ended ON alert_silences (ends_at) WHERE released_at IS NULL",
        ])
}
