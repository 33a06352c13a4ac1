public import Domain
import Foundation

extension RiskStore {
    /// The stored webhooks of a tenant, newest first, without their bodies.
    public func webhookEvents(
        _ id: TenantID, state: WebhookEventState?, after cursor: String?, limit: Int
    ) async throws -> Page<WebhookEventRecord> {
        let before = try Cursor(cursor, parts: 1)?.integer(0)
        return try await driver.read { connection in
            // The state is written out: an index of the rows in one state is of no use for a state yet unknown.
            let rows = try connection.select(
                EventColumn.self,
                """
                FROM webhook_events
                WHERE tenant_id = ? \(state.map { "AND state = '\($0.rawValue)'" } ?? "") \(before == nil ? "" : "AND id < ?")
                ORDER BY id DESC LIMIT ?
                """,
                [.tenant(id)] + (before.map { [.integer($0)] } ?? [])
                    + [.integer(limit + 1)])
            return try Page(rows, limit: limit, cursor: { Cursor([String($0.id)]) }) { row in
                WebhookEventRecord(
                    id: Int64(try row.integer(.id)), deliveryID: try row.text(.deliveryID), event: try row.text(.event),
                    issueID: try row.optionalText(.issueID).map(IssueID.init),
                    state: try row.choice(.state, of: WebhookEventState.self),
                    error: try row.optionalText(.error), receivedAt: try row.timestamp(.receivedAt))
            }
        }
    }

    /// Retries rejected webhooks: those that name an issue are folded again; the others, which were not understood on
    /// receipt, are routed by `route`. Returns how many are no longer rejected.
    ///
    /// In several transactions, so that a heap of them does not keep new webhooks waiting.
    public func retryRejectedEvents(
        _ id: TenantID, by actor: Actor, now: Timestamp, route: @escaping @Sendable ([UInt8]) -> WebhookRoute
    ) async throws -> Int {
        let rejected = try await driver.read { connection in
            try connection.query(
                """
                SELECT id, COALESCE(body_size, LENGTH(body)) FROM webhook_events
                WHERE tenant_id = ? AND state = 'rejected' ORDER BY id
                """, [.tenant(id)]
            ).map { (id: try $0.integer(0), bytes: try $0.integer(1)) }
        }
        var count = 0
        for (index, batch) in InboxStatements.portions(of: rejected).enumerated() {
            count += try await driver.write { connection in
                let read = try batch.count {
                    try InboxStatements.retry($0, of: id, now: now, route: route, in: connection)
                }
                // What was asked for: with the first, so that no change comes before its row.
                if index == 0 {
                    try AuditStatements.append(
                        AuditAct(.webhookEventsRetry, after: ["rejected": .count(rejected.count)]), to: .tenant(id),
                        by: actor, at: now, in: connection)
                }
                return read
            }
        }
        return count
    }
}

private enum EventColumn: Int, SQLColumns {
    case id, deliveryID, event, issueID, state, error, receivedAt
    static let list = columnList()
}

private enum RejectedColumn: Int, SQLColumns {
    case issueID, body, bodyID, receivedAt
    static let list = columnList()
}

/// The statements that keep one delivery.
enum InboxStatements {
    /// Inserts the rows of deliveries and queues their issues; the outcome of each. A missing tenant is the delivery's own
    /// failure (`.stale`), everything else fails the transaction.
    ///
    /// What they hold of erased people is replaced first.
    static func insert(
        _ deliveries: [WebhookDelivery], erasure: ErasureBox = ErasureBox(), into connection: any SQLConnection
    ) throws -> [Result<InboxOutcome, StorageError>] {
        guard connection.dialect.hasConcurrentWriters, deliveries.count > 1 else {
            return try insert(inOrder: deliveries, erasure: erasure, into: connection)
        }
        // In one order everywhere, so that no two transactions wait for each other: a Jira that tries again may send the
        // same deliveries to another node.
        let order = deliveries.indices.sorted {
            let (a, b) = (deliveries[$0], deliveries[$1])
            if a.deliveryID != b.deliveryID { return a.deliveryID < b.deliveryID }
            return a.tenantID == b.tenantID ? $0 < $1 : a.tenantID < b.tenantID
        }
        let sorted = try insert(inOrder: order.map { deliveries[$0] }, erasure: erasure, into: connection)
        return zip(order, sorted).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The tenants there are among those named, each with whether somebody of it was erased. No erasure begins from here on
    /// until the webhooks are written.
    private static func tenants(
        _ named: Set<TenantID>, in connection: any SQLConnection
    ) throws -> [TenantID: Bool] {
        // Mostly there is one. PostgreSQL would plan the statement with a list again at each execution, because of its length.
        let (isNamed, argument): (String, SQLValue) =
            if let only = named.first, named.count == 1 {
                ("id = ?", .tenant(only))
            } else {
                (connection.dialect.isAny("id"), .array(named.map { .tenant($0) }))
            }
        let rows = try connection.query(
            """
            SELECT id, erasure_key_encrypted IS NOT NULL FROM tenants
            WHERE \(isNamed) AND NOT is_deleted \(connection.dialect.holding)
            """, [argument])
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.tenantID(0), try $0.flag(1)) })
    }

    /// The deliveries without erased people.
    private static func erased(
        _ deliveries: [WebhookDelivery], _ tenants: [TenantID: Bool], _ box: ErasureBox,
        in connection: any SQLConnection
    ) throws -> [WebhookDelivery] {
        var known: [TenantID: TenantErasures] = [:]
        return try deliveries.map { delivery in
            guard tenants[delivery.tenantID] == true else { return delivery }
            let erasures =
                try known[delivery.tenantID]
                ?? ErasureStatements.erasures(of: delivery.tenantID, box, in: connection)
            guard let erasures else { return delivery }
            known[delivery.tenantID] = erasures
            let erased = try erasures.erased(delivery).packed(for: connection.dialect)
            // They hold what was erased.
            if let pieces = delivery.piecesID, erased.piecesID == nil {
                try BodyPieces.remove(pieces, of: delivery.tenantID, in: connection)
            }
            return erased
        }
    }

    private static func insert(
        inOrder told: [WebhookDelivery], erasure: ErasureBox, into connection: any SQLConnection
    ) throws -> [Result<InboxOutcome, StorageError>] {
        let tenants = try tenants(Set(told.map(\.tenantID)), in: connection)
        let deliveries = try BodyPieces.verified(erased(told, tenants, erasure, in: connection), in: connection)
        let parts = deliveries.map { tenants[$0.tenantID] != nil ? rows(of: $0) : [] }
        let isNewRow = try connection.insertNew(parts.flatMap(\.self), insert)
        var (outcomes, first) = ([Result<InboxOutcome, StorageError>](), 0)
        var requests: [IssueQueueKey: IssueQueueRequest] = [:]
        var sprints: [(WebhookDelivery, SprintRecord)] = []
        var projects: [(WebhookDelivery, ProjectRecord)] = []
        for (delivery, rows) in zip(deliveries, parts) {
            let isNew = isNewRow[first..<first + rows.count].contains(true)
            first += rows.count
            guard !rows.isEmpty else {
                outcomes.append(.failure(StorageError(.stale, "the tenant was deleted")))
                continue
            }
            guard isNew else {
                outcomes.append(.success(.duplicate))
                continue
            }
            outcomes.append(.success(.stored))
            switch delivery.routing {
            case .issues(let issues):
                for issue in issues {
                    requests.add(issue, of: delivery.tenantID, IssueQueueRequest(dueAt: delivery.receivedAt))
                }
            case .sprint(let sprint, let deleted):
                sprints.append(
                    (
                        delivery,
                        SprintRecord(
                            sprint: sprint, isDeleted: deleted, sentAt: delivery.sentAt ?? delivery.receivedAt)
                    ))
            case .project(let id, let key, let isGone):
                projects.append(
                    (
                        delivery,
                        ProjectRecord(
                            id: id, key: key, isGone: isGone, toldAt: delivery.sentAt ?? delivery.receivedAt)
                    ))
            case .ignored, .rejected: break
            }
        }
        for (delivery, told) in sprints.sorted(by: {
            ($0.1.sprint.id, $0.0.tenantID) < ($1.1.sprint.id, $1.0.tenantID)
        }) {
            let members = try SprintStatements.upsert(told, of: delivery.tenantID, in: connection)
            for issue in members {
                requests.add(
                    issue, of: delivery.tenantID, IssueQueueRequest(dueAt: delivery.receivedAt, from: told.sentAt))
            }
        }
        for (delivery, told) in projects.sorted(by: { ($0.1.id, $0.0.tenantID) < ($1.1.id, $1.0.tenantID) }) {
            for issue in try ProjectStatements.upsert(told, of: delivery.tenantID, in: connection) {
                requests.add(
                    issue, of: delivery.tenantID, IssueQueueRequest(dueAt: delivery.receivedAt, from: told.toldAt))
            }
        }
        try IssueQueueStatements.enqueue(requests, in: connection)
        return outcomes
    }

    private static let insert = SQLInsert(
        table: "webhook_events",
        columns: [
            "tenant_id": "{uuid}", "delivery_id": "TEXT",
            "part": "INTEGER", "event": "TEXT",
            "issue_id": "TEXT", "sent_at": "{timestamp}",
            "received_at": "{timestamp}", "retry_count": "INTEGER",
            "state": "TEXT", "error": "TEXT",
            "applied_at": "{timestamp}", "body": "{blob}",
            "body_size": "INTEGER", "body_id": "{uuid}",
        ], key: ["tenant_id", "delivery_id", "part"], conflict: "DO NOTHING")

    /// The arguments of each row of a delivery: one, or two for a link, one for each end.
    private static func rows(of delivery: WebhookDelivery) -> [[SQLValue]] {
        let issues: [IssueID?]
        let state: WebhookEventState
        var error: String?
        switch delivery.routing {
        case .issues(let ids): (issues, state) = (ids, .pending)
        case .sprint, .project: (issues, state) = ([nil], .applied)
        case .ignored: (issues, state) = ([nil], .ignored)
        case .rejected(let reason): (issues, state, error) = ([nil], .rejected, reason)
        }
        let stored = delivery.piecesID == nil ? Data(delivery.storedBody ?? delivery.body) : Data()
        return issues.enumerated().map { part, issue in
            [
                .tenant(delivery.tenantID), .text(delivery.deliveryID), .integer(part), .text(delivery.event),
                .text(issue?.rawValue),
                .timestamp(delivery.sentAt), .timestamp(delivery.receivedAt), .integer(delivery.retryCount),
                .text(state.rawValue), .text(error), .timestamp(state == .applied ? delivery.receivedAt : nil),
                .blob(stored), .integer(delivery.body.count), delivery.piecesID.map { .uuid($0) } ?? .null,
            ]
        }
    }

    /// The ids of rows in portions, each for one transaction: of 50 rows and a megabyte of bodies at most, or one row that has more.
    static func portions(of rows: [(id: Int, bytes: Int)]) -> [[Int]] {
        var (portions, bytes) = ([[Int]](), 0)
        for row in rows {
            bytes += row.bytes
            if let last = portions.indices.last, portions[last].count < 50, bytes <= 1 << 20 {
                portions[last].append(row.id)
            } else {
                portions.append([row.id])
                bytes = row.bytes
            }
        }
        return portions
    }

    /// Reads one rejected row again; false where it stays rejected, or is so no more.
    static func retry(
        _ eventID: Int, of tenantID: TenantID, now: Timestamp, route: ([UInt8]) -> WebhookRoute,
        in connection: any SQLConnection
    ) throws -> Bool {
        let row = try connection.selectFirst(
            RejectedColumn.self,
            """
            FROM webhook_events
            WHERE tenant_id = ? AND id = ? AND state = 'rejected' \(connection.dialect.locking)
            """, [.tenant(tenantID), .integer(eventID)])
        guard let row else { return false }
        if let issueID = try row.optionalText(.issueID).map(IssueID.init) {
            try update(eventID, .pending, in: connection)
            try IssueQueueStatements.enqueue(issueID, of: tenantID, at: now, in: connection)
            return true
        }
        let read = route(
            try StoredBody.read(row.blob(.body), pieces: row.optionalUUID(.bodyID), of: tenantID, in: connection))
        switch read.routing {
        case .rejected(let reason):
            try update(eventID, .rejected, error: reason, in: connection)
            return false
        case .ignored: try update(eventID, .ignored, read, in: connection)
        case .sprint(let sprint, let deleted):
            let sentAt = try read.sentAt ?? row.timestamp(.receivedAt)
            let members = try SprintStatements.upsert(
                SprintRecord(sprint: sprint, isDeleted: deleted, sentAt: sentAt), of: tenantID, in: connection)
            for issue in members { try IssueQueueStatements.enqueue(issue, of: tenantID, at: now, in: connection) }
            try update(eventID, .applied, read, appliedAt: now, in: connection)
        case .project(let id, let key, let isGone):
            let toldAt = try read.sentAt ?? row.timestamp(.receivedAt)
            let issues = try ProjectStatements.upsert(
                ProjectRecord(id: id, key: key, isGone: isGone, toldAt: toldAt), of: tenantID, in: connection)
            for issue in issues { try IssueQueueStatements.enqueue(issue, of: tenantID, at: now, in: connection) }
            try update(eventID, .applied, read, appliedAt: now, in: connection)
        case .issues(let issues):
            for (part, issue) in issues.enumerated() {
                if part == 0 {
                    try update(eventID, .pending, read, issue: issue, in: connection)
                } else {
                    try connection.run(
                        """
                        INSERT INTO webhook_events (tenant_id, delivery_id, part, event, issue_id, sent_at, received_at,
                            retry_count, state, body, body_size, body_id)
                        SELECT tenant_id, delivery_id, ?, event, ?, sent_at, received_at, retry_count, state, body,
                            body_size, body_id
                        FROM webhook_events WHERE id = ?
                        ON CONFLICT (tenant_id, delivery_id, part) DO NOTHING
                        """, [.integer(part), .id(issue), .integer(eventID)])
                }
                try IssueQueueStatements.enqueue(issue, of: tenantID, at: now, in: connection)
            }
        }
        return true
    }

    /// Sets a row's state, and what `read` says of it now.
    private static func update(
        _ eventID: Int, _ state: WebhookEventState, _ read: WebhookRoute? = nil, issue: IssueID? = nil,
        error: String? = nil, appliedAt: Timestamp? = nil, in connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            UPDATE webhook_events SET state = ?, error = ?, applied_at = ?, event = COALESCE(?, event),
                sent_at = COALESCE(?, sent_at), issue_id = COALESCE(?, issue_id)
            WHERE id = ?
            """,
            [
                .text(state.rawValue), .text(error), .timestamp(appliedAt), .text(read?.event),
                .timestamp(read?.sentAt), .text(issue?.rawValue), .integer(eventID),
            ])
    }
}
