public import Domain
public import Foundation

extension RiskStore {
    /// The issues of a tenant that are due to be fetched, up to `limit`: those that requests wait for, those first seen in
    /// webhooks, then missed ones, backfills last.
    public func dueFetches(_ tenantID: TenantID, limit: Int, now: Timestamp) async throws -> [IssueFetch] {
        try await driver.read { connection in
            try FetchReason.inOrder.reduce(into: [IssueFetch]()) { fetches, reason in
                guard fetches.count < limit else { return }
                fetches += try connection.select(
                    FetchColumn.self,
                    """
                    FROM issue_fetches
                    WHERE tenant_id = ? AND reason = ? AND parked_at IS NULL AND due_at <= ?
                    ORDER BY due_at, issue_id LIMIT ?
                    """,
                    [.tenant(tenantID), .text(reason.rawValue), .timestamp(now), .integer(limit - fetches.count)]
                ).map {
                    IssueFetch(
                        issueID: IssueID(try $0.text(.issueID)), reason: reason, attempts: try $0.integer(.attempts))
                }
            }
        }
    }

    /// Requests fetches of issues that have none waiting; how many. A parked fetch gets new attempts.
    @discardableResult
    public func requestFetches(
        _ issueIDs: [IssueID], of tenantID: TenantID, reason: FetchReason, backfillID: UUID? = nil, now: Timestamp
    ) async throws -> Int {
        guard !issueIDs.isEmpty else { return 0 }
        return try await driver.write { connection in
            let count = try IssueFetchStatements.request(
                issueIDs, of: tenantID, reason: reason, backfillID: backfillID, at: now, in: connection)
            if reason == .missed {
                try connection.run(
                    "UPDATE jira_access SET missed = missed + ? WHERE tenant_id = ?",
                    [.integer(count), .tenant(tenantID)])
            }
            return count
        }
    }

    /// Stores what Jira answered as events in the inbox, and ends the fetches they come from, in one transaction: an
    /// answer is neither lost nor, as it is the same delivery, folded twice. Large ones are written before, in pieces.
    ///
    /// - Parameters:
    ///   - deliveries: whole issues, and what is gone.
    ///   - outcome: what became of each fetch that was answered.
    public func keepFetched(
        _ deliveries: [WebhookDelivery], ending outcome: [IssueFetch: FetchOutcome], of tenantID: TenantID,
        now: Timestamp
    ) async throws {
        let erasure = erasure
        var prepared: [WebhookDelivery] = []
        for delivery in deliveries {
            prepared.append(try await inbox.pieces.cut(inbox.prepared(delivery), isLimited: false))
        }
        try await driver.write { [prepared] connection in
            _ = try InboxStatements.insert(prepared, erasure: erasure, into: connection)
            var (healed, deleted, hidden) = (0, 0, 0)
            for (fetch, outcome) in outcome.sorted(by: { $0.key.issueID.rawValue < $1.key.issueID.rawValue }) {
                if case .failed(let error, let retryAt) = outcome {
                    try connection.run(
                        """
                        UPDATE issue_fetches SET attempts = attempts + 1, last_error = ?, due_at = ?, parked_at = ?
                        WHERE tenant_id = ? AND issue_id = ?
                        """,
                        [
                            .text(error), .timestamp(retryAt ?? now), .timestamp(retryAt == nil ? now : nil),
                            .tenant(tenantID), .id(fetch.issueID),
                        ])
                    continue
                }
                let ended = try connection.execute(
                    "DELETE FROM issue_fetches WHERE tenant_id = ? AND issue_id = ?",
                    [.tenant(tenantID), .id(fetch.issueID)])
                // Another node that fetched it too has counted it.
                guard ended > 0 else { continue }
                switch outcome {
                case .kept: healed += fetch.reason == .missed ? 1 : 0
                case .deleted: deleted += 1
                case .hidden: hidden += 1
                case .failed: break
                }
            }
            try connection.run(
                """
                UPDATE jira_access SET healed = healed + ?, deleted = deleted + ?, hidden = hidden + ?
                WHERE tenant_id = ?
                """, [.integer(healed), .integer(deleted), .integer(hidden), .tenant(tenantID)])
        }
    }

    /// How the fetch of an issue stands; nil when none is queued.
    public func fetchStanding(_ tenantID: TenantID, _ issueID: IssueID) async throws -> FetchStanding? {
        try await driver.read { connection in
            try connection.first(
                "SELECT parked_at IS NOT NULL FROM issue_fetches WHERE tenant_id = ? AND issue_id = ?",
                [.tenant(tenantID), .id(issueID)]
            ).map { try $0.flag() ? .parked : .waiting }
        }
    }

    /// What is held of these issues, by id; unknown ones are left out.
    public func issueOutlines(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> [IssueID: IssueOutline] {
        try await driver.read { connection in
            let ofIssues = "tenant_id = ? AND \(connection.dialect.isAny("issue_id"))"
            let arguments: [SQLValue] = [.tenant(tenantID), .ids(issueIDs)]
            let rows = try connection.query([
                SQLQuery(
                    "SELECT DISTINCT issue_id FROM webhook_events WHERE \(ofIssues) AND state = 'pending'", arguments),
                .select(OutlineColumn.self, "FROM issue_snapshots WHERE \(ofIssues)", arguments),
                OwnWriteStatements.instants(ofIssues, arguments),
            ])
            let pending = Set(try rows[0].map { IssueID(try $0.text()) })
            let ownAt = try Dictionary(
                rows[2].map { (IssueID(try $0.text(0)), try $0.timestamp(1)) }, uniquingKeysWith: { $1 })
            var outlines = Dictionary(
                pending.map {
                    (
                        $0,
                        IssueOutline(projectKey: nil, updated: nil, wholeAt: nil, isGone: false, hasPendingEvents: true)
                    )
                }, uniquingKeysWith: { first, _ in first })
            for row in rows[1].map({ SQLRecord<OutlineColumn>($0) }) {
                let id = IssueID(try row.text(.issueID))
                outlines[id] = IssueOutline(
                    projectKey: try row.optionalText(.projectKey),
                    // Jira dates an issue by consilod's own writes, too.
                    updated: [try row.optionalTimestamp(.updated), ownAt[id]].compactMap(\.self).max(),
                    wholeAt: try row.optionalTimestamp(.wholeAt),
                    lacksFields: try row.flag(.lacksFields), isGone: try row.flag(.isDeleted),
                    hasPendingEvents: pending.contains(id))
            }
            return outlines
        }
    }

    /// Whether all of these issues have an analysis and no event of theirs waits.
    public func areScored(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> Bool {
        try await driver.read { connection in
            let issues = Set(issueIDs)
            let scored = try connection.first(
                """
                SELECT COUNT(*) FROM issue_snapshots
                WHERE tenant_id = ? AND \(connection.dialect.isAny("issue_id")) AND risk_score IS NOT NULL
                    AND NOT EXISTS (
                        SELECT 1 FROM webhook_events AS e
                        WHERE e.tenant_id = issue_snapshots.tenant_id AND e.issue_id = issue_snapshots.issue_id
                            AND e.state = 'pending')
                """, [.tenant(tenantID), .ids(issues)])
            return try scored?.integer() == issues.count
        }
    }

    /// Everything folded of an issue; nil when nothing is known of it.
    public func issueState(_ tenantID: TenantID, _ issueID: IssueID) async throws -> IssueState? {
        try await driver.read {
            try IssueWorkStatements.load(issueID, of: tenantID, pendingLimit: 0, from: $0)?.state
        }
    }

    /// The keys of the projects that issues of the tenant belong to, in order.
    public func projectKeys(_ tenantID: TenantID) async throws -> [String] {
        try await driver.read { connection in
            var (keys, last) = ([String](), "")
            // From key to key along the index, however many issues there are.
            while let key = try connection.first(
                """
                SELECT project_key FROM issue_snapshots WHERE tenant_id = ? AND project_key > ?
                ORDER BY project_key LIMIT 1
                """, [.tenant(tenantID), .text(last)])?.text()
            {
                keys.append(key)
                last = key
            }
            return keys
        }
    }

    /// The newest issues that changed since an instant, newest first.
    public func recentlyChanged(_ tenantID: TenantID, since: Timestamp, limit: Int) async throws -> [IssueID] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND updated >= ? AND is_deleted = ?
                ORDER BY updated DESC LIMIT ?
                """, [.tenant(tenantID), .timestamp(since), .flag(false), .integer(limit)]
            ).map { IssueID(try $0.text()) }
        }
    }

    /// A page of the tenant's issues in the order of their ids, behind `after`: whether each was fetched whole once and is
    /// still there as far as is known.
    public func knownIssues(
        _ tenantID: TenantID, after: IssueID?, limit: Int
    ) async throws -> [(id: IssueID, isPresent: Bool)] {
        try await driver.read { connection in
            try connection.select(
                KnownColumn.self,
                """
                FROM issue_snapshots
                WHERE tenant_id = ? AND issue_id > ? ORDER BY issue_id LIMIT ?
                """, [.tenant(tenantID), .text(after?.rawValue ?? ""), .integer(limit)]
            ).map { (IssueID(try $0.text(.issueID)), try $0.flag(.isWhole) && !$0.flag(.isDeleted)) }
        }
    }
}

private enum FetchColumn: Int, SQLColumns {
    case issueID, attempts
    static let list = columnList()
}

private enum OutlineColumn: Int, SQLColumns {
    case issueID, updated, wholeAt, isDeleted, projectKey, lacksFields
    static let list = columnList()

    // Fetches before this schema step asked for fewer fields.
    var sql: String {
        guard self == .lacksFields else { return columnName }
        return """
            COALESCE(whole_at < (SELECT applied_at FROM schema_migrations WHERE name = '\(Migrations.forecasts.name)'), FALSE)
            """
    }
}

private enum KnownColumn: Int, SQLColumns {
    case issueID, isWhole, isDeleted
    static let list = columnList()

    var sql: String { self == .isWhole ? "whole_at IS NOT NULL" : columnName }
}

extension FetchReason {
    /// What somebody waits for comes first, what has happened before what may have been missed, and that before old issues.
    fileprivate static let inOrder: [FetchReason] = [.asked, .firstSeen, .missed, .vanished, .backfill]
}

/// The statements on fetches that other transactions share.
enum IssueFetchStatements {
    /// How long a first fetch waits for others, so that they share a call.
    static let debounceSeconds: Int64 = 2

    /// Requests fetches of issues that have none waiting; how many were requested.
    static func request(
        _ issueIDs: [IssueID], of tenantID: TenantID, reason: FetchReason, backfillID: UUID? = nil, at: Timestamp,
        in connection: any SQLConnection
    ) throws -> Int {
        let changed = try connection.executeAll(
            """
            INSERT INTO issue_fetches (tenant_id, issue_id, reason, backfill_id, due_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, issue_id) DO \(reason == .firstSeen ? "NOTHING" : update)
            """,
            issueIDs.sorted { $0.rawValue < $1.rawValue }.map {
                [
                    .tenant(tenantID), .id($0), .text(reason.rawValue), backfillID.map { .uuid($0) } ?? .null,
                    .timestamp(at),
                ]
            })
        let count = changed.count { $0 > 0 }
        if count > 0 { try makeDue(tenantID, at: at, in: connection) }
        return count
    }

    /// A row that waits for a better reason stays as it is; a missed one counts as healed only under its own.
    private static let update = """
        UPDATE SET reason = excluded.reason, backfill_id = excluded.backfill_id, due_at = excluded.due_at,
            attempts = 0, last_error = NULL, parked_at = NULL
        WHERE issue_fetches.parked_at IS NOT NULL OR excluded.reason = 'missed' AND issue_fetches.reason = 'backfill'
            OR excluded.reason = 'asked' AND issue_fetches.reason NOT IN ('asked', 'missed')
        """

    /// Schedules the tenant's next sync no later than `at`.
    static func makeDue(_ tenantID: TenantID, at: Timestamp, in connection: any SQLConnection) throws {
        // A row that is due already is left alone: every commit of the tenant would wait for the one before.
        try connection.run(
            "UPDATE jira_access SET due_at = ? WHERE tenant_id = ? AND due_at > ?",
            [.timestamp(at), .tenant(tenantID), .timestamp(at)])
    }
}
