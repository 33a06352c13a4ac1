extension Migrations {
    /// How bodies of webhooks are stored. Their bytes as they came, because they may be stored compressed: those that are there
    /// already stay as they are, and have none. And the pieces of large ones (decision 0065).
    static let bodySizes = Step(
        name: "0047-body-sizes",
        statements: [
            "ALTER TABLE webhook_events ADD COLUMN body_size INTEGER",
            // Names the pieces of a body that is not in its row. No foreign key: the pieces come first, and go last.
            "ALTER TABLE webhook_events ADD COLUMN body_id {uuid}",
            "CREATE INDEX webhook_events_body ON webhook_events (tenant_id, body_id) WHERE body_id IS NOT NULL",
            """
            CREATE TABLE webhook_body_pieces (
                id {serial},
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                body_id {uuid} NOT NULL,
                piece INTEGER NOT NULL,
                created_at {timestamp} NOT NULL,
                bytes {blob} NOT NULL,
                UNIQUE (tenant_id, body_id, piece)
            )
            """,
            // Everything that the search for pieces without a webhook reads, so that it does not read the pieces themselves.
            "CREATE INDEX webhook_body_pieces_created ON webhook_body_pieces (created_at, tenant_id, body_id)",
        ])
}
