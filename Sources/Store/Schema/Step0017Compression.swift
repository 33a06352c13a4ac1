extension Migrations {
    /// PostgreSQL's own compression took a quarter of the server's time for a webhook. Rows that are there already stay as
    /// they are.
    static let compression = Step(
        name: "0017-compression", statements: [],
        postgresStatements: [
            // In the order in which a scoring writes them.
            ("issue_snapshots", "state_json"), ("issue_snapshots", "analysis_json"),
            ("analysis_history", "analysis_json"), ("webhook_events", "body"),
        ].map { table, column in
            // Not known before version 14, and a server may be built without it.
            """
            DO $$ BEGIN
                EXECUTE 'ALTER TABLE \(table) ALTER COLUMN \(column) SET COMPRESSION lz4';
            EXCEPTION WHEN syntax_error OR feature_not_supported THEN NULL;
            END $$
            """
        })
}
