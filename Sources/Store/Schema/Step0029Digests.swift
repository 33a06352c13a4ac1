extension Migrations {
    /// When channels get a digest, which of them are for digests alone, and whose digest is due when.
    static let digests = Step(
        name: "0029-digests",
        statements: [
            "ALTER TABLE alert_channels ADD COLUMN digest_json {json}",
            "ALTER TABLE alert_channels ADD COLUMN takes_alerts {flag} NOT NULL DEFAULT TRUE",
            // A row for each channel with a digest. `next_due_at` is NULL until it was worked out, `covered_until` until the
            // first digest of the schedule.
            """
            CREATE TABLE digest_schedules (
                channel_id {uuid} PRIMARY KEY REFERENCES alert_channels (id) ON DELETE CASCADE,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                next_due_at {timestamp},
                covered_until {timestamp},
                retry_at {timestamp},
                lease_token TEXT,
                leased_until {timestamp}
            )
            """,
            "CREATE INDEX digest_schedules_due ON digest_schedules (next_due_at)",
            "CREATE INDEX digest_schedules_tenant ON digest_schedules (tenant_id)",
        ])
}
