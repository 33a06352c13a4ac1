public import Domain

extension RiskStore {
    /// Issues with an analysis in the filter's order, then by key. Deleted issues are never listed.
    ///
    /// The listed issues carry their plain columns only: no description, comments, changes or links.
    public func issues(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueListing> {
        try await issues(id, filter: filter, after: cursor, limit: limit, few: IssueList.few)
    }

    /// As the other.
    ///
    /// - Parameter few: up to how many issues of a filter are sorted.
    func issues(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int, few: Int
    ) async throws -> Page<IssueListing> {
        try await page(id, filter: filter, after: cursor, limit: limit, few: few) {
            try ListingStatements.listings(id, of: $0, $1)
        }
    }

    /// As ``issues(_:filter:after:limit:)``, with what tables show of their analyses.
    public func issueLines(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueLine> {
        try await page(id, filter: filter, after: cursor, limit: limit, few: IssueList.few) {
            try ListingStatements.lines(id, of: $0, $1)
        }
    }

    private func page<Item: Sendable>(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int, few: Int,
        _ read: @escaping @Sendable ([IssueID], any SQLConnection) throws -> [IssueID: Item]
    ) async throws -> Page<Item> {
        let after = try IssuePlace(cursor, in: filter.order)
        return try await driver.read { connection in
            let list = IssueList(tenantID: id, filter: filter, few: few, connection: connection)
            let places = try list.places(after: after, limit: limit + 1)
            let shown = places.prefix(limit)
            let items = try read(shown.map(\.issueID), connection)
            return Page(
                items: shown.compactMap { items[$0.issueID] },
                nextCursor: places.count > limit ? try shown.last?.cursor.encoded() : nil)
        }
    }
}

/// Where an issue stands in a list.
struct IssuePlace {
    var issueID: IssueID
    var key: String
    /// What the list is sorted by, before the key; nil where the issue has none of it and stands behind those that have.
    var rank: SQLValue?

    /// The place of the last issue of the page before; nil on the first.
    init?(_ text: String?, in order: IssueOrder) throws {
        guard let cursor = try Cursor(text, parts: 2) else { return nil }
        issueID = ""
        key = cursor.parts[1]
        rank = cursor.parts[0].isEmpty ? nil : try order.rank(cursor)
    }

    init(_ row: SQLRow) throws {
        issueID = IssueID(try row.text(0))
        key = try row.text(1)
        rank = row.values[2] == .null ? nil : row.values[2]
    }

    var cursor: Cursor {
        let text =
            switch rank {
            case .integer(let number): "\(number)"
            case .real(let number): "\(number)"
            case .text(let text): text
            case .timestamp(let instant): instant.description
            default: ""
            }
        return Cursor([text, key])
    }
}

extension IssueOrder {
    /// The column that it goes by; nil for the key alone.
    fileprivate var column: String? {
        switch self {
        case .risk: "s.risk_score"
        case .forecast, .forecastDue, .forecastSprint: question.map { "f.late_\($0.rawValue)" }
        case .due: "s.due_date"
        case .updated: "s.updated"
        case .key: nil
        }
    }

    /// Whether an issue may have none of what it goes by.
    fileprivate var hasUnranked: Bool { self == .due || question != nil }
    fileprivate var isAscending: Bool { self == .due }

    /// Throws `StorageError(.malformed)` for what is no rank of this order.
    fileprivate func rank(_ cursor: Cursor) throws -> SQLValue {
        switch self {
        case .risk: .integer(try cursor.integer(0))
        case .forecast, .forecastDue, .forecastSprint: .real(try cursor.real(0))
        case .due: .text(try cursor.parsed(0) { CalendarDay($0) }.description)
        case .updated: .timestamp(try cursor.parsed(0) { Timestamp($0) })
        case .key: throw Cursor.malformed
        }
    }
}

/// The queries of one list (decision 0044). It goes through the filter that finds the fewest issues, where those are few, and
/// sorts them; otherwise through the index of its order, until the page is full.
struct IssueList {
    /// A filter's issues are few up to here: sorting them takes about as long as reading a page in order.
    static let few = 2000

    let tenantID: TenantID
    let filter: IssueFilter
    let few: Int
    let connection: any SQLConnection

    private var dialect: SQLDialect { connection.dialect }
    private var order: IssueOrder { filter.order }

    func places(after: IssuePlace?, limit: Int) throws -> [IssuePlace] {
        let filters = IssueFilterStatements.queries(filter, tenantID, dialect)
        let driving = try fewest(of: filters)
        let others = filters.enumerated().filter { $0.offset != driving }.map(\.element)
        func part(isRanked: Bool, after: IssuePlace?, limit: Int) throws -> [IssuePlace] {
            let query = query(
                isRanked: isRanked, through: driving.map { filters[$0].issues }, others: others, after: after,
                limit: limit)
            return try connection.query(query.sql, query.arguments).map(IssuePlace.init)
        }
        guard order.hasUnranked else { return try part(isRanked: true, after: after, limit: limit) }
        if let after, after.rank == nil { return try part(isRanked: false, after: after, limit: limit) }
        let ranked = try part(isRanked: true, after: after, limit: limit)
        guard ranked.count < limit else { return ranked }
        return ranked + (try part(isRanked: false, after: nil, limit: limit - ranked.count))
    }

    /// Which filter finds the fewest issues; nil where all find many.
    private func fewest(of filters: [IssueFilterStatements.Query]) throws -> Int? {
        let counts = try connection.query(
            filters.map { filter in
                SQLQuery(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM (\(filter.issues.sql)) AS found LIMIT ?) AS counted",
                    filter.issues.arguments + [.integer(few + 1)])
            }
        ).map { try $0.first?.integer() ?? 0 }
        guard let least = counts.min(), least <= few else { return nil }
        return counts.firstIndex(of: least)
    }

    /// Of the issues that have what the order goes by, or of the others.
    func query(
        isRanked: Bool, through driving: SQLQuery?, others: [IssueFilterStatements.Query], after: IssuePlace?,
        limit: Int
    ) -> SQLQuery {
        let column = isRanked ? order.column : nil
        var (sources, arguments) = sources(isRanked: isRanked, through: driving)
        var conditions = ["s.risk_score IS NOT NULL", "s.issue_key IS NOT NULL", "NOT s.is_deleted"]
        if !filter.includesDone { conditions.append("NOT s.is_done") }
        if let column { conditions.append("\(column) IS NOT NULL") }
        if !isRanked, let column = order.column { conditions.append("\(column) IS NULL") }
        for other in others {
            conditions.append(driving == nil ? other.probe : other.check)
            arguments += other.arguments
        }
        if let after {
            if let column, let rank = after.rank {
                let (past, upTo) = order.isAscending ? (">", ">=") : ("<", "<=")
                // The first of the two is what an index is searched by.
                conditions.append("\(column) \(upTo) ? AND (\(column) \(past) ? OR s.issue_key > ?)")
                arguments += [rank, rank, .text(after.key)]
            } else {
                conditions.append("s.issue_key > ?")
                arguments.append(.text(after.key))
            }
        }
        let rank = column.map { "\($0)\(order.isAscending ? "" : " DESC"), " } ?? ""
        return SQLQuery(
            """
            \(driving.map { "WITH chosen (issue_id) AS MATERIALIZED (\($0.sql)) " } ?? "")\
            SELECT s.issue_id, s.issue_key, \(column ?? "NULL") FROM \(sources)
            AND \(conditions.joined(separator: " AND ")) ORDER BY \(rank)s.issue_key LIMIT ?
            """, (driving?.arguments ?? []) + arguments + [.integer(limit)])
    }

    /// What the query reads, up to the condition on the tenant.
    private func sources(isRanked: Bool, through driving: SQLQuery?) -> (sql: String, arguments: [SQLValue]) {
        // SQLite joins in this order then, and has no statistics to find a better one.
        let join = dialect.hasConcurrentWriters ? "JOIN" : "CROSS JOIN"
        let forecasts = "forecasts AS f ON f.tenant_id = s.tenant_id AND f.issue_id = s.issue_id"
        let tenant = SQLValue.tenant(tenantID)
        if driving != nil {
            return (
                "chosen AS c \(join) issue_snapshots AS s ON s.tenant_id = ? AND s.issue_id = c.issue_id "
                    + (order.question == nil ? "" : "LEFT JOIN \(forecasts) ") + "WHERE s.tenant_id = ?",
                [tenant, tenant]
            )
        }
        guard order.question != nil else { return ("issue_snapshots AS s WHERE s.tenant_id = ?", [tenant]) }
        guard isRanked else {
            return ("issue_snapshots AS s LEFT JOIN \(forecasts) WHERE s.tenant_id = ?", [tenant])
        }
        return (
            "forecasts AS f \(join) issue_snapshots AS s ON s.tenant_id = f.tenant_id AND s.issue_id = f.issue_id "
                + "WHERE f.tenant_id = ?", [tenant]
        )
    }
}
