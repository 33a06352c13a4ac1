public import Domain
import Foundation

extension RiskStore {
    /// Issues with an analysis, riskiest first, then by key. Deleted issues are never listed.
    ///
    /// The listed issues carry their plain columns only: no description, comments, changes or links.
    public func issues(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueListing> {
        var conditions = ["tenant_id = ?", "risk_score IS NOT NULL", "is_deleted = ?"]
        var arguments: [SQLValue] = [.tenant(id), .flag(false)]
        if let project = filter.projectKey {
            conditions.append("project_key = ?")
            arguments.append(.text(project))
        }
        if let minimum = filter.minimumScore {
            conditions.append("risk_score >= ?")
            arguments.append(.integer(minimum))
        }
        if !filter.includesDone {
            conditions.append("is_done = ?")
            arguments.append(.flag(false))
        }
        if let after = try Cursor(cursor, parts: 2) {
            conditions.append("(risk_score < ? OR (risk_score = ? AND issue_key > ?))")
            let score = SQLValue.integer(try after.integer(0))
            arguments += [score, score, .text(after.parts[1])]
        }
        let (sql, bound) = (
            """
            SELECT \(listingColumns), analysis_json FROM issue_snapshots WHERE \(conditions.joined(separator: " AND "))
            ORDER BY risk_score DESC, issue_key LIMIT ?
            """, arguments + [.integer(limit + 1)]
        )
        return try await driver.read { connection in
            try Page(
                try connection.query(sql, bound), limit: limit,
                cursor: { Cursor([String($0.analysis.riskScore), $0.issue.key.rawValue]) }
            ) { row in
                IssueListing(issue: try listedIssue(row), analysis: try row.stored(14, as: StoredAnalysis.self))
            }
        }
    }

    /// These issues with their analyses, in this order; those without one, deleted or unknown are left out.
    ///
    /// They carry their plain columns only.
    public func listings(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueListing] {
        try await driver.read { connection in
            var found: [IssueID: IssueListing] = [:]
            for start in stride(from: 0, to: issueIDs.count, by: 200) {
                let portion = issueIDs[start..<min(start + 200, issueIDs.count)]
                let rows = try connection.query(
                    """
                    SELECT \(listingColumns), analysis_json FROM issue_snapshots
                    WHERE tenant_id = ? AND issue_id IN (\(portion.map { _ in "?" }.joined(separator: ", ")))
                        AND risk_score IS NOT NULL AND is_deleted = ?
                    """, [.tenant(id)] + portion.map { .id($0) } + [.flag(false)])
                for row in rows {
                    let issue = try listedIssue(row)
                    found[issue.id] = IssueListing(issue: issue, analysis: try row.stored(14, as: StoredAnalysis.self))
                }
            }
            return issueIDs.compactMap { found[$0] }
        }
    }

    /// Whether any issue of the project is known and not deleted.
    public func knowsProject(_ id: TenantID, projectKey: String) async throws -> Bool {
        try await driver.read { connection in
            try connection.first(
                "SELECT 1 FROM issue_snapshots WHERE tenant_id = ? AND project_key = ? AND is_deleted = ? LIMIT 1",
                [.tenant(id), .text(projectKey), .flag(false)]) != nil
        }
    }

    /// Whether a backfill has brought every issue of the project. The key is in capital letters.
    public func holdsWholeProject(_ id: TenantID, projectKey: String) async throws -> Bool {
        try await driver.read { connection in
            try connection.first(
                "SELECT 1 FROM backfills WHERE tenant_id = ? AND state = 'done' AND jql = ? LIMIT 1",
                [.tenant(id), .text(JQL.wholeProject(projectKey))]) != nil
        }
    }

    /// Every issue of a tenant that is known and not deleted, by key: its plain columns and how many comments it has.
    public func issueColumns(_ id: TenantID) async throws -> [(issue: Issue, commentCount: Int)] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT \(listingColumns), comment_count FROM issue_snapshots
                WHERE tenant_id = ? AND issue_key IS NOT NULL AND is_deleted = ? ORDER BY issue_key
                """, [.tenant(id), .flag(false)]
            ).map { (try listedIssue($0), try $0.integer(14)) }
        }
    }

    /// The history of an issue under this key, newest first.
    public func history(
        _ id: TenantID, key: IssueKey, after cursor: String?, limit: Int
    ) async throws -> Page<HistoryEntry> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            let rows = try connection.query(
                """
                SELECT id, issue_key, project_key, risk_score, daily_cost, blocker_count, sentiment_negative_pct,
                    analyzed_at
                FROM analysis_history
                WHERE tenant_id = ? AND issue_key = ? \(after == nil ? "" : "AND (analyzed_at, id) < (?, ?)")
                ORDER BY analyzed_at DESC, id DESC LIMIT ?
                """, [.tenant(id), .id(key)] + (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit, cursor: { Cursor([$0.analyzedAt.description, $0.id]) }
            ) { row in
                HistoryEntry(
                    id: try row.text(0), issueKey: IssueKey(try row.text(1)), projectKey: try row.text(2),
                    riskScore: try row.integer(3), dailyCost: try row.real(4), blockerCount: try row.integer(5),
                    sentimentNegativePct: try row.real(6), analyzedAt: try row.timestamp(7))
            }
        }
    }

    /// Open issues among the newest of the same project that share a summary word of more than three letters, newest first.
    public func similarIssues(_ id: TenantID, to issue: Issue, limit: Int) async throws -> [SimilarIssue] {
        let words = Set(issue.summary.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 3 })
            .sorted().prefix(8)
        guard !words.isEmpty else { return [] }
        return try await driver.read { connection in
            let summary = connection.dialect.lowercase("summary")
            return try connection.query(
                """
                SELECT issue_key, summary, status FROM (
                    SELECT issue_id, issue_key, summary, status, created, is_deleted, is_done FROM issue_snapshots
                    WHERE tenant_id = ? AND project_key = ? AND created IS NOT NULL
                    ORDER BY created DESC LIMIT \(Self.newestIssues)
                ) AS newest
                WHERE issue_id <> ? AND is_deleted = ? AND is_done = ?
                    AND (\(words.map { _ in "\(summary) LIKE ?" }.joined(separator: " OR ")))
                ORDER BY created DESC, issue_key LIMIT ?
                """,
                [.tenant(id), .text(issue.projectKey), .id(issue.id), .flag(false), .flag(false)]
                    // The words hold letters and digits only, so nothing in them is a wildcard.
                    + words.map { .text("%\($0)%") } + [.integer(limit)]
            ).map {
                SimilarIssue(
                    key: IssueKey(try $0.text(0)), summary: try $0.text(1), status: try $0.optionalText(2) ?? "Unknown")
            }
        }
    }

    /// How many of a project's issues are searched for similar ones.
    private static let newestIssues = 2000

    /// Means over the 50 newest open issues of a project; zeros where there are none.
    public func teamBaseline(_ id: TenantID, projectKey: String, now: Timestamp) async throws -> TeamBaseline {
        try await driver.read { connection in
            let rows = try connection.query(
                """
                SELECT created, comment_count FROM issue_snapshots
                WHERE tenant_id = ? AND project_key = ? AND is_deleted = ? AND is_done = ? AND created IS NOT NULL
                ORDER BY created DESC LIMIT 50
                """, [.tenant(id), .text(projectKey), .flag(false), .flag(false)])
            let count = Double(max(rows.count, 1))
            return TeamBaseline(
                avgAgeDays: try rows.reduce(0.0) { $0 + Double(now.wholeDays(since: try $1.timestamp(0))) } / count,
                avgComments: try rows.reduce(0.0) { $0 + Double(try $1.integer(1)) } / count)
        }
    }
}

/// The plain columns of an issue, as ``listedIssue(_:)`` reads them from the first places of a row.
let listingColumns = """
    issue_id, issue_key, project_key, summary, issue_type, status, status_category, priority, assignee_id, assignee, \
    due_date, story_points, created, updated
    """

func listedIssue(_ row: SQLRow) throws -> Issue {
    let updated = try row.timestamp(13)
    return Issue(
        id: IssueID(try row.text(0)), key: IssueKey(try row.text(1)), projectKey: try row.text(2),
        summary: try row.text(3), issueType: try row.optionalText(4), priority: try row.optionalText(7),
        status: try row.optionalText(5).map {
            Status(name: $0, category: try row.optionalText(6).flatMap(Status.Category.init))
        },
        created: try row.optionalTimestamp(12) ?? updated, updated: updated,
        dueDate: try row.optionalText(10).flatMap(CalendarDay.init),
        assignee: try row.optionalText(8).map { Person(id: $0, displayName: try row.optionalText(9) ?? $0) },
        storyPoints: try row.optionalReal(11))
}
