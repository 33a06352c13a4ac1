extension Migrations {
    /// The tenants as customers of Stripe (decision 0062): how their subscriptions stand, the events about them, and the writes
    /// that are under way.
    static let stripe = Step(
        name: "0046-stripe",
        statements: [
            // One row a tenant that became a customer.
            """
            CREATE TABLE stripe_accounts (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                customer_id TEXT NOT NULL,
                subscription_id TEXT,
                subscription_status TEXT,
                price_id TEXT,
                current_period_end {timestamp},
                cancel_at_period_end {flag} NOT NULL DEFAULT FALSE,
                trial_ends_at {timestamp},
                subscribed_at {timestamp},
                past_due_since {timestamp},
                problem TEXT,
                fetched_at {timestamp},
                due_at {timestamp} NOT NULL,
                generation {count} NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                last_error TEXT,
                lease_token TEXT,
                leased_until {timestamp}
            )
            """,
            "CREATE UNIQUE INDEX stripe_accounts_customer ON stripe_accounts (customer_id)",
            "CREATE INDEX stripe_accounts_due ON stripe_accounts (due_at)",
            // Whom an event is about, not what it says: that is fetched.
            """
            CREATE TABLE stripe_events (
                id {key} PRIMARY KEY,
                tenant_id {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
                event_type TEXT NOT NULL,
                customer_id TEXT,
                object_id TEXT,
                created_at {timestamp} NOT NULL,
                received_at {timestamp} NOT NULL,
                state TEXT NOT NULL,
                generation {count} NOT NULL,
                applied_at {timestamp}
            )
            """,
            "CREATE INDEX stripe_events_received ON stripe_events (received_at)",
            "CREATE INDEX stripe_events_pending ON stripe_events (tenant_id, generation) WHERE state = 'pending'",
            "CREATE INDEX stripe_events_tenant ON stripe_events (tenant_id)",
            """
            CREATE TABLE stripe_intents (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                parameters TEXT NOT NULL,
                state TEXT NOT NULL,
                result_id TEXT,
                error TEXT,
                asked_by TEXT NOT NULL,
                is_carried_on {flag} NOT NULL DEFAULT FALSE,
                created_at {timestamp} NOT NULL,
                touched_at {timestamp} NOT NULL,
                finished_at {timestamp}
            )
            """,
            "CREATE INDEX stripe_intents_tenant ON stripe_intents (tenant_id, kind, created_at)",
            "CREATE INDEX stripe_intents_created ON stripe_intents (created_at)",
        ])
}
