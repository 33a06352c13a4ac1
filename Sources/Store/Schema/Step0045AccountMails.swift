extension Migrations {
    /// Mails to the owners of tenants about their accounts, and who switched the optional ones off (decision 0061).
    static let accountMails = Step(
        name: "0045-account-mails",
        statements: [
            // `recipient_id` is a person, or the tenant itself for its contact address: no address is kept. A row stays when the
            // mail was sent, so that none is sent twice.
            """
            CREATE TABLE account_mails (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                occasion {key} NOT NULL,
                recipient_id {uuid} NOT NULL,
                refers_to {timestamp},
                state TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                due_at {timestamp} NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                settled_at {timestamp},
                lease_token TEXT,
                leased_until {timestamp},
                UNIQUE (tenant_id, kind, occasion, recipient_id)
            )
            """,
            "CREATE INDEX account_mails_due ON account_mails (due_at) WHERE state = 'queued'",
            "CREATE INDEX account_mails_created ON account_mails (created_at, id)",
            "CREATE INDEX account_mails_dead ON account_mails (created_at, id) WHERE state = 'dead'",
            "CREATE INDEX account_mails_settled ON account_mails (settled_at) WHERE settled_at IS NOT NULL",
            """
            CREATE TABLE account_mail_optouts (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                recipient_id {uuid} NOT NULL,
                created_at {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, recipient_id)
            )
            """,
            // Whether Jira has ever sent anything is asked each minute. Both engines use it where a query has the same condition.
            """
            CREATE INDEX webhook_events_jira ON webhook_events (tenant_id, id) WHERE event NOT LIKE 'consilod:%'
            """,
        ])
}
