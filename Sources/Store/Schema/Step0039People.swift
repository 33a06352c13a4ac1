extension Migrations {
    /// People who sign in by themselves, the tenants that they belong to, and invitations (decision 0051).
    static let people = Step(
        name: "0039-people",
        statements: [
            // A person is issuer and subject. `tenant_id` is the tenant that the person has chosen last.
            """
            CREATE TABLE users (
                id {uuid} PRIMARY KEY,
                issuer {key} NOT NULL,
                subject {key} NOT NULL,
                clerk_user_id {key} UNIQUE,
                email TEXT,
                is_email_verified {flag} NOT NULL,
                full_name TEXT,
                tenant_id {uuid} REFERENCES tenants (id) ON DELETE SET NULL,
                created_at {timestamp} NOT NULL,
                updated_at {timestamp} NOT NULL,
                last_sign_in_at {timestamp} NOT NULL,
                UNIQUE (issuer, subject)
            )
            """,
            "CREATE INDEX users_tenant ON users (tenant_id)",
            "CREATE INDEX users_last_sign_in ON users (last_sign_in_at)",
            // `source` is the provider whose claim gave the membership; none for one that an owner gave.
            """
            CREATE TABLE memberships (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                role TEXT NOT NULL,
                source TEXT,
                created_at {timestamp} NOT NULL,
                created_by TEXT NOT NULL,
                updated_at {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, user_id)
            )
            """,
            "CREATE INDEX memberships_user ON memberships (user_id)",
            """
            CREATE TABLE invitations (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                email {key} NOT NULL,
                role TEXT NOT NULL,
                token_hash {key} NOT NULL UNIQUE,
                created_at {timestamp} NOT NULL,
                created_by TEXT NOT NULL,
                expires_at {timestamp} NOT NULL,
                accepted_at {timestamp},
                accepted_by {uuid}
            )
            """,
            "CREATE INDEX invitations_tenant ON invitations (tenant_id, created_at)",
            "CREATE INDEX invitations_email ON invitations (email)",
            // The session of a person has no key behind it, and no tenant until one is chosen: SQLite cannot take the
            // constraints off the columns.
            """
            CREATE TABLE sign_ins_of_people (
                token_hash {key} PRIMARY KEY,
                kind TEXT NOT NULL,
                tenant_id {uuid} REFERENCES tenants (id) ON DELETE CASCADE,
                api_key_hash TEXT,
                created_at {timestamp} NOT NULL,
                ends_at {timestamp} NOT NULL,
                role TEXT,
                user_id {uuid} REFERENCES users (id) ON DELETE CASCADE,
                source TEXT
            )
            """,
            """
            INSERT INTO sign_ins_of_people (token_hash, kind, tenant_id, api_key_hash, created_at, ends_at, role)
            SELECT token_hash, kind, tenant_id, api_key_hash, created_at, ends_at, role FROM sign_ins
            """,
            "DROP TABLE sign_ins",
            "ALTER TABLE sign_ins_of_people RENAME TO sign_ins",
            "CREATE INDEX sign_ins_tenant ON sign_ins (tenant_id, created_at)",
            "CREATE INDEX sign_ins_user ON sign_ins (user_id)",
        ])
}
