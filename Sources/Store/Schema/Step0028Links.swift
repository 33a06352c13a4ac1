extension Migrations {
    /// What is done from a message: acknowledgements, and what the owners of mail addresses say.
    static let links = Step(
        name: "0028-links",
        statements: [
            "ALTER TABLE alerts ADD COLUMN acknowledged_at {timestamp}",
            "ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT",
            // Whether an address that has no row is to be asked. The channels that there are go on as before.
            "ALTER TABLE alert_channels ADD COLUMN asks_recipients {flag} NOT NULL DEFAULT FALSE",
            // A row outlives its channel for a day, so that a channel that is made again does not ask at once.
            """
            CREATE TABLE mail_recipients (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                channel_id {uuid} NOT NULL,
                address_encrypted TEXT NOT NULL,
                state TEXT NOT NULL,
                changed_at {timestamp} NOT NULL,
                confirmation_due_at {timestamp},
                confirmation_sent_at {timestamp},
                confirmation_attempts INTEGER NOT NULL DEFAULT 0,
                confirmation_error TEXT
            )
            """,
            "CREATE INDEX mail_recipients_channel ON mail_recipients (tenant_id, channel_id)",
            """
            CREATE INDEX mail_recipients_due ON mail_recipients (confirmation_due_at) WHERE confirmation_due_at IS NOT NULL
            """,
        ])
}
