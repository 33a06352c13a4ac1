public import Domain
import Foundation

extension RiskStore {
    /// The stored analyses of all issues, by the key that the issue had then, and oldest first under each key.
    public func history(
        _ id: TenantID, filter: HistoryFilter, after cursor: String?, limit: Int
    ) async throws -> Page<HistoryEntry> {
        let query = try HistoryStatements.select(
            id, filter: filter, after: try Cursor(cursor, parts: 3), limit: limit + 1)
        return try await driver.read { connection in
            try Page(
                try connection.query(query.sql, query.arguments).map { SQLRecord<HistoryEntryColumn>($0) },
                limit: limit,
                cursor: { Cursor([$0.issueKey.rawValue, $0.analyzedAt.description, $0.id]) }
            ) { try $0.entry }
        }
    }
}

enum HistoryStatements {
    /// In the order of the index of keys, which has all that is asked for; a row is read only for what is answered.
    static func select(_ id: TenantID, filter: HistoryFilter, after: Cursor?, limit: Int) throws -> SQLQuery {
        var (conditions, arguments) = (["tenant_id = ?"], [SQLValue.tenant(id)])
        func add(_ condition: String, _ values: SQLValue...) {
            conditions.append(condition)
            arguments += values
        }
        // The key of an issue is that of its project, a hyphen and a number; a full stop sorts right behind the hyphen.
        let (first, end) = (filter.projectKey.map { "\($0)-" }, filter.projectKey.map { "\($0)." })
        if let after {
            let key = after.parts[0]
            // Of another list.
            if let first, !key.utf8.starts(with: first.utf8) { throw Cursor.malformed }
            // Without another lower bound, of which SQLite would take either.
            add(
                "(issue_key, analyzed_at, id) > (?, ?, ?)", .text(key),
                .timestamp(try after.parsed(1) { Timestamp($0) }),
                .uuid(try after.parsed(2) { UUID(uuidString: $0) }))
        } else if let first {
            add("issue_key >= ?", .text(first))
        }
        if let end { add("issue_key < ?", .text(end)) }
        if let from = filter.from { add("analyzed_at >= ?", .timestamp(from)) }
        if let to = filter.to { add("analyzed_at < ?", .timestamp(to)) }
        return .select(
            HistoryEntryColumn.self,
            """
            FROM analysis_history WHERE \(conditions.joined(separator: " AND "))
            ORDER BY issue_key, analyzed_at, id LIMIT ?
            """, arguments + [.integer(limit)])
    }
}

/// The columns of a stored analysis that lists show.
enum HistoryEntryColumn: Int, SQLColumns {
    case id, issueKey, projectKey, riskScore, dailyCost, blockerCount, sentimentNegativePct, analyzedAt
    static let list = columnList()
}

extension SQLRecord<HistoryEntryColumn> {
    /// The row as lists show it.
    var entry: HistoryEntry {
        get throws {
            HistoryEntry(
                id: try text(.id), issueKey: IssueKey(try text(.issueKey)), projectKey: try text(.projectKey),
                riskScore: try integer(.riskScore), dailyCost: try real(.dailyCost),
                blockerCount: try integer(.blockerCount), sentimentNegativePct: try real(.sentimentNegativePct),
                analyzedAt: try timestamp(.analyzedAt))
        }
    }
}
