public import Domain

extension RiskStore {
    /// The processes that were seen since an instant, those seen last first.
    public func nodes(since: Timestamp) async throws -> [SeenNode] {
        try await driver.read { connection in
            try connection.select(
                SeenColumn.self, "FROM nodes WHERE seen_at >= ? ORDER BY seen_at DESC, id LIMIT 100",
                [.timestamp(since)]
            ).map { row in
                SeenNode(
                    host: try row.text(.host), version: try row.text(.version),
                    startedAt: try row.timestamp(.startedAt),
                    seenAt: try row.timestamp(.seenAt))
            }
        }
    }

    /// The parked issues of all tenants, by tenant.
    public func parkedIssuesOfHost(after cursor: String?, limit: Int) async throws -> Page<OfTenant<ParkedIssue>> {
        let after = try Cursor(cursor, parts: 3)?.parts.map(SQLValue.text)
        return try await driver.read { connection in
            // In the order of the index of parked issues.
            let rows = try connection.select(
                ParkedOfHostColumn.self,
                """
                FROM issue_queue AS q JOIN tenants AS t ON t.id = q.tenant_id AND NOT t.is_deleted
                LEFT JOIN issue_snapshots AS s ON s.tenant_id = q.tenant_id AND s.issue_id = q.issue_id
                WHERE q.parked_at IS NOT NULL
                    \(after == nil ? "" : "AND (q.tenant_id, q.parked_at, q.issue_id) < (?, ?, ?)")
                ORDER BY q.tenant_id DESC, q.parked_at DESC, q.issue_id DESC LIMIT ?
                """, (after ?? []) + [.integer(limit + 1)])
            return try Page(
                rows, limit: limit,
                cursor: { Cursor([$0.tenantID.description, $0.item.parkedAt.description, $0.item.issueID.rawValue]) }
            ) { row in
                OfTenant(
                    tenantID: try row.tenantID(.tenantID), companyName: try row.text(.companyName),
                    item: ParkedIssue(
                        issueID: IssueID(try row.text(.issueID)),
                        issueKey: try row.optionalText(.issueKey).map { IssueKey($0) },
                        lastError: try row.optionalText(.lastError) ?? "", attempts: try row.integer(.attempts),
                        parkedAt: try row.timestamp(.parkedAt)))
            }
        }
    }

    /// The rejected webhooks of all tenants, the newest at most `limit`.
    public func rejectedEventsOfHost(limit: Int) async throws -> [OfTenant<WebhookEventRecord>] {
        try await driver.read { connection in
            try connection.select(
                RejectedOfHostColumn.self,
                """
                FROM webhook_events AS e JOIN tenants AS t ON t.id = e.tenant_id AND NOT t.is_deleted
                WHERE e.state = 'rejected' ORDER BY e.received_at DESC, e.id DESC LIMIT ?
                """, [.integer(limit)]
            ).map { row in
                OfTenant(
                    tenantID: try row.tenantID(.tenantID), companyName: try row.text(.companyName),
                    item: WebhookEventRecord(
                        id: Int64(try row.integer(.id)), deliveryID: try row.text(.deliveryID),
                        event: try row.text(.event), issueID: try row.optionalText(.issueID).map(IssueID.init),
                        state: .rejected, error: try row.optionalText(.error),
                        receivedAt: try row.timestamp(.receivedAt)))
            }
        }
    }
}

private enum SeenColumn: Int, SQLColumns {
    case host, version, startedAt, seenAt
    static let list = columnList()
}

private enum ParkedOfHostColumn: Int, SQLColumns {
    case tenantID, companyName, issueID, issueKey, lastError, attempts, parkedAt
    static let list = columnList()

    var sql: String {
        switch self {
        case .companyName: "t.company_name"
        case .issueKey: "s.issue_key"
        default: "q.\(columnName)"
        }
    }
}

private enum RejectedOfHostColumn: Int, SQLColumns {
    case tenantID, companyName, id, deliveryID, event, issueID, error, receivedAt
    static let list = columnList()

    var sql: String { self == .companyName ? "t.company_name" : "e.\(columnName)" }
}
