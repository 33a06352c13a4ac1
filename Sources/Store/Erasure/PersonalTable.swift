import Domain

/// What a table holds of people in Jira: every table of the schema is here, and a test looks for those that are not.
struct PersonalTable: Sendable {
    /// How a column names people.
    enum Kind: Sendable {
        /// An account id alone.
        case account
        /// A text of Jira.
        case text
        /// A text that consilod made, or that somebody wrote in it.
        case words
        /// The JSON of an issue's state, with Jira's texts in it.
        case state
        /// JSON that consilod made, with quotations.
        case own
        /// A webhook's body.
        case body
    }

    /// Who rewrites the rows.
    enum Treatment: Sendable {
        /// Column by column.
        case columns
        /// With its issue.
        case ofIssue
        /// With what else is done at the end, or when the rows it was made of are rewritten.
        case derived
        /// It holds nothing of people in Jira, for this reason.
        case nothing(String)
    }

    struct Key: Sendable {
        enum KeyType: Sendable { case text, uuid, integer }
        var name: String
        var type: KeyType

        /// The value that a text stands for.
        func value(_ text: String) throws -> SQLValue {
            switch type {
            case .text: return .text(text)
            case .uuid:
                guard let value = TenantID(text) else { throw Cursor.malformed }
                return .uuid(value.uuid)
            case .integer:
                guard let value = Int(text) else { throw Cursor.malformed }
                return .integer(value)
            }
        }

        func text(_ row: SQLRow, _ place: Int) throws -> String {
            switch type {
            case .text: try row.text(place)
            case .uuid: try row.uuid(place).canonicalText
            case .integer: String(try row.integer(place))
            }
        }
    }

    struct Column: Sendable {
        var name: String
        var kind: Kind
    }

    var name: String
    var treatment: Treatment
    /// What tells the tenant's rows apart, and orders them; empty for a table with one row a tenant.
    var key: [Key] = []
    var columns: [Column] = []
    /// Most rows looked at in one transaction.
    var portion = 100

    private static func nothing(_ name: String, _ reason: String) -> PersonalTable {
        PersonalTable(name: name, treatment: .nothing(reason))
    }

    private static let id = [Key(name: "id", type: .uuid)]
    private static func texts(_ names: String...) -> [Key] { names.map { Key(name: $0, type: .text) } }
    private static func columns(_ kind: Kind, _ names: String...) -> [Column] {
        names.map { Column(name: $0, kind: kind) }
    }

    /// In the order in which an erasure goes through those that it rewrites.
    static let all: [PersonalTable] = webhooks + issues + made + settings + others

    private static let webhooks: [PersonalTable] = [
        PersonalTable(
            name: "webhook_events", treatment: .columns, key: [Key(name: "id", type: .integer)],
            columns: columns(.body, "body") + columns(.words, "error"), portion: 25),
        PersonalTable(name: BodyPieces.table, treatment: .derived),
    ]

    private static let issues: [PersonalTable] = [
        PersonalTable(
            name: "issue_snapshots", treatment: .ofIssue, key: texts("issue_id"),
            columns: columns(.account, "assignee_id") + columns(.text, "assignee", "summary")
                + columns(.state, "state_json") + columns(.own, "analysis_json"), portion: 20),
        PersonalTable(
            name: "issue_comments", treatment: .ofIssue, key: texts("issue_id", "comment_id"),
            columns: columns(.account, "author_id") + columns(.text, "author", "body")),
        PersonalTable(
            name: "issue_changes", treatment: .ofIssue, key: texts("issue_id", "change_id"),
            columns: columns(.account, "author_id")
                + columns(.text, "author", "from_value", "from_string", "to_value", "to_string")),
        PersonalTable(
            name: "issue_tags", treatment: .derived, key: texts("kind", "value_key", "issue_id"),
            columns: columns(.text, "value")),
        PersonalTable(name: "issue_texts", treatment: .derived, key: [Key(name: "id", type: .integer)]),
        PersonalTable(name: "sentiment_cache", treatment: .derived),
        PersonalTable(
            name: "sprints", treatment: .columns, key: texts("sprint_id"), columns: columns(.text, "name")),
        PersonalTable(
            name: "issue_sprints", treatment: .derived, key: texts("issue_id", "sprint_id"),
            columns: columns(.text, "name")),
    ]

    private static let made: [PersonalTable] = [
        PersonalTable(
            name: "analysis_history", treatment: .columns, key: id,
            columns: columns(.words, "assignee") + columns(.own, "analysis_json")),
        PersonalTable(
            name: "alerts", treatment: .columns, key: id,
            columns: columns(.own, "alert_json") + columns(.words, "acknowledged_by")),
        PersonalTable(
            name: "notifications", treatment: .columns, key: id, columns: columns(.words, "channel_name", "last_error")),
        PersonalTable(
            name: "forecasts", treatment: .columns, key: texts("issue_id"), columns: columns(.own, "payload")),
        PersonalTable(
            name: "risk_pictures", treatment: .columns, key: texts("project_key"), columns: columns(.own, "payload")),
    ]

    private static let settings: [PersonalTable] = [
        PersonalTable(
            name: "alert_rules", treatment: .columns, key: id,
            columns: columns(.words, "name") + columns(.own, "rule_json")),
        PersonalTable(
            name: "alert_channels", treatment: .columns, key: id, columns: columns(.words, "name")),
        PersonalTable(name: "alert_routes", treatment: .columns, columns: columns(.own, "route_json")),
        PersonalTable(
            name: "alert_silences", treatment: .columns, key: id, columns: columns(.own, "silence_json")),
        PersonalTable(
            name: "backfills", treatment: .columns, key: id, columns: columns(.words, "jql", "error")),
    ]

    private static let others: [PersonalTable] = [
        nothing("tenants", "the company, its site, and the account that consilod signs in to Jira with"),
        nothing("webhook_secrets", "secrets, sealed"),
        nothing("automation_tokens", "hashes of tokens"),
        nothing("jira_write_back", "ids of fields, and of the account that consilod signs in to Jira with"),
        nothing("jira_writes", "scores, instants and errors"),
        nothing("stripe_accounts", "ids, states and instants of subscriptions"),
        nothing("stripe_events", "ids, kinds and instants"),
        nothing("stripe_intents", "plans, addresses of the caller's own pages, and errors"),
        nothing("usage_logs", "keys of issues and projects"),
        nothing("subscription_plans", "prices, limits and features"),
        nothing("issue_queue", "ids of issues, and errors"),
        nothing("issue_keys", "keys of issues"),
        nothing("projects", "keys of projects"),
        nothing("statuses", "names of statuses, and days"),
        nothing("alert_states", "scores"),
        nothing("notification_alerts", "ids"),
        nothing("mail_recipients", "addresses of those who use consilod, sealed"),
        nothing("digest_schedules", "instants"),
        nothing("jira_access", "instants, counters and errors"),
        nothing("issue_fetches", "ids of issues, and errors"),
        nothing("forecast_models", "thresholds and counts"),
        nothing("forecast_jobs", "instants and errors"),
        nothing("forecast_paces", "counts and durations"),
        nothing("forecast_backtests", "figures"),
        nothing("forecast_refreshes", "instants"),
        nothing("risk_picture_jobs", "instants"),
        nothing("api_keys", "those who use consilod"),
        nothing("users", "those who use consilod"),
        nothing("memberships", "those who use consilod, by ids"),
        nothing("invitations", "addresses of those who are to use consilod"),
        nothing("sign_ins", "those who use consilod, by hashes"),
        nothing("account_mails", "those who use consilod, by ids"),
        nothing("account_mail_optouts", "those who use consilod, by ids"),
        nothing("operator_sign_ins", "the host's owner, by hashes"),
        nothing("audit_log", "those who use consilod; rows are chained by hashes and expire (decision 0052)"),
        nothing("audit_chains", "hashes"),
        nothing("nodes", "hosts"),
        nothing("store_state", "instants"),
        nothing("schema_migrations", "names of steps"),
        nothing("erased_people", "what stands in the place of erased people"),
        nothing("erased_marks", "hashes under a key that is sealed"),
        nothing("erased_comments", "what is left of texts: classes and numbers"),
    ]

    // MARK: Statements

    private var place: String { key.map(\.name).joined(separator: ", ") }

    /// What names the pieces of a body that is not in its row.
    static let bodyID = "body_id"

    /// Whether the rows hold bodies of webhooks.
    private var hasBodies: Bool { columns.contains { $0.kind == .body } }

    /// The rows of a tenant behind a place; first the key's columns, then the others, and behind them ``bodyID``.
    func page(of tenantID: TenantID, after: [String]?, limit: Int) throws -> SQLQuery {
        let names = (key.map(\.name) + columns.map(\.name) + (hasBodies ? [Self.bodyID] : []))
            .joined(separator: ", ")
        return try page(names, of: tenantID, after: after, limit: limit)
    }

    /// How many bytes the bodies of a page's rows have, as they came; nil for a table without bodies.
    func sizes(of tenantID: TenantID, after: [String]?, limit: Int) throws -> SQLQuery? {
        guard hasBodies else { return nil }
        return try page("COALESCE(body_size, LENGTH(body))", of: tenantID, after: after, limit: limit)
    }

    private func page(
        _ selected: String, of tenantID: TenantID, after: [String]?, limit: Int
    ) throws -> SQLQuery {
        var arguments: [SQLValue] = [.tenant(tenantID)]
        var sql = "SELECT \(selected) FROM \(name) WHERE tenant_id = ?"
        if !key.isEmpty {
            if let after {
                guard after.count == key.count else { throw Cursor.malformed }
                sql += " AND (\(place)) > (\(key.map { _ in "?" }.joined(separator: ", ")))"
                arguments += try zip(key, after).map { try $0.value($1) }
            }
            sql += " ORDER BY \(place) LIMIT ?"
            arguments.append(.integer(limit))
        }
        return SQLQuery(sql, arguments)
    }

    /// The key of a row of ``page(of:after:limit:dialect:)``.
    func key(of row: SQLRow) throws -> [String] {
        try key.enumerated().map { try $1.text(row, $0) }
    }

    /// What a row of a page holds in a column.
    func text(
        _ row: SQLRow, _ column: Int, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> String? {
        let place = key.count + column
        guard columns[column].kind == .body else { return try row.optionalText(place) }
        let body = try StoredBody.read(
            row.blob(place), pieces: row.optionalUUID(key.count + columns.count), of: tenantID, in: connection)
        return String(decoding: body, as: UTF8.self)
    }
}
