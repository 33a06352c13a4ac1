public import Domain

extension RiskStore {
    /// All tenants, oldest first, with the analyses they asked for since an instant.
    public func tenantListings(
        usedSince: Timestamp, after cursor: String?, limit: Int
    ) async throws -> Page<TenantListing> {
        let tenants = try await tenants(after: cursor, limit: limit)
        let uses = try await driver.read { connection in
            let rows = try connection.select(
                UseColumn.self,
                """
                FROM usage_logs WHERE \(connection.dialect.isAny("tenant_id")) AND created_at >= ? GROUP BY tenant_id
                """, [.array(tenants.items.map { .tenant($0.id) }), .timestamp(usedSince)])
            return try Dictionary(
                uniqueKeysWithValues: rows.map { (try $0.tenantID(.tenantID), try $0.integer(.uses)) })
        }
        return Page(
            items: tenants.items.map { TenantListing(tenant: $0, uses: uses[$0.id] ?? 0) },
            nextCursor: tenants.nextCursor)
    }

    /// What was asked for, and how many tenants were made, since an instant.
    public func hostUsage(since: Timestamp) async throws -> HostUsage {
        try await driver.read { connection in
            let day = connection.dialect.utcDay("created_at")
            let figures = "COUNT(*), AVG(CAST(processing_time_ms AS DOUBLE PRECISION)), MAX(processing_time_ms)"
            let days = try connection.query(
                """
                SELECT \(day), action_type, \(figures) FROM usage_logs WHERE created_at >= ?
                GROUP BY 1, 2 ORDER BY 1 DESC, 2
                """, [.timestamp(since)]
            ).map { row in
                HostUsage.Day(
                    day: try row.text(0), action: try row.choice(1, of: UsageAction.self), uses: try row.integer(2),
                    meanMilliseconds: try row.optionalReal(3), longestMilliseconds: try row.optionalInteger(4))
            }
            let plans = try connection.query(
                """
                SELECT t.plan, COUNT(*), COUNT(u.tenant_id), CAST(COALESCE(SUM(u.uses), 0) AS BIGINT)
                FROM tenants AS t LEFT JOIN (
                    SELECT tenant_id, COUNT(*) AS uses FROM usage_logs WHERE created_at >= ? GROUP BY tenant_id
                ) AS u ON u.tenant_id = t.id
                WHERE NOT t.is_deleted GROUP BY t.plan ORDER BY t.plan
                """, [.timestamp(since)]
            ).map { row in
                HostUsage.PlanUse(
                    plan: try row.choice(0, of: Plan.self), tenants: try row.integer(1),
                    activeTenants: try row.integer(2), uses: try row.integer(3))
            }
            let made = try connection.query(
                """
                SELECT \(day), COUNT(*) FROM tenants WHERE created_at >= ? AND NOT is_deleted
                GROUP BY 1 ORDER BY 1 DESC
                """, [.timestamp(since)]
            ).map { TenantsMade(day: try $0.text(0), count: try $0.integer(1)) }
            return HostUsage(days: days, plans: plans, tenantsMade: made)
        }
    }
}

private enum UseColumn: Int, SQLColumns {
    case tenantID, uses
    static let list = columnList()

    var sql: String { self == .uses ? "COUNT(*)" : columnName }
}
