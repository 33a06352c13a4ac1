extension Migrations {
    /// Finds the tenants that have something due, one by one, however much one of them has.
    static let issueTurns = Step(
        name: "0027-issue-turns",
        statements: [
            """
            CREATE INDEX issue_queue_turns ON issue_queue (tenant_id, due_at) WHERE parked_at IS NULL AND stale_rank = 0
            """
        ])
}
