extension Migrations {
    /// People who were erased, by nothing but hashes under a key that the store does not hold in clear (decision 0052).
    static let personErasure = Step(
        name: "0040-person-erasure",
        statements: [
            // The key of the tenant's hashes, sealed; NULL until somebody is erased.
            "ALTER TABLE tenants ADD COLUMN erasure_key_encrypted TEXT",
            // When the newest erasure began, and whether one is under way.
            "ALTER TABLE tenants ADD COLUMN erasure_began_at {timestamp}",
            "ALTER TABLE tenants ADD COLUMN is_erasing {flag} NOT NULL DEFAULT FALSE",
            // `person_id` and `name` are what stands in the person's place: random, but for the role and the place.
            """
            CREATE TABLE erased_people (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                person_id {key} NOT NULL,
                name TEXT NOT NULL,
                requested_at {timestamp} NOT NULL,
                finished_at {timestamp},
                step TEXT NOT NULL,
                place TEXT,
                counts_json TEXT NOT NULL,
                PRIMARY KEY (tenant_id, person_id)
            )
            """,
            "CREATE INDEX erased_people_unfinished ON erased_people (tenant_id, person_id) WHERE finished_at IS NULL",
            // The hashes of account ids, mail addresses and names.
            """
            CREATE TABLE erased_marks (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                mark {key} NOT NULL,
                kind TEXT NOT NULL,
                size INTEGER NOT NULL,
                words INTEGER NOT NULL,
                person_id {key} NOT NULL,
                PRIMARY KEY (tenant_id, mark)
            )
            """,
            // What is left of each revision of a comment; `revision` is its instant in milliseconds. `content_hash` is that of
            // the text, until the erasure is over.
            """
            CREATE TABLE erased_comments (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                comment_id {key} NOT NULL,
                revision {count} NOT NULL,
                body TEXT NOT NULL,
                content_hash {key},
                PRIMARY KEY (tenant_id, comment_id, revision)
            )
            """,
            """
            CREATE INDEX erased_comments_hashed ON erased_comments (tenant_id, content_hash)
            WHERE content_hash IS NOT NULL
            """,
            "ALTER TABLE issue_comments ADD COLUMN erased_length INTEGER",
        ])
}
