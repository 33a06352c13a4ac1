public import Domain

extension RiskStore {
    /// What an issue is shown beside, in one transaction: with a server three round trips at most.
    public func context(
        _ id: TenantID, of issue: Issue, _ wanted: IssueContext.Wanted, now: Timestamp
    ) async throws -> IssueContext {
        try await driver.read { connection in
            var queries = [
                SimilarIssueStatements.count(of: id), BaselineStatements.select(id, projectKey: issue.projectKey),
            ]
            if wanted.analyses > 0 {
                queries.append(IssueAnalysisStatements.select(issue.id, of: id, limit: wanted.analyses))
            }
            if !wanted.issues.isEmpty {
                queries.append(ListingStatements.select(id, of: wanted.issues, connection.dialect))
            }
            let rows = try connection.query(queries)
            let listings = wanted.issues.isEmpty ? [:] : try ListingStatements.listings(rows[rows.count - 1])
            return IssueContext(
                similarIssues: try SimilarIssueStatements.similar(
                    to: issue, among: try rows[0].first?.integer() ?? 0, of: id, limit: wanted.similarIssues, now: now,
                    in: connection),
                teamBaseline: try BaselineStatements.baseline(rows[1], now: now),
                analyses: wanted.analyses > 0 ? try IssueAnalysisStatements.readable(rows[2]) : [],
                listings: wanted.issues.compactMap { listings[$0] })
        }
    }
}

/// Means over the 50 newest open issues of a project; zeros without such issues.
private enum BaselineStatements {
    static func select(_ id: TenantID, projectKey: String) -> SQLQuery {
        .select(
            Column.self,
            """
            FROM issue_snapshots
            WHERE tenant_id = ? AND project_key = ? AND is_deleted = ? AND is_done = ? AND created IS NOT NULL
            ORDER BY created DESC LIMIT 50
            """, [.tenant(id), .text(projectKey), .flag(false), .flag(false)])
    }

    static func baseline(_ rows: [SQLRow], now: Timestamp) throws -> TeamBaseline {
        let rows = rows.map { SQLRecord<Column>($0) }
        let count = Double(max(rows.count, 1))
        return TeamBaseline(
            avgAgeDays: try rows.reduce(0.0) { $0 + Double(now.wholeDays(since: try $1.timestamp(.created))) } / count,
            avgComments: try rows.reduce(0.0) { $0 + Double(try $1.integer(.commentCount)) } / count)
    }

    private enum Column: Int, SQLColumns {
        case created, commentCount
        static let list = columnList()
    }
}
