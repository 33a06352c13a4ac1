extension Migrations {
    /// Who is signed in to the dashboard.
    static let signIns = Step(
        name: "0031-sign-ins",
        statements: [
            """
            CREATE TABLE sign_ins (
                token_hash {key} PRIMARY KEY,
                kind TEXT NOT NULL,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                api_key_hash TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                ends_at {timestamp} NOT NULL
            )
            """,
            "CREATE INDEX sign_ins_tenant ON sign_ins (tenant_id, created_at)",
        ])
}
