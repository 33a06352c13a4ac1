public import Domain

extension RiskStore {
    /// What a tenant asked for on each day from `from` up to but not including `to`, the first day first; days without a use
    /// are left out.
    public func usageDays(_ id: TenantID, from: Timestamp, to: Timestamp) async throws -> [UsageDay] {
        try await driver.read { connection in
            let day = connection.dialect.utcDay("created_at")
            return try connection.query(
                """
                SELECT \(day), action_type, COUNT(*), COALESCE(SUM(processing_time_ms), 0) FROM usage_logs
                WHERE tenant_id = ? AND created_at >= ? AND created_at < ? GROUP BY 1, 2 ORDER BY 1, 2
                """, [.tenant(id), .timestamp(from), .timestamp(to)]
            ).map { try $0.usageDay(from: 0) }
        }
    }

    /// As ``usageDays(_:from:to:)``, of all tenants, by tenant.
    public func usageDaysOfHost(
        from: Timestamp, to: Timestamp, after cursor: String?, limit: Int
    ) async throws -> Page<TenantUsageDay> {
        let after = try Cursor(cursor, parts: 3).map { cursor in
            [
                SQLValue.tenant(try cursor.parsed(0) { TenantID($0) }), .text(cursor.parts[1]), .text(cursor.parts[2]),
            ]
        }
        let arguments: [SQLValue] = [.timestamp(from), .timestamp(to)] + (after ?? []) + [.integer(limit + 1)]
        return try await driver.read { connection in
            let day = connection.dialect.utcDay("u.created_at")
            let rows = try connection.query(
                """
                SELECT u.tenant_id, t.company_name, t.plan, \(day), u.action_type, COUNT(*),
                    COALESCE(SUM(u.processing_time_ms), 0)
                FROM usage_logs AS u JOIN tenants AS t ON t.id = u.tenant_id
                WHERE u.created_at >= ? AND u.created_at < ? AND NOT t.is_deleted
                    \(after == nil ? "" : "AND (u.tenant_id, \(day), u.action_type) > (?, ?, ?)")
                GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 4, 5 LIMIT ?
                """, arguments)
            return try Page(
                rows, limit: limit,
                cursor: { Cursor([$0.tenantID.description, $0.usage.day, $0.usage.action.rawValue]) },
                element: { row in
                    TenantUsageDay(
                        tenantID: try row.tenantID(0), companyName: try row.text(1),
                        plan: try row.choice(2, of: Plan.self), usage: try row.usageDay(from: 3))
                })
        }
    }
}

extension SQLRow {
    /// A day, an action, the uses and their time, from a column on.
    fileprivate func usageDay(from first: Int) throws -> UsageDay {
        UsageDay(
            day: try text(first), action: try choice(first + 1, of: UsageAction.self), uses: try integer(first + 2),
            processingMilliseconds: try integer(first + 3))
    }
}
