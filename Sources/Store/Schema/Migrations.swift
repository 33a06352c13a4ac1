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
        /// What only SQLite is told.
        var sqliteStatements: [String] = []
        /// Fills what the statements made, where SQL cannot read what it is filled from; at the end of the step.
        var fill: (@Sendable (any SQLConnection) throws -> Void)?
    }

    static let all: [Step] = [
        tenants, inbox, issues, analyses, alerts, issueSprints, staleRanks, retention, nodes, largeStores,
        jiraSync, sprintScope, webhookSecretExpiry, syncRequests, compression, notifications, issueTexts, identity,
        deliveries, storeState, forecasts, alertRouting, forecastPaces, forecastRefreshes, issueTurns,
        links, digests, notificationRepeats, signIns, pages, operatorSignIns, apiKeys, auditLog, tenantDeletions,
        people, personErasure, analystViews, automationTokens, jiraWriteBack, subscriptionPlans,
        accountMails, stripe, bodySizes, statusDays,
    ]

    /// Stands among the steps while another store is being copied into this one, and is a step of no consilod.
    static let unfinishedCopy = "unfinished copy of another store"
    /// The lock under which the schema changes.
    static let lockName = "consilod schema"

    /// Throws `StorageError(.corrupt)` unless the schema is that of this version.
    static func refuseIfOther(_ connection: any SQLConnection) throws {
        let done: Set<String>
        do {
            done = Set(try connection.query("SELECT name FROM schema_migrations", []).map { try $0.text() })
        } catch let error as StorageError where error.code != .unavailable {
            throw StorageError(.corrupt, "it is no store of consilod (\(error))", cause: error)
        }
        guard done == Set(all.map(\.name)) else {
            throw StorageError(
                .corrupt, "the store is of another version of consilod: start this version on it once")
        }
    }

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
        var done = Set(try connection.query("SELECT name FROM schema_migrations", []).map { try $0.text() })
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
            let own = connection.dialect.hasConcurrentWriters ? step.postgresStatements : step.sqliteStatements
            for statement in step.statements + own { try connection.run(connection.dialect.schema(statement), []) }
            try step.fill?(connection)
            try connection.run(
                "INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)", [.text(step.name), .timestamp(now)])
        }
        return missing.map(\.name)
    }
}
