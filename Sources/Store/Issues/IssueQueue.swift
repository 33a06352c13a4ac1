public import Domain
import Foundation

extension RiskStore {
    /// Extends the leases of claims that are still worked on; a lost lease is not extended.
    public func renewLeases(of claims: [IssueClaim], until: Timestamp) async throws {
        try await driver.writeLeases { connection in
            // In one order everywhere, so that no two transactions wait for each other.
            for claim in claims.sorted(by: { IssueQueueKey($0) < IssueQueueKey($1) }) {
                try connection.run(
                    "UPDATE issue_queue SET leased_until = ? WHERE tenant_id = ? AND issue_id = ? AND lease_token = ?",
                    [.timestamp(until)] + IssueQueueStatements.leased(claim))
            }
        }
    }

    /// Gives a failed claim back: to be tried again at `retryAt`, or parked with its error when that is nil. What has come
    /// in meanwhile may be the cure: then the issue is not parked but gets new attempts.
    public func fail(_ claim: IssueClaim, error: String, retryAt: Timestamp?, now: Timestamp) async throws {
        try await driver.write { connection in
            let (attempts, parkedAt): (String, String)
            var arguments: [SQLValue] = [.text(error), .timestamp(retryAt ?? now)]
            if retryAt == nil {
                attempts = "CASE WHEN generation = ? THEN attempts + 1 ELSE 0 END"
                parkedAt = "CASE WHEN generation = ? THEN CAST(? AS \(connection.dialect.schema("{timestamp}"))) END"
                arguments += [.integer(claim.generation), .integer(claim.generation), .timestamp(now)]
            } else {
                (attempts, parkedAt) = ("attempts + 1", "NULL")
            }
            try connection.run(
                """
                UPDATE issue_queue SET last_error = ?, due_at = ?, attempts = \(attempts), parked_at = \(parkedAt),
                    lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND issue_id = ? AND lease_token = ?
                """, arguments + IssueQueueStatements.leased(claim))
        }
    }

    /// Puts a claimed issue off without working on it; what has come in meanwhile keeps it due.
    public func postpone(_ claim: IssueClaim, until: Timestamp, now: Timestamp) async throws {
        try await driver.write { connection in
            let rows = try connection.query([
                IssueQueueStatements.selectLease(claim, connection.dialect),
                IssueQueueStatements.selectPending(claim, besides: [], connection.dialect),
            ])
            try IssueQueueStatements.settle(
                claim, generation: try IssueQueueStatements.generation(rows[0], of: claim), hasMore: !rows[1].isEmpty,
                requeueAt: until, now: now, isWorkedOff: false, in: connection)
        }
    }

    /// Queues every issue whose stored analysis was made by other rules or another model; how many.
    ///
    /// With the marks on each analysis, a changed configuration re-scores exactly the stale ones. They wait behind
    /// everything else, open issues before finished ones and the riskiest first. Done in portions, so that webhooks
    /// are taken in between.
    public func enqueueStale(keeping engine: EngineIdentity, now: Timestamp) async throws -> Int {
        var count = 0
        // Before all UUIDs and ids.
        var last: [SQLValue] = [.text("00000000-0000-0000-0000-000000000000"), .text("")]
        while true {
            let after = last
            // Read apart from writing: there may be many, none of them stale.
            let portion = try await driver.read { connection in
                try connection.select(
                    StaleColumn.self,
                    """
                    FROM issue_snapshots
                    WHERE risk_score IS NOT NULL AND (scorer_id <> ? OR model_id <> ?)
                        AND (tenant_id, issue_id) > (?, ?)
                    ORDER BY tenant_id, issue_id LIMIT \(stalePortion)
                    """, [.text(engine.scorer), .text(engine.model)] + after)
            }
            try await driver.write { connection in
                for row in portion {
                    let rank = try 101 - row.integer(.riskScore) + (row.flag(.isDone) ? 1000 : 0)
                    try IssueQueueStatements.enqueue(
                        IssueID(try row.text(.issueID)), of: try row.tenantID(.tenantID), at: now,
                        staleRank: max(rank, 1), in: connection)
                }
            }
            count += portion.count
            guard portion.count == stalePortion, let row = portion.last else { return count }
            last = [.uuid(try row.uuid(.tenantID)), .text(try row.text(.issueID))]
        }
    }
}

private enum StaleColumn: Int, SQLColumns {
    case tenantID, issueID, riskScore, isDone
    static let list = columnList()
}

/// How many stale analyses are queued in one transaction.
private let stalePortion = 2000

/// The statements on queue rows that other transactions share.
enum IssueQueueStatements {
    /// Makes an issue due at `at` or earlier. A parked issue gets a new chance; a leased one, which may be worked on with
    /// what was known before, is looked at again after the lease, because its generation has moved on. One that is due and
    /// not leased stays as it is: the worker that claims it reads what was stored by then. PostgreSQL locks its row all the same, so
    /// that it is not claimed before this transaction has ended.
    ///
    /// - Parameter staleRank: 0 for something that has happened; 1 or more, smaller first, for a stale analysis, which
    ///   waits behind all of that. What is due already keeps its place, unless something has happened.
    static func enqueue(
        _ issueID: IssueID, of tenantID: TenantID, at: Timestamp, staleRank: Int = 0, in connection: any SQLConnection
    ) throws {
        try connection.run(
            insert.statement, [.tenant(tenantID), .id(issueID), .timestamp(at), .integer(staleRank), .null])
    }

    /// Makes issues due, in the one order in which every transaction locks queue rows.
    static func enqueue(_ requests: [IssueQueueKey: IssueQueueRequest], in connection: any SQLConnection) throws {
        try connection.insert(
            requests.sorted { $0.key < $1.key }.map { key, request in
                [
                    .tenant(key.tenantID), .id(key.issueID), .timestamp(request.dueAt), .integer(0),
                    .timestamp(request.from),
                ]
            }, insert)
    }

    private static let insert = {
        let isDue = "issue_queue.due_at <= excluded.due_at AND issue_queue.parked_at IS NULL"
        let isFromKept = """
            (excluded.rescore_from IS NULL OR COALESCE(issue_queue.rescore_from <= excluded.rescore_from, FALSE))
            """
        return SQLInsert(
            table: "issue_queue",
            columns: [
                "tenant_id": "{uuid}", "issue_id": "TEXT",
                "due_at": "{timestamp}", "stale_rank": "INTEGER",
                "rescore_from": "{timestamp}",
            ], key: ["tenant_id", "issue_id"],
            conflict: """
                DO UPDATE SET generation = issue_queue.generation + 1,
                    stale_rank = CASE WHEN excluded.stale_rank > 0 AND \(isDue)
                        THEN issue_queue.stale_rank ELSE excluded.stale_rank END,
                    rescore_from = CASE WHEN \(isFromKept)
                        THEN issue_queue.rescore_from ELSE excluded.rescore_from END,
                    due_at = CASE WHEN \(isDue) THEN issue_queue.due_at ELSE excluded.due_at END,
                    attempts = CASE WHEN issue_queue.parked_at IS NULL THEN issue_queue.attempts ELSE 0 END,
                    parked_at = NULL
                WHERE NOT (\(isDue) AND (excluded.stale_rank > 0 OR issue_queue.stale_rank = 0)
                    AND issue_queue.leased_until IS NULL AND \(isFromKept))
                """)
    }()

    /// A claim's row of the queue while it has its lease, locked.
    static func selectLease(_ claim: IssueClaim, _ dialect: SQLDialect) -> SQLQuery {
        SQLQuery(
            """
            SELECT generation FROM issue_queue WHERE tenant_id = ? AND issue_id = ? AND lease_token = ?
                AND EXISTS (SELECT 1 FROM tenants WHERE id = ? AND NOT is_erasing \(dialect.holding))
            \(dialect.locking)
            """, leased(claim) + [.tenant(claim.tenantID)])
    }

    /// The queue row's generation now, from the rows of ``selectLease(_:_:)``. Throws `StorageError(.stale)` when the claim's
    /// lease was lost.
    static func generation(_ rows: [SQLRow], of claim: IssueClaim) throws -> Int64 {
        guard let row = rows.first else { throw StorageError(.stale, "the lease on issue \(claim.issueID) was lost") }
        return Int64(try row.integer())
    }

    /// A row if events of a claim's issue wait besides these. What comes after the claim's row was locked moves its generation on.
    static func selectPending(_ claim: IssueClaim, besides events: [Int64], _ dialect: SQLDialect) -> SQLQuery {
        SQLQuery(
            """
            SELECT 1 FROM webhook_events
            WHERE tenant_id = ? AND issue_id = ? AND state = 'pending' AND NOT (\(dialect.isAny("id"))) LIMIT 1
            """, [.tenant(claim.tenantID), .id(claim.issueID), .array(events.map { .integer($0) })])
    }

    /// Ends a claim after its result was written, or with nothing done where it is not `isWorkedOff`: the row stays due when more has come in meanwhile, else waits for
    /// the next instant that matters, or goes.
    ///
    /// - Parameter hasMore: whether events wait that were not worked on.
    static func settle(
        _ claim: IssueClaim, generation: Int64, hasMore: Bool, requeueAt: Timestamp?, now: Timestamp,
        isWorkedOff: Bool = true, in connection: any SQLConnection
    ) throws {
        guard let dueAt = hasMore || generation != claim.generation ? now : requeueAt else {
            try connection.run(
                "DELETE FROM issue_queue WHERE tenant_id = ? AND issue_id = ? AND lease_token = ?", leased(claim))
            return
        }
        try connection.run(
            """
            UPDATE issue_queue SET due_at = ?, attempts = 0, stale_rank = 0, last_error = NULL, lease_token = NULL,
                leased_until = NULL, rescore_from = CASE WHEN generation = ? THEN NULL ELSE rescore_from END
            WHERE tenant_id = ? AND issue_id = ? AND lease_token = ?
            """, [.timestamp(dueAt), .integer(isWorkedOff ? claim.generation : -1)] + leased(claim))
    }

    static func leased(_ claim: IssueClaim) -> [SQLValue] {
        [.tenant(claim.tenantID), .id(claim.issueID), .text(claim.leaseToken)]
    }
}

/// What makes an issue due.
struct IssueQueueRequest {
    var dueAt: Timestamp
    /// From when on its history is to be made again, because of something other than its own events; nil for not at all.
    var from: Timestamp?
}

extension [IssueQueueKey: IssueQueueRequest] {
    /// Adds a request; of several for an issue the earliest instants count.
    mutating func add(_ issueID: IssueID, of tenantID: TenantID, _ request: IssueQueueRequest) {
        let key = IssueQueueKey(tenantID: tenantID, issueID: issueID)
        guard let known = self[key] else {
            self[key] = request
            return
        }
        self[key] = IssueQueueRequest(
            dueAt: Swift.min(known.dueAt, request.dueAt),
            from: [known.from, request.from].compactMap(\.self).min())
    }
}

/// Names a row of the queue. Transactions that change several rows go through them in the order of this key, so that no
/// two of them wait for each other.
struct IssueQueueKey: Hashable, Comparable {
    var tenantID: TenantID
    var issueID: IssueID

    init(tenantID: TenantID, issueID: IssueID) {
        self.tenantID = tenantID
        self.issueID = issueID
    }

    init(_ claim: IssueClaim) { self.init(tenantID: claim.tenantID, issueID: claim.issueID) }

    /// As the database compares them, by their bytes: for Swift an accented letter is the same in both its forms.
    static func == (a: IssueQueueKey, b: IssueQueueKey) -> Bool {
        a.tenantID == b.tenantID && a.issueID.rawValue.utf8.elementsEqual(b.issueID.rawValue.utf8)
    }

    static func < (a: IssueQueueKey, b: IssueQueueKey) -> Bool {
        (a.tenantID, a.issueID.rawValue) < (b.tenantID, b.issueID.rawValue)
    }
}
