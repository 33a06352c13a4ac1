extension Migrations {
    /// How many times the listing of a backfill began again, and whether somebody asked for a full sweep.
    static let syncRequests = Step(
        name: "0016-sync-requests",
        statements: [
            "ALTER TABLE backfills ADD COLUMN restarts {count} NOT NULL DEFAULT 0",
            "ALTER TABLE jira_access ADD COLUMN full_sweep_asked {flag} NOT NULL DEFAULT FALSE",
        ])
}
