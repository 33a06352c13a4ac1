import Domain

/// The schema, step by step. A step that has shipped is never edited: a change is a new step.
///
/// Names are those of the product consilod replaces where it had the table. Types in braces are the dialect's; texts that
/// are sorted or compared by order are a `{key}`.
enum Migrations {
    struct Step: Sendable {
        var name: String
        var statements: [String]
        /// What PostgreSQL is told besides, of how it keeps things.
        var postgresStatements: [String] = []
    }

    static let all: [Step] = [
        tenants, inbox, issues, analyses, alerts, issueSprints, staleRanks, retention, nodes, largeStores,
        jiraSync, sprintScope, webhookSecretExpiry, syncRequests, compression, notifications,
    ]

    /// Stands among the steps while another store is being copied into this one, and is a step of no consilod.
    static let unfinishedCopy = "unfinished copy of another store"
    /// The lock under which the schema changes.
    static let lockName = "consilod schema"

    /// Brings the schema up to date in one transaction; the names of the steps taken.
    ///
    /// - Parameter isCopying: whether a copy that is not finished may be opened.
    @discardableResult
    static func apply(
        to connection: any SQLConnection, now: Timestamp, isCopying: Bool = false
    ) throws -> [String] {
        for statement in connection.dialect.beforeMigrating { try connection.run(statement, []) }
        // Nodes that start together go one after the other.
        try connection.lock(.exclusive, lockName)
        try connection.run(
            connection.dialect.schema(
                "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at {timestamp} NOT NULL)"),
            [])
        var done = Set(try connection.query("SELECT name FROM schema_migrations", []).map { try $0.text(0) })
        if done.remove(unfinishedCopy) != nil, !isCopying {
            throw StorageError(
                .corrupt,
                """
                the database holds a copy of another store that is not finished: have 'consilod store migrate-to' \
                finish it, or use the store it came from
                """)
        }
        if let unknown = done.subtracting(all.map(\.name)).min() {
            throw StorageError(
                .corrupt, "the database was last used by a newer consilod (it has the schema step '\(unknown)')")
        }
        let missing = all.filter { !done.contains($0.name) }
        for step in missing {
            let statements = step.statements + (connection.dialect.hasConcurrentWriters ? step.postgresStatements : [])
            for statement in statements { try connection.run(connection.dialect.schema(statement), []) }
            try connection.run(
                "INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)", [.text(step.name), .timestamp(now)])
        }
        return missing.map(\.name)
    }

    private static let tenants = Step(
        name: "0001-tenants",
        statements: [
            """
            CREATE TABLE tenants (
                id {uuid} PRIMARY KEY,
                company_name TEXT NOT NULL,
                owner_user_id {uuid},
                jira_url TEXT NOT NULL UNIQUE,
                jira_email TEXT NOT NULL,
                jira_token_encrypted TEXT NOT NULL,
                plan TEXT NOT NULL DEFAULT 'starter',
                status TEXT NOT NULL DEFAULT 'trial',
                monthly_issue_limit INTEGER,
                monthly_sprint_limit INTEGER,
                monthly_portfolio_limit INTEGER,
                daily_rate_per_person {real} NOT NULL DEFAULT 2500,
                created_at {timestamp} NOT NULL,
                updated_at {timestamp} NOT NULL,
                trial_ends_at {timestamp},
                stripe_customer_id TEXT,
                stripe_subscription_id TEXT,
                api_key_hash TEXT NOT NULL UNIQUE,
                late_until {timestamp}
            )
            """,
            """
            CREATE TABLE webhook_secrets (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                secret_encrypted TEXT NOT NULL,
                created_at {timestamp} NOT NULL
            )
            """,
            "CREATE INDEX webhook_secrets_tenant ON webhook_secrets (tenant_id)",
            """
            CREATE TABLE usage_logs (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                action_type TEXT NOT NULL,
                resource_key TEXT NOT NULL,
                processing_time_ms INTEGER,
                created_at {timestamp} NOT NULL
            )
            """,
            "CREATE INDEX usage_logs_tenant ON usage_logs (tenant_id, created_at)",
        ])

    private static let inbox = Step(
        name: "0002-inbox",
        statements: [
            // A delivery is one row, or two for a link (one for each end): `part` tells them apart.
            """
            CREATE TABLE webhook_events (
                id {serial},
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                delivery_id {key} NOT NULL,
                part INTEGER NOT NULL,
                event TEXT NOT NULL,
                issue_id {key},
                sent_at {timestamp},
                received_at {timestamp} NOT NULL,
                retry_count INTEGER NOT NULL,
                state TEXT NOT NULL,
                error TEXT,
                applied_at {timestamp},
                body {blob} NOT NULL,
                UNIQUE (tenant_id, delivery_id, part)
            )
            """,
            """
            CREATE INDEX webhook_events_pending ON webhook_events (tenant_id, issue_id, id) WHERE state = 'pending'
            """,
            "CREATE INDEX webhook_events_rejected ON webhook_events (tenant_id, id) WHERE state = 'rejected'",
            """
            CREATE TABLE issue_queue (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                due_at {timestamp} NOT NULL,
                generation {count} NOT NULL DEFAULT 0,
                attempts INTEGER NOT NULL DEFAULT 0,
                lease_token TEXT,
                leased_until {timestamp},
                parked_at {timestamp},
                last_error TEXT,
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            "CREATE INDEX issue_queue_due ON issue_queue (due_at) WHERE parked_at IS NULL",
            """
            CREATE TABLE sprints (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                sprint_id {key} NOT NULL,
                name TEXT NOT NULL,
                state TEXT NOT NULL,
                board_id TEXT,
                start_date {timestamp},
                end_date {timestamp},
                complete_date {timestamp},
                is_deleted {flag} NOT NULL,
                sent_at {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, sprint_id)
            )
            """,
        ])

    private static let issues = Step(
        name: "0003-issues",
        statements: [
            """
            CREATE TABLE issue_snapshots (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                issue_key {key},
                project_key {key},
                summary TEXT,
                issue_type TEXT,
                status TEXT,
                status_category TEXT,
                priority TEXT,
                assignee TEXT,
                assignee_id TEXT,
                due_date {date},
                story_points {real},
                created {timestamp},
                updated {timestamp},
                comment_count INTEGER NOT NULL,
                is_done {flag} NOT NULL,
                is_deleted {flag} NOT NULL,
                risk_score INTEGER,
                own_score INTEGER,
                analyzed_at {timestamp},
                scorer_id TEXT,
                model_id {key},
                state_json {json} NOT NULL,
                analysis_json {json},
                PRIMARY KEY (tenant_id, issue_id)
            )
            """,
            "CREATE INDEX issue_snapshots_key ON issue_snapshots (tenant_id, issue_key)",
            """
            CREATE INDEX issue_snapshots_risk ON issue_snapshots (tenant_id, risk_score DESC, issue_key)
            WHERE risk_score IS NOT NULL
            """,
            "CREATE INDEX issue_snapshots_project ON issue_snapshots (tenant_id, project_key, created)",
            """
            CREATE TABLE issue_comments (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                comment_id {key} NOT NULL,
                author TEXT,
                author_id TEXT,
                author_time_zone TEXT,
                body TEXT NOT NULL,
                created {timestamp} NOT NULL,
                updated {timestamp} NOT NULL,
                PRIMARY KEY (tenant_id, issue_id, comment_id)
            )
            """,
            """
            CREATE TABLE issue_changes (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                change_id {key} NOT NULL,
                changed_at {timestamp} NOT NULL,
                author TEXT,
                author_id TEXT,
                author_time_zone TEXT,
                field TEXT NOT NULL,
                from_value TEXT,
                from_string TEXT,
                to_value TEXT,
                to_string TEXT,
                PRIMARY KEY (tenant_id, issue_id, change_id)
            )
            """,
            """
            CREATE TABLE sentiment_cache (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                model_id {key} NOT NULL,
                content_hash {key} NOT NULL,
                label TEXT NOT NULL,
                score {real} NOT NULL,
                PRIMARY KEY (tenant_id, model_id, content_hash)
            )
            """,
        ])

    private static let analyses = Step(
        name: "0004-analyses",
        statements: [
            // `analyzed_at` is the instant the analysis speaks of, `recorded_at` when the row was written.
            """
            CREATE TABLE analysis_history (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                issue_key {key} NOT NULL,
                project_key {key} NOT NULL,
                risk_score INTEGER NOT NULL,
                daily_cost {real} NOT NULL,
                blocker_count INTEGER NOT NULL,
                sentiment_negative_pct {real} NOT NULL,
                age_days INTEGER NOT NULL,
                assignee TEXT NOT NULL,
                assignee_role TEXT NOT NULL,
                total_estimated_cost {real} NOT NULL,
                analysis_json {json} NOT NULL,
                analyzed_at {timestamp} NOT NULL,
                recorded_at {timestamp} NOT NULL,
                scorer_id TEXT NOT NULL,
                model_id {key} NOT NULL
            )
            """,
            "CREATE INDEX analysis_history_issue ON analysis_history (tenant_id, issue_id, analyzed_at)",
            "CREATE INDEX analysis_history_key ON analysis_history (tenant_id, issue_key, analyzed_at, id)",
        ])

    private static let alerts = Step(
        name: "0005-alerts",
        statements: [
            """
            CREATE TABLE alert_rules (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                is_enabled {flag} NOT NULL,
                rule_json {json} NOT NULL
            )
            """,
            "CREATE INDEX alert_rules_tenant ON alert_rules (tenant_id)",
            """
            CREATE TABLE alert_states (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                rule_id {uuid} NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
                issue_id {key} NOT NULL,
                is_firing {flag} NOT NULL,
                since {timestamp} NOT NULL,
                score INTEGER NOT NULL,
                PRIMARY KEY (tenant_id, issue_id, rule_id)
            )
            """,
            "CREATE INDEX alert_states_rule ON alert_states (rule_id)",
            """
            CREATE TABLE alert_channels (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                name TEXT NOT NULL,
                target_encrypted TEXT NOT NULL,
                is_enabled {flag} NOT NULL
            )
            """,
            "CREATE INDEX alert_channels_tenant ON alert_channels (tenant_id)",
            """
            CREATE TABLE alerts (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                rule_id {uuid} NOT NULL,
                issue_id {key} NOT NULL,
                issue_key {key} NOT NULL,
                kind TEXT NOT NULL,
                event TEXT NOT NULL,
                score INTEGER NOT NULL,
                created_at {timestamp} NOT NULL,
                alert_json {json} NOT NULL
            )
            """,
            "CREATE INDEX alerts_tenant ON alerts (tenant_id, created_at, id)",
            // The channel's name and kind stay readable after the channel is deleted.
            """
            CREATE TABLE alert_outbox (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                alert_id {uuid} NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
                channel_id {uuid} NOT NULL,
                channel_name TEXT NOT NULL,
                channel_kind TEXT NOT NULL,
                state TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                due_at {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                last_error TEXT,
                delivered_at {timestamp}
            )
            """,
            "CREATE INDEX alert_outbox_due ON alert_outbox (due_at) WHERE state = 'queued'",
            "CREATE INDEX alert_outbox_alert ON alert_outbox (alert_id)",
            "CREATE INDEX alert_outbox_dead ON alert_outbox (tenant_id) WHERE state = 'dead'",
        ])

    /// Which issues a sprint webhook concerns. Filled with every snapshot that is written.
    private static let issueSprints = Step(
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

    /// Stale analyses wait behind what has happened.
    private static let staleRanks = Step(
        name: "0007-stale-ranks",
        statements: [
            "ALTER TABLE issue_queue ADD COLUMN stale_rank INTEGER NOT NULL DEFAULT 0",
            "DROP INDEX issue_queue_due",
            "CREATE INDEX issue_queue_due ON issue_queue (due_at) WHERE parked_at IS NULL AND stale_rank = 0",
            "CREATE INDEX issue_queue_stale ON issue_queue (stale_rank, due_at) WHERE parked_at IS NULL AND stale_rank > 0",
        ])

    /// The processes that work on this store: each tells now and then that it is alive.
    private static let nodes = Step(
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

    /// What is asked often must not take longer the more there is.
    private static let largeStores = Step(
        name: "0012-large-stores",
        statements: [
            "CREATE INDEX webhook_events_tenant ON webhook_events (tenant_id, id)",
            "CREATE INDEX issue_queue_parked ON issue_queue (tenant_id, parked_at, issue_id) WHERE parked_at IS NOT NULL",
            "CREATE INDEX issue_snapshots_project_risk ON issue_snapshots (tenant_id, project_key, risk_score DESC, issue_key)",
            // Looked through at each start; it holds all that is asked there.
            """
            CREATE INDEX issue_snapshots_engine ON issue_snapshots
                (tenant_id, issue_id, scorer_id, model_id, risk_score, is_done) WHERE risk_score IS NOT NULL
            """,
            "CREATE INDEX alerts_issue ON alerts (tenant_id, issue_key, created_at, id)",
        ])

    /// Which issues were in a sprint before, and what the issues say of their sprints: not every site sends sprint
    /// webhooks.
    private static let sprintScope = Step(
        name: "0014-sprint-scope",
        statements: [
            // A row for every sprint that the issue is or was in; those that it is in describe the sprint.
            "ALTER TABLE issue_sprints ADD COLUMN is_member {flag} NOT NULL DEFAULT TRUE",
            "ALTER TABLE issue_sprints ADD COLUMN project_key {key}",
            "ALTER TABLE issue_sprints ADD COLUMN name TEXT",
            // In small letters, to be found by.
            "ALTER TABLE issue_sprints ADD COLUMN name_key {key}",
            "ALTER TABLE issue_sprints ADD COLUMN state TEXT",
            "ALTER TABLE issue_sprints ADD COLUMN board_id TEXT",
            "ALTER TABLE issue_sprints ADD COLUMN start_date {timestamp}",
            "ALTER TABLE issue_sprints ADD COLUMN end_date {timestamp}",
            "ALTER TABLE issue_sprints ADD COLUMN complete_date {timestamp}",
            "DROP INDEX issue_sprints_sprint",
            "CREATE INDEX issue_sprints_sprint ON issue_sprints (tenant_id, sprint_id, project_key)",
            "CREATE INDEX issue_sprints_name ON issue_sprints (tenant_id, project_key, name_key, sprint_id)",
            """
            CREATE INDEX issue_sprints_active ON issue_sprints (tenant_id, project_key, sprint_id)
            WHERE is_member AND state = 'active'
            """,
            // When the issue's sprint field was told.
            "ALTER TABLE issue_snapshots ADD COLUMN sprints_told_at {timestamp}",
            // The rest is in JSON and lists, which the fold reads: each issue that is or was in a sprint gets a look,
            // behind all other work.
            """
            INSERT INTO issue_queue (tenant_id, issue_id, due_at, stale_rank)
            SELECT s.tenant_id, s.issue_id, s.updated, 2000 FROM issue_snapshots s
            WHERE s.updated IS NOT NULL
                AND (EXISTS (SELECT 1 FROM issue_sprints m WHERE m.tenant_id = s.tenant_id AND m.issue_id = s.issue_id)
                    OR EXISTS (
                        SELECT 1 FROM issue_changes c
                        WHERE c.tenant_id = s.tenant_id AND c.issue_id = s.issue_id AND c.field = 'Sprint'))
                AND NOT EXISTS (
                    SELECT 1 FROM webhook_events e
                    WHERE e.tenant_id = s.tenant_id AND e.issue_id = s.issue_id AND e.state = 'pending')
            ON CONFLICT (tenant_id, issue_id) DO UPDATE SET due_at = excluded.due_at,
                stale_rank = excluded.stale_rank, generation = issue_queue.generation + 1
            WHERE issue_queue.parked_at IS NULL AND issue_queue.due_at > excluded.due_at
            """,
        ])

    /// PostgreSQL's own compression took a quarter of the server's time for a webhook. Rows that are there already stay as
    /// they are.
    private static let compression = Step(
        name: "0017-compression", statements: [],
        postgresStatements: [
            // In the order in which a scoring writes them.
            ("issue_snapshots", "state_json"), ("issue_snapshots", "analysis_json"),
            ("analysis_history", "analysis_json"), ("webhook_events", "body"),
        ].map { table, column in
            // Not known before version 14, and a server may be built without it.
            """
            DO $$ BEGIN
                EXECUTE 'ALTER TABLE \(table) ALTER COLUMN \(column) SET COMPRESSION lz4';
            EXCEPTION WHEN syntax_error OR feature_not_supported THEN NULL;
            END $$
            """
        })
}
