extension Migrations {
    static let tenants = Step(
        name: "0001-tenants",
        statements: [
            """
            CREATE TABLE tenants (
                id {uuid} PRIMARY KEY,
                company_name TEXT NOT NULL,
                owner_user_id {uuid},
                jira_url TEXT NOT NULL UNIQUE,
                jira_email TEXT NOT NULL,
                jira_token_encrypted TEXT NOT NULL,
                plan TEXT NOT NULL DEFAULT 'starter',
                status TEXT NOT NULL DEFAULT 'trial',
                monthly_issue_limit INTEGER,
                monthly_sprint_limit INTEGER,
                monthly_portfolio_limit INTEGER,
                daily_rate_per_person {real} NOT NULL DEFAULT 2500,
                created_at {timestamp} NOT NULL,
                updated_at {timestamp} NOT NULL,
                trial_ends_at {timestamp},
                stripe_customer_id TEXT,
                stripe_subscription_id TEXT,
                api_key_hash TEXT NOT NULL UNIQUE,
                late_until {timestamp}
            )
            """,
            """
            CREATE TABLE webhook_secrets (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                secret_encrypted TEXT NOT NULL,
                created_at {timestamp} NOT NULL
            )
            """,
            "CREATE INDEX webhook_secrets_tenant ON webhook_secrets (tenant_id)",
            """
            CREATE TABLE usage_logs (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                action_type TEXT NOT NULL,
                resource_key TEXT NOT NULL,
                processing_time_ms INTEGER,
                created_at {timestamp} NOT NULL
            )
            """,
            "CREATE INDEX usage_logs_tenant ON usage_logs (tenant_id, created_at)",
        ])
}
