extension Migrations {
    /// Who did what: a chain of hashes for each tenant, and one for the host (decision 0049).
    static let auditLog = Step(
        name: "0037-audit-log",
        statements: [
            // The JSON is text: its bytes are what the hash is of, and PostgreSQL's JSON would not keep them.
            """
            CREATE TABLE audit_log (
                id {serial},
                tenant_id {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
                sequence {count} NOT NULL,
                at {timestamp} NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                object_kind TEXT NOT NULL,
                object_id TEXT,
                before_json TEXT,
                after_json TEXT,
                address TEXT,
                request_id TEXT,
                previous_hash TEXT NOT NULL,
                hash TEXT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX audit_log_tenant ON audit_log (tenant_id, sequence)",
            // To that index no two NULLs are the same.
            "CREATE UNIQUE INDEX audit_log_host ON audit_log (sequence) WHERE tenant_id IS NULL",
            // Where a chain begins, behind what the retention has removed, and where it ends.
            """
            CREATE TABLE audit_chains (
                chain {key} PRIMARY KEY,
                tenant_id {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
                base_sequence {count} NOT NULL,
                base_hash TEXT NOT NULL,
                head_sequence {count} NOT NULL,
                head_hash TEXT NOT NULL
            )
            """,
            "CREATE INDEX audit_chains_tenant ON audit_chains (tenant_id)",
        ])
}
