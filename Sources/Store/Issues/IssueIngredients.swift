public import Domain

/// What an analysis is made of, beside the issue itself.
extension RiskStore {
    /// The cached readings among `hashes`.
    public func sentimentReadings(
        tenantID: TenantID, model: String, hashes: [ContentHash]
    ) async throws -> [ContentHash: SentimentReading] {
        guard !hashes.isEmpty else { return [:] }
        return try await driver.read { connection in
            let query = ReadingStatements.select(hashes, model: model, of: tenantID, connection.dialect)
            return try ReadingStatements.readings(connection.query(query.sql, query.arguments))
        }
    }

    /// The issues at the other end of `blocked by` links, as far as they are known; a deleted one counts as done.
    ///
    /// - Parameter asOf: the instant whose scores to give, from the history where the newest analysis is of later; one that
    ///   was first scored later is unknown then. Nil for the newest.
    public func upstreamRisks(
        tenantID: TenantID, links: [IssueLink], asOf: Timestamp? = nil
    ) async throws -> [UpstreamRisk] {
        let blocking = links.filter { $0.relation == .blockedBy }
        guard !blocking.isEmpty else { return [] }
        return try await driver.read { connection in
            let rows = try connection.query(UpstreamStatements.select(blocking, of: tenantID, connection.dialect))
            return try UpstreamStatements.risks(rows, of: blocking, tenantID, asOf: asOf, connection)
        }
    }

    /// As ``sentimentReadings(tenantID:model:hashes:)`` and ``upstreamRisks(tenantID:links:asOf:)``, in one transaction: with a
    /// server one round trip, and one more for each issue that was scored again since `asOf`.
    public func ingredients(
        tenantID: TenantID, model: String, hashes: [ContentHash], links: [IssueLink], asOf: Timestamp
    ) async throws -> (readings: [ContentHash: SentimentReading], upstream: [UpstreamRisk]) {
        let blocking = links.filter { $0.relation == .blockedBy }
        guard !hashes.isEmpty || !blocking.isEmpty else { return ([:], []) }
        return try await driver.read { connection in
            var queries = UpstreamStatements.select(blocking, of: tenantID, connection.dialect)
            let count = queries.count
            if !hashes.isEmpty {
                queries.append(ReadingStatements.select(hashes, model: model, of: tenantID, connection.dialect))
            }
            let rows = try connection.query(queries)
            return (
                readings: try ReadingStatements.readings(Array(rows.dropFirst(count).joined())),
                upstream: try UpstreamStatements.risks(
                    Array(rows.prefix(count)), of: blocking, tenantID, asOf: asOf, connection)
            )
        }
    }
}

/// The statements on readings of texts.
enum ReadingStatements {
    static func select(
        _ hashes: [ContentHash], model: String, of tenantID: TenantID, _ dialect: SQLDialect
    ) -> SQLQuery {
        .select(
            Column.self,
            dialect.lookup("sentiment_cache", by: "content_hash", where: "tenant_id = ? AND model_id = ?"),
            [.ids(Set(hashes)), .tenant(tenantID), .text(model)])
    }

    static func readings(_ rows: [SQLRow]) throws -> [ContentHash: SentimentReading] {
        try Dictionary(
            uniqueKeysWithValues: rows.map { SQLRecord<Column>($0) }.map { row in
                (
                    ContentHash(try row.text(.contentHash)),
                    SentimentReading(
                        label: try row.choice(.label, of: SentimentLabel.self), score: try row.real(.score))
                )
            })
    }

    private enum Column: Int, SQLColumns {
        case contentHash, label, score
        static let list = columnList()
    }
}

private enum UpstreamStatements {
    /// The issues that `blocked by` links name: by their ids, and where Jira left that out by their keys. None for none.
    static func select(_ blocking: [IssueLink], of tenantID: TenantID, _ dialect: SQLDialect) -> [SQLQuery] {
        func select(_ column: String, among values: [String]) -> [SQLQuery] {
            guard !values.isEmpty else { return [] }
            let query = SQLQuery.select(
                Column.self,
                """
                FROM issue_snapshots
                WHERE tenant_id = ? AND \(dialect.isAny(column)) AND issue_key IS NOT NULL
                ORDER BY is_deleted, issue_id
                """, [.tenant(tenantID), .array(Set(values).map { .text($0) })])
            return [query]
        }
        return select("issue_id", among: blocking.compactMap { $0.otherID?.rawValue })
            + select("issue_key", among: blocking.compactMap { $0.otherID == nil ? $0.otherKey?.rawValue : nil })
    }

    /// What is known of the issues from the rows of ``select(_:of:_:)``, in the order of the links.
    static func risks(
        _ rows: [[SQLRow]], of blocking: [IssueLink], _ tenantID: TenantID, asOf: Timestamp?,
        _ connection: any SQLConnection
    ) throws -> [UpstreamRisk] {
        func records(_ rows: some Sequence<[SQLRow]>, by column: Column) throws -> [String: SQLRecord<Column>] {
            let records = rows.joined().map { SQLRecord<Column>($0) }
            return try Dictionary(records.map { (try $0.text(column), $0) }, uniquingKeysWith: { first, _ in first })
        }
        let named = blocking.contains { $0.otherID != nil } ? 1 : 0
        let byID = try records(rows.prefix(named), by: .issueID)
        let byKey = try records(rows.dropFirst(named), by: .issueKey)
        return try blocking.compactMap { link in
            let row = link.otherID.map { byID[$0.rawValue] } ?? link.otherKey.flatMap { byKey[$0.rawValue] }
            guard let row else { return nil }
            var risk = UpstreamRisk(
                issueID: IssueID(try row.text(.issueID)), issueKey: IssueKey(try row.text(.issueKey)),
                linkID: link.id, ownScore: try row.optionalInteger(.ownScore) ?? 0,
                isDone: try row.flag(.isDone) || row.flag(.isDeleted))
            if let asOf, let analyzedAt = try row.optionalTimestamp(.analyzedAt), analyzedAt > asOf {
                guard let past = try IssueWorkStatements.risk(of: risk.issueID, tenantID, asOf: asOf, connection)
                else { return nil }
                (risk.ownScore, risk.isDone) = past
            }
            return risk
        }
    }

    private enum Column: Int, SQLColumns {
        case issueID, issueKey, ownScore, isDone, isDeleted, analyzedAt
        static let list = columnList()
    }
}
