public import Domain
import Foundation

extension RiskStore {
    /// Everything held about a claimed issue; nil when its tenant is gone.
    public func loadWork(for claim: IssueClaim) async throws -> IssueWork? {
        let (limit, byteLimit) = (eventsPerClaim, eventBytesPerClaim)
        return try await driver.read { connection in
            try IssueWorkStatements.load(
                claim.issueID, of: claim.tenantID, pendingLimit: limit, byteLimit: byteLimit, from: connection)
        }
    }

    /// What is held about an issue, by its key, without pending events; nil when unknown.
    public func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork? {
        try await driver.read { connection in
            let row = try connection.first(
                """
                SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND issue_key = ?
                ORDER BY is_deleted, updated DESC NULLS LAST LIMIT 1
                """, [.tenant(tenantID), .id(key)])
            guard let row else { return nil }
            return try IssueWorkStatements.load(
                IssueID(try row.text(0)), of: tenantID, pendingLimit: 0, from: connection)
        }
    }

    /// The cached readings among `hashes`.
    public func sentimentReadings(
        tenantID: TenantID, model: String, hashes: [ContentHash]
    ) async throws -> [ContentHash: SentimentReading] {
        try await driver.read { connection in
            var readings: [ContentHash: SentimentReading] = [:]
            for hash in Set(hashes) {
                let row = try connection.first(
                    "SELECT label, score FROM sentiment_cache WHERE tenant_id = ? AND model_id = ? AND content_hash = ?",
                    [.tenant(tenantID), .text(model), .id(hash)])
                guard let row else { continue }
                readings[hash] = SentimentReading(
                    label: try row.choice(0, of: SentimentLabel.self), score: try row.real(1))
            }
            return readings
        }
    }

    /// The issues at the other end of `blocked by` links, as far as they are known; a deleted one counts as done.
    public func upstreamRisks(tenantID: TenantID, links: [IssueLink]) async throws -> [UpstreamRisk] {
        let blocking = links.filter { $0.relation == .blockedBy }
        guard !blocking.isEmpty else { return [] }
        return try await driver.read { connection in
            try blocking.compactMap { link in
                let row = try connection.first(
                    """
                    SELECT issue_id, issue_key, own_score, is_done, is_deleted FROM issue_snapshots
                    WHERE tenant_id = ? AND \(link.otherID == nil ? "issue_key" : "issue_id") = ?
                        AND issue_key IS NOT NULL
                    ORDER BY is_deleted LIMIT 1
                    """, [.tenant(tenantID), .text(link.otherID?.rawValue ?? link.otherKey?.rawValue)])
                guard let row else { return nil }
                return UpstreamRisk(
                    issueID: IssueID(try row.text(0)), issueKey: IssueKey(try row.text(1)), linkID: link.id,
                    ownScore: try row.optionalInteger(2) ?? 0, isDone: try row.flag(3) || row.flag(4))
            }
        }
    }
}

/// Reading an issue and all that belongs to it.
enum IssueWorkStatements {
    static func load(
        _ issueID: IssueID, of tenantID: TenantID, pendingLimit: Int, byteLimit: Int = 0,
        from connection: any SQLConnection
    ) throws -> IssueWork? {
        let key: [SQLValue] = [.tenant(tenantID), .id(issueID)]
        let tenant = try connection.first(
            """
            SELECT jira_url, daily_rate_per_person, late_until, fields_json FROM tenants
            LEFT JOIN jira_access ON jira_access.tenant_id = tenants.id WHERE tenants.id = ?
            """, [.tenant(tenantID)])
        guard let tenant else { return nil }
        let snapshot = try connection.first(
            "SELECT state_json, analysis_json FROM issue_snapshots WHERE tenant_id = ? AND issue_id = ?", key)
        var state = try snapshot?.stored(0, as: StoredIssueState.self)
        if state != nil {
            state?.comments = try comments(key, connection)
            state?.changes = try changes(key, connection)
        }
        return IssueWork(
            tenant: TenantContext(
                id: tenantID, jiraURL: try tenant.text(0), dailyRatePerPerson: try tenant.real(1),
                lateUntil: try tenant.optionalTimestamp(2),
                fields: try tenant.optionalStored(3, as: StoredCustomFields.self)),
            state: state,
            pending: try pending(key, limit: pendingLimit, byteLimit: byteLimit, connection),
            lastAnalysis: try snapshot.flatMap(lastAnalysis),
            recentScores: try recentScores(key, connection),
            rules: try AlertRuleStatements.rules(of: tenantID, connection),
            alertStates: try AlertRuleStatements.states(of: issueID, tenantID, connection))
    }

    /// The oldest events that wait, as many as both limits allow but at least one.
    private static func pending(
        _ key: [SQLValue], limit: Int, byteLimit: Int, _ connection: any SQLConnection
    ) throws -> [PendingEvent] {
        let sizes = try connection.query(
            """
            SELECT id, LENGTH(body) FROM webhook_events WHERE tenant_id = ? AND issue_id = ? AND state = 'pending'
            ORDER BY id LIMIT ?
            """, key + [.integer(limit)]
        ).map { (id: try $0.integer(0), bytes: try $0.integer(1)) }
        var (bytes, last) = (0, 0)
        for (index, event) in sizes.enumerated() {
            bytes += event.bytes
            guard index == 0 || bytes <= byteLimit else { break }
            last = event.id
        }
        return try connection.query(
            """
            SELECT id, body FROM webhook_events
            WHERE tenant_id = ? AND issue_id = ? AND state = 'pending' AND id <= ? ORDER BY id
            """, key + [.integer(last)]
        ).map { PendingEvent(id: Int64(try $0.integer(0)), body: [UInt8](try $0.blob(1))) }
    }

    /// An analysis is made of other things and can be made again: one that cannot be read is as good as none, and must
    /// not keep its issue from being scored.
    private static func lastAnalysis(_ snapshot: SQLRow) throws -> Analysis? {
        do {
            return try snapshot.optionalStored(1, as: StoredAnalysis.self)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    private static func comments(
        _ key: [SQLValue], _ connection: any SQLConnection
    ) throws -> [CommentID: Comment] {
        let rows = try connection.query(
            """
            SELECT comment_id, author_id, author, author_time_zone, body, created, updated FROM issue_comments
            WHERE tenant_id = ? AND issue_id = ?
            """, key)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let id = CommentID(try row.text(0))
                return (
                    id,
                    Comment(
                        id: id, author: try person(row, at: 1), body: try row.text(4), created: try row.timestamp(5),
                        updated: try row.timestamp(6))
                )
            })
    }

    private static func changes(_ key: [SQLValue], _ connection: any SQLConnection) throws -> [ChangeID: Change] {
        let rows = try connection.query(
            """
            SELECT change_id, author_id, author, author_time_zone, changed_at, field, from_value, from_string, to_value,
                to_string
            FROM issue_changes WHERE tenant_id = ? AND issue_id = ?
            """, key)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let id = ChangeID(try row.text(0))
                return (
                    id,
                    Change(
                        id: id, at: try row.timestamp(4), author: try person(row, at: 1), field: try row.text(5),
                        from: try row.optionalText(6), fromString: try row.optionalText(7), to: try row.optionalText(8),
                        toString: try row.optionalText(9))
                )
            })
    }

    /// A person from three columns: id, display name, time zone.
    private static func person(_ row: SQLRow, at column: Int) throws -> Person? {
        guard let id = try row.optionalText(column) else { return nil }
        return Person(
            id: id, displayName: try row.optionalText(column + 1) ?? id, timeZone: try row.optionalText(column + 2))
    }

    /// Longest look-back of a trend or a spike.
    private static let recentScoreDays = 31

    private static func recentScores(_ key: [SQLValue], _ connection: any SQLConnection) throws -> [ScorePoint] {
        let newest = try connection.first(
            "SELECT MAX(analyzed_at) FROM analysis_history WHERE tenant_id = ? AND issue_id = ?", key
        )?.optionalTimestamp(0)
        guard let newest else { return [] }
        return try connection.query(
            """
            SELECT analyzed_at, risk_score FROM analysis_history
            WHERE tenant_id = ? AND issue_id = ? AND analyzed_at >= ? ORDER BY analyzed_at, recorded_at
            """, key + [.timestamp(newest.adding(days: -recentScoreDays))]
        ).map { ScorePoint(at: try $0.timestamp(0), score: try $0.integer(1)) }
    }
}
