import Domain

/// The filters of a list of issues as SQL.
enum IssueFilterStatements {
    /// One filter, in the forms in which a list uses it. All take the same arguments, but that ``issues`` has its own.
    struct Query {
        /// Finds the issues, each once; through an index.
        var issues: SQLQuery
        /// The condition on a row `s` of `issue_snapshots`.
        var check: String
        /// The same where the rows come in the list's order: SQLite must not take an index for it.
        var probe: String
        var arguments: [SQLValue]
    }

    /// Most issues that a text is looked for in, of those that hold its words.
    static let textLimit = 10_000
    /// Most words of a text that are looked for.
    private static let wordLimit = 8

    static func queries(_ filter: IssueFilter, _ id: TenantID, _ dialect: SQLDialect) -> [Query] {
        var queries: [Query] = []
        if let project = filter.projectKey {
            queries.append(column("project_key", "= ?", [.text(project)], id, filter, dialect))
        }
        let least = max(filter.minimumScore ?? 0, filter.band?.scores.lowerBound ?? 0)
        if filter.minimumScore != nil || filter.band != nil {
            let most = filter.band?.scores.upperBound ?? 100
            queries.append(
                column("risk_score", "BETWEEN ? AND ?", [.integer(least), .integer(most)], id, filter, dialect))
        }
        if let name = filter.assignee {
            queries.append(tag(IssueTag(.assignee, name == IssueFilter.unassigned ? "" : name), id))
        }
        if let name = filter.status { queries.append(tag(IssueTag(.status, name), id)) }
        if let name = filter.label { queries.append(tag(IssueTag(.label, name), id)) }
        if let key = filter.epic { queries.append(tag(IssueTag(.epic, key), id)) }
        if let sprint = filter.sprint { queries.append(ofSprint(sprint, id)) }
        if let text = filter.text { queries.append(holding(text, id, dialect)) }
        return queries
    }

    /// A column of the issue's row.
    private static func column(
        _ name: String, _ condition: String, _ arguments: [SQLValue], _ id: TenantID, _ filter: IssueFilter,
        _ dialect: SQLDialect
    ) -> Query {
        // The indexes by risk begin with the project, and hold the scores in their order.
        let isOfOrder = filter.order == .risk
        let sign = isOfOrder || dialect.hasConcurrentWriters ? "" : "+"
        return Query(
            issues: SQLQuery(
                "SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND risk_score IS NOT NULL AND \(name) \(condition)",
                [.tenant(id)] + arguments),
            check: "s.\(name) \(condition)", probe: "\(sign)s.\(name) \(condition)", arguments: arguments)
    }

    private static func tag(_ tag: IssueTag, _ id: TenantID) -> Query {
        let key: [SQLValue] = [.tenant(id), .text(tag.kind.rawValue), .text(tag.valueKey)]
        let rows = "FROM issue_tags AS t WHERE t.tenant_id = ? AND t.kind = ? AND t.value_key = ?"
        let check = "EXISTS (SELECT 1 \(rows) AND t.issue_id = s.issue_id)"
        return Query(issues: SQLQuery("SELECT t.issue_id \(rows)", key), check: check, probe: check, arguments: key)
    }

    /// By the sprint's name or its id.
    private static func ofSprint(_ sprint: String, _ id: TenantID) -> Query {
        let tag = tag(IssueTag(.sprint, sprint), id)
        let rows = "FROM issue_sprints AS m WHERE m.tenant_id = ? AND m.sprint_id = ? AND m.is_member"
        let arguments = tag.arguments + [.tenant(id), .text(sprint)]
        let check = "(\(tag.check) OR EXISTS (SELECT 1 \(rows) AND m.issue_id = s.issue_id))"
        return Query(
            issues: SQLQuery("\(tag.issues.sql) UNION SELECT m.issue_id \(rows)", arguments), check: check,
            probe: check, arguments: arguments)
    }

    /// By the beginnings of the words of the summary, and of the keys that the issue has and had.
    private static func holding(_ text: String, _ id: TenantID, _ dialect: SQLDialect) -> Query {
        let words = Array(IssueWords.words(in: text, limit: IssueWords.shortLength).prefix(wordLimit))
        var parts: [SQLQuery] = []
        if !words.isEmpty { parts.append(dialect.summaries(holding: words, of: id, limit: textLimit)) }
        let key = text.uppercased()
        if key.wholeMatch(of: /[A-Z][A-Z0-9_]*-[0-9]+/) != nil {
            // Behind the digits comes nothing that sorts after a colon.
            parts.append(
                SQLQuery(
                    "SELECT issue_id FROM issue_keys WHERE tenant_id = ? AND issue_key >= ? AND issue_key < ?",
                    [.tenant(id), .text(key), .text(key + ":")]))
        }
        guard !parts.isEmpty else {
            let none = SQLQuery("SELECT issue_id FROM issue_tags WHERE tenant_id = ? AND 1 = 0", [.tenant(id)])
            return Query(issues: none, check: "s.tenant_id <> ?", probe: "s.tenant_id <> ?", arguments: [.tenant(id)])
        }
        let found = SQLQuery(
            parts.map { "SELECT issue_id FROM (\($0.sql)) AS found" }.joined(separator: " UNION "),
            parts.flatMap(\.arguments))
        let check = "s.issue_id IN (\(found.sql))"
        return Query(issues: found, check: check, probe: check, arguments: found.arguments)
    }
}

// The words are letters and digits only, so nothing in them is syntax of a search.
extension SQLDialect {
    /// Finds the tenant's issues whose summary has a word that begins with each of these. SQLite takes the newest first.
    fileprivate func summaries(holding words: [String], of tenantID: TenantID, limit: Int) -> SQLQuery {
        let tenant = tenantID.uuid.canonicalText
        guard hasConcurrentWriters else {
            let index = IssueTextStatements.sqliteIndex
            let terms = words.map { "\"\($0)\" *" }.joined(separator: " AND ")
            return SQLQuery(
                """
                SELECT t.issue_id AS issue_id FROM \(index) CROSS JOIN issue_texts AS t ON t.id = \(index).rowid
                WHERE \(index) MATCH ? ORDER BY \(index).rowid DESC LIMIT ?
                """, [.text("tenant_id : \"\(tenant)\" AND title : (\(terms))"), .integer(limit)])
        }
        let terms = words.map { "'\($0)':*A" }.joined(separator: " & ")
        // Of a word without a letter or digit of PostgreSQL's own tables nothing is left, and it would find everything.
        return SQLQuery(
            """
            SELECT issue_id FROM issue_texts
            WHERE numnode(to_tsquery('pg_catalog.simple', CAST(? AS TEXT))) > 0
                AND search @@ (CAST(CAST(? AS TEXT) AS TSQUERY) && to_tsquery('pg_catalog.simple', CAST(? AS TEXT)))
            LIMIT ?
            """, [.text(terms), .text("'@\(tenant)'"), .text(terms), .integer(limit)])
    }
}
