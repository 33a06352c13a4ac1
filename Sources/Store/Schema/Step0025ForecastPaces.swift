extension Migrations {
    /// What forecasts of single issues rest on, of each tenant, and the backtests that people ask for.
    static let forecastPaces = Step(
        name: "0025-forecast-paces",
        statements: [
            """
            CREATE TABLE forecast_paces (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                as_of {timestamp} NOT NULL,
                finished INTEGER NOT NULL,
                judged_at {timestamp},
                judged_model_id {key},
                stepped_down_at {timestamp},
                drift TEXT,
                file {blob} NOT NULL
            )
            """,
            // The newest one of each tenant: it is worked on under a lease, and its result is kept until the next.
            """
            CREATE TABLE forecast_backtests (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                state TEXT NOT NULL,
                options TEXT NOT NULL,
                requested_at {timestamp} NOT NULL,
                finished_at {timestamp},
                attempts INTEGER NOT NULL DEFAULT 0,
                done INTEGER NOT NULL DEFAULT 0,
                total INTEGER NOT NULL DEFAULT 0,
                result TEXT,
                error TEXT,
                lease_token TEXT,
                leased_until {timestamp}
            )
            """,
            "CREATE INDEX forecast_backtests_waiting ON forecast_backtests (requested_at) WHERE state = 'waiting'",
        ])
}
