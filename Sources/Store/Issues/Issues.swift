public import Domain
import Foundation

extension RiskStore {
    /// These issues with their analyses, in this order; those without one, deleted or unknown are left out.
    ///
    /// They carry their plain columns only.
    public func listings(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueListing] {
        try await driver.read { connection in
            let found = try ListingStatements.listings(id, of: issueIDs, connection)
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
                "SELECT 1 FROM backfills WHERE tenant_id = ? AND state = 'done' AND jql IN (?, ?) LIMIT 1",
                [
                    .tenant(id), .text(JQL.wholeProject(projectKey)), .text(JQL.wholeProjectOldestFirst(projectKey)),
                ]) != nil
        }
    }

    /// Every issue of a tenant that is known and not deleted, by key: its plain columns and how many comments it has.
    public func issueColumns(_ id: TenantID) async throws -> [(issue: Issue, commentCount: Int)] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT \(ListedColumn.list), \(CommentCountColumn.list) FROM issue_snapshots
                WHERE tenant_id = ? AND issue_key IS NOT NULL AND is_deleted = ? ORDER BY issue_key
                """, [.tenant(id), .flag(false)]
            ).map { SQLRecord<ListedColumn>($0) }.map {
                (try $0.issue, try $0.following(CommentCountColumn.self).integer(.commentCount))
            }
        }
    }

    /// The history of the issue that has this key, or had it, newest first: under every key that it ever had.
    public func history(
        _ id: TenantID, key: IssueKey, after cursor: String?, limit: Int
    ) async throws -> Page<HistoryEntry> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            guard let issueID = try IssueKeyStatements.issueID(of: key, id, connection) else {
                return Page(items: [], nextCursor: nil)
            }
            let rows = try connection.select(
                HistoryEntryColumn.self,
                """
                FROM analysis_history
                WHERE tenant_id = ? AND issue_id = ? \(after == nil ? "" : "AND (analyzed_at, id) < (?, ?)")
                ORDER BY analyzed_at DESC, id DESC LIMIT ?
                """, [.tenant(id), .id(issueID)] + (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit, cursor: { Cursor([$0.analyzedAt.description, $0.id]) }
            ) { try $0.entry }
        }
    }
}

/// The statements on issues with their analyses that other transactions share.
enum ListingStatements {
    /// With the plus sign SQLite looks the issues up by the primary key. It would go through all of the tenant's by an index
    /// of those with a score.
    static func select(_ id: TenantID, of issueIDs: [IssueID], _ dialect: SQLDialect) -> SQLQuery {
        SQLQuery(
            """
            SELECT \(listed) WHERE tenant_id = ? AND \(dialect.isAny("issue_id")) AND +risk_score IS NOT NULL
                AND is_deleted = ?
            """, [.tenant(id), .ids(issueIDs), .flag(false)])
    }

    private static func rows(
        _ id: TenantID, of issueIDs: [IssueID], _ connection: any SQLConnection
    ) throws -> [SQLRow] {
        let query = select(id, of: issueIDs, connection.dialect)
        return try connection.query(query.sql, query.arguments)
    }

    /// These issues with their analyses, by id; those without one, deleted or unknown are left out.
    static func listings(
        _ id: TenantID, of issueIDs: [IssueID], _ connection: any SQLConnection
    ) throws -> [IssueID: IssueListing] {
        guard !issueIDs.isEmpty else { return [:] }
        return try listings(rows(id, of: issueIDs, connection))
    }

    /// The issues from the rows of ``select(_:of:_:)``, by id.
    static func listings(_ rows: [SQLRow]) throws -> [IssueID: IssueListing] {
        Dictionary(try rows.map(listing).map { ($0.issue.id, $0) }) { first, _ in first }
    }

    /// As ``listings(_:of:_:)``, with what tables show.
    static func lines(
        _ id: TenantID, of issueIDs: [IssueID], _ connection: any SQLConnection
    ) throws -> [IssueID: IssueLine] {
        guard !issueIDs.isEmpty else { return [:] }
        let lines = try rows(id, of: issueIDs, connection).map(line)
        return Dictionary(lines.map { ($0.issue.id, $0) }) { first, _ in first }
    }

    /// These issues with their analyses, in any order; those without one, deleted or unknown are left out, and those whose
    /// analysis cannot be read.
    static func readable(
        _ id: TenantID, of issueIDs: [IssueID], _ connection: any SQLConnection
    ) throws -> [IssueListing] {
        try rows(id, of: issueIDs, connection).compactMap { row in
            do {
                return try listing(row)
            } catch let error as StorageError where error.code == .corrupt {
                return nil
            }
        }
    }
}

/// A stored analysis alone.
enum AnalysisColumn: Int, SQLColumns {
    case analysisJSON
    static let list = columnList()
}

private enum CommentCountColumn: Int, SQLColumns {
    case commentCount
    static let list = columnList()
}

/// The plain columns of an issue: other columns may follow them.
enum ListedColumn: Int, SQLColumns {
    case issueID, issueKey, projectKey, summary, issueType, status, statusCategory, priority, assigneeID, assignee
    case dueDate, storyPoints, created, updated, statusID, projectID, isSubtask, securityLevel
    static let list = columnList()
}

extension SQLRecord<ListedColumn> {
    /// An issue with its plain columns only.
    var issue: Issue {
        get throws {
            let updated = try timestamp(.updated)
            return Issue(
                id: IssueID(try text(.issueID)), key: IssueKey(try text(.issueKey)), projectKey: try text(.projectKey),
                projectID: try optionalText(.projectID), summary: try text(.summary),
                issueType: try optionalText(.issueType),
                isSubtask: try flag(.isSubtask), priority: try optionalText(.priority),
                status: try optionalText(.status).map {
                    Status(
                        id: try optionalText(.statusID), name: $0,
                        category: try optionalText(.statusCategory).flatMap(Status.Category.init))
                },
                created: try optionalTimestamp(.created) ?? updated, updated: updated,
                dueDate: try optionalText(.dueDate).flatMap(CalendarDay.init),
                assignee: try optionalText(.assigneeID).map {
                    Person(id: $0, displayName: try optionalText(.assignee) ?? $0)
                },
                storyPoints: try optionalReal(.storyPoints), securityLevel: try optionalText(.securityLevel))
        }
    }
}

/// The columns of a ``listing(_:)`` and where they come from.
private let listed = """
    \(ListedColumn.list), \(AnalysisColumn.list), \(ListedForecastColumn.list) FROM issue_snapshots
    LEFT JOIN (
        SELECT tenant_id AS forecast_tenant_id, issue_id AS forecast_issue_id, model_id AS forecast_model_id,
            as_of AS forecast_as_of, late_usual, late_due, late_sprint, p50_at, p85_at, payload
        FROM forecasts
    ) AS forecast ON forecast_tenant_id = tenant_id AND forecast_issue_id = issue_id
    """

private enum ListedForecastColumn: Int, SQLColumns {
    case forecastModelID, forecastAsOf, lateUsual, lateDue, lateSprint, p50At, p85At, payload
    static let list = columnList()
}

/// An issue from a row of its plain columns, its analysis and its forecast.
@Sendable private func listing(_ row: SQLRow) throws -> IssueListing {
    let listed = SQLRecord<ListedColumn>(row)
    let issue = try listed.issue
    let analysis = listed.following(AnalysisColumn.self)
    return IssueListing(
        issue: issue, analysis: try analysis.stored(.analysisJSON, as: StoredAnalysis.self),
        forecast: try forecast(of: issue.id, analysis.following(ListedForecastColumn.self)))
}

/// As ``listing(_:)``, with what tables show of the analysis.
@Sendable private func line(_ row: SQLRow) throws -> IssueLine {
    let listed = SQLRecord<ListedColumn>(row)
    let issue = try listed.issue
    let analysis = listed.following(AnalysisColumn.self)
    let line = try StoredAnalysisLine(text: try analysis.text(.analysisJSON))
    return IssueLine(
        issue: issue, riskScore: line.riskScore, band: line.band, factors: line.factors,
        forecast: try forecast(of: issue.id, analysis.following(ListedForecastColumn.self)))
}

private func forecast(
    of issueID: IssueID, _ row: SQLRecord<ListedForecastColumn>
) throws -> ForecastRecord? {
    try row.optionalText(.payload).map { payload in
        ForecastRecord(
            issueID: issueID, modelID: try row.text(.forecastModelID), asOf: try row.timestamp(.forecastAsOf),
            lateUsual: try row.optionalReal(.lateUsual), lateDue: try row.optionalReal(.lateDue),
            lateSprint: try row.optionalReal(.lateSprint), p50At: try row.optionalTimestamp(.p50At),
            p85At: try row.optionalTimestamp(.p85At), payload: payload)
    }
}
