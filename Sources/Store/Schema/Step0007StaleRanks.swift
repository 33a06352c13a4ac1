extension Migrations {
    /// Stale analyses wait behind what has happened.
    static let staleRanks = Step(
        name: "0007-stale-ranks",
        statements: [
            "ALTER TABLE issue_queue ADD COLUMN stale_rank INTEGER NOT NULL DEFAULT 0",
            "DROP INDEX issue_queue_due",
            "CREATE INDEX issue_queue_due ON issue_queue (due_at) WHERE parked_at IS NULL AND stale_rank = 0",
            "CREATE INDEX issue_queue_stale ON issue_queue (stale_rank, due_at) WHERE parked_at IS NULL AND stale_rank > 0",
        ])
}
