public import Domain
public import Foundation

extension RiskStore {
    /// What a tenant asked for from `from` up to but not including `to`.
    public func usage(_ id: TenantID, from: Timestamp, to: Timestamp) async throws -> UsageCount {
        try await driver.read { connection in
            let rows = try connection.select(
                CountColumn.self,
                """
                FROM usage_logs
                WHERE tenant_id = ? AND created_at >= ? AND created_at < ? GROUP BY action_type
                """, [.tenant(id), .timestamp(from), .timestamp(to)])
            let counts = try Dictionary(
                uniqueKeysWithValues: rows.map { (try $0.text(.actionType), try $0.integer(.uses)) })
            func count(_ action: UsageAction) -> Int { counts[action.rawValue] ?? 0 }
            return UsageCount(issue: count(.issue), sprint: count(.sprint), portfolio: count(.portfolio))
        }
    }

    /// Counts the uses of a month and adds one in the same transaction, so that no two requests can take the last
    /// one; with no row at the tenant's limit, which is read there too.
    public func reserveUsage(
        _ id: TenantID, action: UsageAction, resourceKey: String, in month: CalendarMonth, by actor: Actor,
        now: Timestamp
    ) async throws -> UsageReservation {
        try await driver.write { connection in
            // One reservation of a tenant at a time.
            let limit = try connection.first(
                "SELECT \(action.limitColumn) FROM tenants WHERE id = ? \(connection.dialect.locking)", [.tenant(id)]
            )?.optionalInteger()
            if let limit {
                let used = try connection.first(
                    """
                    SELECT COUNT(*) FROM usage_logs
                    WHERE tenant_id = ? AND created_at >= ? AND created_at < ? AND action_type = ?
                    """,
                    [.tenant(id), .timestamp(month.start), .timestamp(month.end), .text(action.rawValue)])?.integer()
                guard let used, used < limit else { return .usedUp(limit: limit) }
            }
            let usageID = UUID()
            try connection.run(
                "INSERT INTO usage_logs (id, tenant_id, action_type, resource_key, created_at) VALUES (?, ?, ?, ?, ?)",
                [.uuid(usageID), .tenant(id), .text(action.rawValue), .text(resourceKey), .timestamp(now)])
            return .reserved(usageID)
        }
    }

    /// Fills in how long a tenant's reserved use took.
    public func completeUsage(_ id: TenantID, usageID: UUID, processingTimeMilliseconds: Int, by actor: Actor)
        async throws
    {
        try await driver.write {
            try $0.run(
                "UPDATE usage_logs SET processing_time_ms = ? WHERE tenant_id = ? AND id = ?",
                [.integer(processingTimeMilliseconds), .tenant(id), .uuid(usageID)])
        }
    }

    /// Takes a tenant's reserved use back.
    public func cancelUsage(_ id: TenantID, usageID: UUID, by actor: Actor) async throws {
        try await driver.write {
            try $0.run("DELETE FROM usage_logs WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(usageID)])
        }
    }
}

extension UsageAction {
    /// The column of `tenants` that has its limit.
    fileprivate var limitColumn: String {
        switch self {
        case .issue: "monthly_issue_limit"
        case .sprint: "monthly_sprint_limit"
        case .portfolio: "monthly_portfolio_limit"
        }
    }
}

private enum CountColumn: Int, SQLColumns {
    case actionType, uses
    static let list = columnList()

    var sql: String { self == .uses ? "COUNT(*)" : columnName }
}
