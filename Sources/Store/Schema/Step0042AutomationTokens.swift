extension Migrations {
    /// What the requests of Jira Automation carry (decision 0057): hashes, several of which are valid while one is rotated.
    static let automationTokens = Step(
        name: "0042-automation-tokens",
        statements: [
            """
            CREATE TABLE automation_tokens (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                token_hash TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                expires_at {timestamp}
            )
            """,
            "CREATE INDEX automation_tokens_tenant ON automation_tokens (tenant_id)",
        ])
}
