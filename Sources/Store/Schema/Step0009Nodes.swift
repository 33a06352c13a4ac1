extension Migrations {
    /// The processes that work on this store: each tells now and then that it is alive.
    static let nodes = Step(
        name: "0009-nodes",
        statements: [
            """
            CREATE TABLE nodes (
                id {uuid} PRIMARY KEY,
                host TEXT NOT NULL,
                version TEXT NOT NULL,
                started_at {timestamp} NOT NULL,
                seen_at {timestamp} NOT NULL
            )
            """
        ])
}
