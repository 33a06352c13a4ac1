import Domain

extension Migrations {
    /// The words of every issue, and the engine's full text index over them (decision 0025).
    static let issueTexts = Step(
        name: "0019-issue-texts",
        statements: [
            // A table of its own: the row of an issue changes with every scoring, its words hardly ever.
            """
            CREATE TABLE issue_texts (
                id {serial},
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                title TEXT NOT NULL,
                tags TEXT NOT NULL,
                body TEXT NOT NULL,
                UNIQUE (tenant_id, issue_id)
            )
            """
        ],
        postgresStatements: [
            // Parsed with 'simple': the words are folded already, in one way for both engines and every language. No word
            // holds an '@'.
            """
            ALTER TABLE issue_texts ADD COLUMN search TSVECTOR NOT NULL GENERATED ALWAYS AS (
                array_to_tsvector(ARRAY['@' || CAST(tenant_id AS TEXT)])
                || setweight(to_tsvector('pg_catalog.simple', title), 'A')
                || setweight(to_tsvector('pg_catalog.simple', tags), 'B')
                || setweight(to_tsvector('pg_catalog.simple', body), 'C')) STORED
            """,
            // Not fast updates: every search would go through what they put off, and some commit would pay for all of it.
            "CREATE INDEX issue_texts_search ON issue_texts USING GIN (search) WITH (fastupdate = off)",
        ],
        sqliteStatements: [
            // Holds no text itself. The hyphen makes a tenant's id one word.
            """
            CREATE VIRTUAL TABLE \(IssueTextStatements.sqliteIndex) USING fts5 (
                tenant_id, title, tags, body, content = 'issue_texts', content_rowid = 'id',
                tokenize = "unicode61 remove_diacritics 0 tokenchars '-'")
            """,
            """
            CREATE TRIGGER issue_texts_inserted AFTER INSERT ON issue_texts BEGIN
                \(indexing("NEW"))
            END
            """,
            """
            CREATE TRIGGER issue_texts_deleted AFTER DELETE ON issue_texts BEGIN
                \(unindexing("OLD"))
            END
            """,
            """
            CREATE TRIGGER issue_texts_updated AFTER UPDATE ON issue_texts BEGIN
                \(unindexing("OLD"))
                \(indexing("NEW"))
            END
            """,
        ], fill: IssueTextStatements.fill)

    private static func indexing(_ row: String) -> String {
        """
        INSERT INTO \(IssueTextStatements.sqliteIndex) (rowid, tenant_id, title, tags, body)
        VALUES (\(row).id, \(row).tenant_id, \(row).title, \(row).tags, \(row).body);
        """
    }

    private static func unindexing(_ row: String) -> String {
        """
        INSERT INTO \(IssueTextStatements.sqliteIndex) (\(IssueTextStatements.sqliteIndex), rowid, tenant_id, title, tags, body)
        VALUES ('delete', \(row).id, \(row).tenant_id, \(row).title, \(row).tags, \(row).body);
        """
    }
}
