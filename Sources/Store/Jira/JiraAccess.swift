public import Domain

extension RiskStore {
    /// How a tenant's access to Jira stands; nil when the tenant is unknown.
    public func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus? {
        try await driver.read { try JiraAccessStatements.status($0.query(JiraAccessStatements.selectStatus(tenantID))) }
    }

    /// How the access to Jira stands, over all tenants.
    ///
    /// - Parameters:
    ///   - sweptBefore: the sweeps are overdue of those whose last one was before.
    ///   - now: writes that are stopped until later count as refused.
    public func jiraAccessFigures(sweptBefore: Timestamp, now: Timestamp) async throws -> JiraAccessFigures {
        try await driver.read { connection in
            let rows = try connection.query([
                SQLQuery(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM jira_access WHERE stopped_at IS NOT NULL LIMIT ?) AS stopped",
                    [.integer(JiraAccessFigures.stoppedLimit)]),
                SQLQuery("SELECT COUNT(*) FROM jira_access WHERE stopped_at IS NULL AND attempts >= 3", []),
                SQLQuery(
                    "SELECT COUNT(*) FROM jira_access WHERE stopped_at IS NULL AND swept_at < ?",
                    [.timestamp(sweptBefore)]),
                SQLQuery(
                    "SELECT COUNT(*) FROM jira_write_back WHERE is_on AND stopped_until > ?", [.timestamp(now)]),
                Self.selectTallies,
            ])
            func count(_ place: Int) throws -> Int { try rows[place].first?.integer() ?? 0 }
            return JiraAccessFigures(
                stopped: try count(0), unanswered: try count(1), overdue: try count(2),
                refusedWrites: try count(3), tallies: try Self.jiraTallies(rows[4]))
        }
    }
}

/// How the access to Jira stands, over all tenants.
public struct JiraAccessFigures: Sendable, Hashable {
    /// So many tenants are counted as stopped at most.
    public static let stoppedLimit = 100

    /// Tenants whose calls are stopped, up to ``stoppedLimit``.
    public var stopped: Int
    /// Tenants whose Jiras have given no answer several times in a row.
    public var unanswered: Int
    /// Tenants whose Jiras were not looked through for long, though nothing keeps their calls from being made.
    public var overdue: Int
    /// Tenants whose writes Jira refuses.
    public var refusedWrites: Int
    /// What has come of asking Jira; the issues that are to be fetched are not counted.
    public var tallies: JiraTallies
}

extension JiraAccessStatements {
    /// What ``status(_:)`` is made of.
    static func selectStatus(_ tenantID: TenantID) -> [SQLQuery] {
        let tenant = [SQLValue.tenant(tenantID)]
        let fetches = "SELECT COUNT(*) FROM issue_fetches WHERE tenant_id = ? AND parked_at"
        return [
            .select(StatusColumn.self, "FROM jira_access WHERE tenant_id = ?", tenant),
            SQLQuery("\(fetches) IS NULL", tenant), SQLQuery("\(fetches) IS NOT NULL", tenant),
        ]
    }

    /// What ``selectStatus(_:)`` gave; nil for an unknown tenant.
    static func status(_ rows: [[SQLRow]]) throws -> JiraAccessStatus? {
        try rows[0].first.map { SQLRecord<StatusColumn>($0) }.map { row in
            JiraAccessStatus(
                stoppedReason: try row.optionalText(.stoppedReason), stoppedAt: try row.optionalTimestamp(.stoppedAt),
                lastError: try row.optionalText(.lastError), sweptAt: try row.optionalTimestamp(.sweptAt),
                fullySweptAt: try row.optionalTimestamp(.fullSweptAt), missed: try row.integer(.missed),
                healed: try row.integer(.healed), deleted: try row.integer(.deleted),
                hidden: try row.integer(.hidden), calls: try row.integer(.calls),
                waiting: try rows[1].first?.integer() ?? 0, unavailable: try rows[2].first?.integer() ?? 0)
        }
    }

    private enum StatusColumn: Int, SQLColumns {
        case stoppedReason, stoppedAt, lastError, sweptAt, fullSweptAt, missed, healed, deleted, hidden, calls
        static let list = columnList()
    }
}
