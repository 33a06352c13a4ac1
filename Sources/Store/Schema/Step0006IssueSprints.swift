extension Migrations {
    /// Which issues a sprint webhook concerns. Filled with every snapshot that is written.
    static let issueSprints = Step(
        name: "0006-issue-sprints",
        statements: [
            """
            CREATE TABLE issue_sprints (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                sprint_id {key} NOT NULL,
                PRIMARY KEY (tenant_id, issue_id, sprint_id)
            )
            """,
            "CREATE INDEX issue_sprints_sprint ON issue_sprints (tenant_id, sprint_id)",
        ])
}
