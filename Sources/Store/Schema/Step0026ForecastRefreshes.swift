extension Migrations {
    /// With what the forecasts of each tenant were last made again, and who is at it.
    static let forecastRefreshes = Step(
        name: "0026-forecast-refreshes",
        statements: [
            """
            CREATE TABLE forecast_refreshes (
                tenant_id {uuid} PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
                basis_as_of {timestamp},
                model_key {key},
                refreshed_at {timestamp},
                retry_at {timestamp},
                lease_token TEXT,
                leased_until {timestamp}
            )
            """
        ])
}
