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

    /// What is held about an issue, by its key, with what sprint webhooks said of its sprints and without pending events; nil
    /// when unknown. One round trip to a server.
    public func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork? {
        try await driver.read { try IssueWorkStatements.load(key, of: tenantID, from: $0) }
    }

    /// The instants of the rows that the history has of the issues at the other end of `blocked by` links.
    public func upstreamInstants(
        tenantID: TenantID, links: [IssueLink], after: Timestamp
    ) async throws -> [Timestamp] {
        let blocking = links.filter { $0.relation == .blockedBy }
        guard !blocking.isEmpty else { return [] }
        return try await driver.read { connection in
            let ids = try blocking.compactMap { link in
                try link.otherID
                    ?? link.otherKey.flatMap { try IssueKeyStatements.issueID(of: $0, tenantID, connection) }
            }
            return try connection.query(
                """
                SELECT DISTINCT analyzed_at FROM analysis_history
                WHERE tenant_id = ? AND \(connection.dialect.isAny("issue_id")) AND analyzed_at > ? AND NOT on_request
                """, [.tenant(tenantID), .ids(Set(ids)), .timestamp(after)]
            ).map { try $0.timestamp() }
        }
    }

    /// What an issue's history says around an instant.
    public func lookBack(tenantID: TenantID, issueID: IssueID, before: Timestamp) async throws -> LookBack {
        try await driver.read { try IssueWorkStatements.lookBack(issueID, of: tenantID, before: before, from: $0) }
    }

    /// The applied webhooks of an issue whose bodies are still kept, in order of arrival; empty if they are more than
    /// ``replayLimit`` bytes.
    public func appliedEvents(tenantID: TenantID, issueID: IssueID) async throws -> [PendingEvent] {
        try await driver.read {
            try IssueWorkStatements.appliedEvents(issueID, of: tenantID, byteLimit: Self.replayLimit, from: $0)
        }
    }

    /// How many bytes of applied webhooks are read again for one issue.
    private static let replayLimit = 32 << 20
}

/// Reading an issue and all that belongs to it.
enum IssueWorkStatements {
    /// One round trip to a server, as a rule; a second one for many or large events.
    static func load(
        _ issueID: IssueID, of tenantID: TenantID, pendingLimit: Int, byteLimit: Int = 0,
        from connection: any SQLConnection
    ) throws -> IssueWork? {
        let ofIssue = IssueCondition(issueID)
        let key: [SQLValue] = [.tenant(tenantID)] + ofIssue.arguments
        let pending = "FROM webhook_events WHERE \(ofIssue.sql) AND state = 'pending'"
        let few = min(pendingLimit, fewEvents)
        let rows = try connection.query(
            queries(ofIssue, tenantID, connection.dialect) + [
                .select(PendingSizeColumn.self, "\(pending) ORDER BY id LIMIT ?", key + [.integer(pendingLimit)]),
                .select(
                    PendingColumn.self,
                    "\(pending) AND LENGTH(body) <= \(smallBody) ORDER BY id LIMIT \(few)", key),
            ])
        guard let tenant = rows[0].first.map({ SQLRecord<TenantColumn>($0) }) else { return nil }
        // Nothing is made of what is being rewritten, and is not written then: the issue waits.
        if pendingLimit > 0, try tenant.flag(.isErasing) { return nil }
        var work = try Self.work(tenantID, tenant, rows)
        let own = Array(rows.dropFirst(sharedQueries))
        work.pending = try Self.pending(
            key, of: tenantID, until: try lastPending(own[0], byteLimit: byteLimit), sizes: own[0], read: own[1],
            connection)
        return work
    }

    /// How many events, of how many bytes each, are read before it is known how many there are.
    private static let fewEvents = 16
    private static let smallBody = 64 << 10

    /// The issue of a key, without pending events and with its sprints; nil where no issue has or had the key. One round trip to
    /// a server.
    static func load(
        _ issueKey: IssueKey, of tenantID: TenantID, from connection: any SQLConnection
    ) throws -> IssueWork? {
        let ofIssue = IssueCondition(key: issueKey, tenantID)
        let rows = try connection.query(queries(ofIssue, tenantID, connection.dialect))
        guard let tenant = rows[0].first.map({ SQLRecord<TenantColumn>($0) }), !rows[1].isEmpty else { return nil }
        return try Self.work(tenantID, tenant, rows)
    }

    /// What says which of a tenant's issues is read: a condition on `tenant_id` and `issue_id`.
    private struct IssueCondition {
        var sql: String
        /// Those behind the tenant's.
        var arguments: [SQLValue]

        init(_ issueID: IssueID) {
            sql = "tenant_id = ? AND issue_id = ?"
            arguments = [.id(issueID)]
        }

        init(key: IssueKey, _ tenantID: TenantID) {
            sql = "tenant_id = ? AND issue_id = (\(IssueKeyStatements.selectID))"
            arguments = [.tenant(tenantID), .id(key)]
        }
    }

    /// How many ``queries(_:_:_:)`` there are.
    private static let sharedQueries = 12

    /// What both ways to load an issue ask for, for ``work(_:_:_:)``. What trends and spikes look back on begins at the newest
    /// score.
    private static func queries(
        _ ofIssue: IssueCondition, _ tenantID: TenantID, _ dialect: SQLDialect
    ) -> [SQLQuery] {
        let key: [SQLValue] = [.tenant(tenantID)] + ofIssue.arguments
        let newest = "(SELECT MAX(analyzed_at) FROM analysis_history WHERE \(ofIssue.sql))"
        return [
            .select(
                TenantColumn.self,
                """
                FROM tenants LEFT JOIN jira_access ON jira_access.tenant_id = tenants.id \(OwnWriteStatements.join)
                WHERE tenants.id = ?
                """, [.tenant(tenantID)]),
            .select(SnapshotColumn.self, "FROM issue_snapshots WHERE \(ofIssue.sql)", key),
            .select(CommentColumn.self, "FROM issue_comments WHERE \(ofIssue.sql)", key),
            .select(ChangeColumn.self, "FROM issue_changes WHERE \(ofIssue.sql)", key),
            StatusStatements.select(tenantID),
            ForecastBasisStatements.select(tenantID),
            AlertRuleStatements.selectRules(of: tenantID),
            AlertRuleStatements.selectStates(ofIssue.sql, key),
            ProjectStatements.select(
                "tenant_id = ? AND project_id = (SELECT project_id FROM issue_snapshots WHERE \(ofIssue.sql))",
                [.tenant(tenantID)] + key),
            .select(QueueColumn.self, "FROM issue_queue WHERE \(ofIssue.sql)", key),
            .select(
                ScoreColumn.self,
                """
                FROM analysis_history WHERE \(ofIssue.sql)
                    AND analyzed_at >= \(dialect.daysBefore(Analysis.lookBackDays, newest))
                ORDER BY analyzed_at, recorded_at
                """, key + key),
            SprintStatements.select(
                "tenant_id = ? AND sprint_id IN (SELECT sprint_id FROM issue_sprints WHERE \(ofIssue.sql))",
                [.tenant(tenantID)] + key),
        ]
    }

    private static func work(
        _ tenantID: TenantID, _ tenant: SQLRecord<TenantColumn>, _ rows: [[SQLRow]]
    ) throws -> IssueWork {
        let snapshot = rows[1].first.map { SQLRecord<SnapshotColumn>($0) }
        var state = try snapshot?.stored(.stateJSON, as: StoredIssueState.self)
        if state != nil {
            state?.comments = try comments(rows[2])
            state?.changes = try changes(rows[3])
        }
        let sprintIDs = Set(state?.sprintIDs ?? [])
        return IssueWork(
            tenant: TenantContext(
                id: tenantID, jiraURL: try tenant.text(.jiraURL),
                dailyRatePerPerson: try tenant.real(.dailyRatePerPerson),
                lateUntil: try tenant.optionalTimestamp(.lateUntil),
                fields: try tenant.optionalText(.fieldsJSON).map { json in
                    try decodedFields.value(of: json) { try tenant.stored(.fieldsJSON, as: StoredCustomFields.self) }
                },
                own: OwnWriteStatements.own(
                    fields: try tenant.optionalText(.ownFields), accounts: try tenant.optionalText(.ownAccounts))),
            state: state, pending: [], lastAnalysis: try snapshot.flatMap(lastAnalysis),
            recentScores: try scores(rows[10]),
            rules: try AlertRuleStatements.rules(rows[6]), alertStates: try AlertRuleStatements.states(rows[7]),
            statuses: try StatusStatements.catalog(rows[4]), project: try ProjectStatements.records(rows[8]).first,
            rescoreFrom: try rows[9].first.flatMap { try SQLRecord<QueueColumn>($0).optionalTimestamp(.rescoreFrom) },
            forecastBasis: try ForecastBasisStatements.basisID(rows[5]),
            sprintRecords: try SprintStatements.records(rows[11]).filter { sprintIDs.contains($0.sprint.id) })
    }

    /// Every issue that is scored has the fields of its tenant read.
    private static let decodedFields = DecodedTexts<CustomFields>(byteLimit: 4 << 20)

    /// The comments of an issue.
    static func comments(
        of issueID: IssueID, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [CommentID: Comment] {
        let query = SQLQuery.select(
            CommentColumn.self, "FROM issue_comments WHERE tenant_id = ? AND issue_id = ?",
            [.tenant(tenantID), .id(issueID)])
        return try comments(connection.query(query.sql, query.arguments))
    }

    /// The changes of an issue.
    static func changes(
        of issueID: IssueID, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [ChangeID: Change] {
        let query = SQLQuery.select(
            ChangeColumn.self, "FROM issue_changes WHERE tenant_id = ? AND issue_id = ?",
            [.tenant(tenantID), .id(issueID)])
        return try changes(connection.query(query.sql, query.arguments))
    }

    private enum QueueColumn: Int, SQLColumns {
        case rescoreFrom
        static let list = columnList()
    }

    private enum TenantColumn: Int, SQLColumns {
        case jiraURL, dailyRatePerPerson, lateUntil, fieldsJSON, isErasing, ownFields, ownAccounts
        static let list = columnList()
    }

    private enum SnapshotColumn: Int, SQLColumns {
        case stateJSON, analysisJSON
        static let list = columnList()
    }

    private enum PendingSizeColumn: Int, SQLColumns {
        case id, bytes
        static let list = columnList()
        var sql: String { self == .bytes ? "COALESCE(body_size, LENGTH(body))" : columnName }
    }

    enum PendingColumn: Int, SQLColumns {
        case id, body, bodyID, sentAt, receivedAt, deliveryID
        static let list = columnList()
    }

    enum ScoreColumn: Int, SQLColumns {
        case analyzedAt, riskScore
        static let list = columnList()
    }

    private enum CommentColumn: Int, PersonColumns {
        case commentID, authorID, author, authorTimeZone, authorIsApp, body, created, updated, isRestricted
        static let list = columnList()
    }

    private enum ChangeColumn: Int, PersonColumns {
        case changeID, authorID, author, authorTimeZone, authorIsApp, changedAt, field, fromValue, fromString, toValue
        case toString
        static let list = columnList()
    }

    /// The id of the last of the oldest events that wait, as many as both limits allow but at least one; 0 without any.
    private static func lastPending(_ sizes: [SQLRow], byteLimit: Int) throws -> Int {
        var (bytes, last) = (0, 0)
        for (index, row) in sizes.map({ SQLRecord<PendingSizeColumn>($0) }).enumerated() {
            bytes += try row.integer(.bytes)
            guard index == 0 || bytes <= byteLimit else { break }
            last = try row.integer(.id)
        }
        return last
    }

    /// The events that wait, up to one of them.
    ///
    /// - Parameter read: the first small ones, with which, as a rule, all are there.
    private static func pending(
        _ key: [SQLValue], of tenantID: TenantID, until last: Int, sizes: [SQLRow], read: [SQLRow],
        _ connection: any SQLConnection
    ) throws -> [PendingEvent] {
        // Both begin with the id.
        var rows = try read.filter { try $0.integer() <= last }
        if try rows.map({ try $0.integer() }) != sizes.map({ try $0.integer() }).filter({ $0 <= last }) {
            let query = SQLQuery.select(
                PendingColumn.self,
                """
                FROM webhook_events WHERE tenant_id = ? AND issue_id = ? AND state = 'pending' AND id <= ? ORDER BY id
                """, key + [.integer(last)])
            rows = try connection.query(query.sql, query.arguments)
        }
        return try rows.map { try event(SQLRecord<PendingColumn>($0), of: tenantID, connection) }
    }

    private static func scores(_ rows: [SQLRow]) throws -> [ScorePoint] {
        try rows.map { SQLRecord<ScoreColumn>($0) }.map {
            ScorePoint(at: try $0.timestamp(.analyzedAt), score: try $0.integer(.riskScore))
        }
    }

    static func event(
        _ row: SQLRecord<PendingColumn>, of tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> PendingEvent {
        PendingEvent(
            id: Int64(try row.integer(.id)),
            body: try StoredBody.read(
                row.blob(.body), pieces: row.optionalUUID(.bodyID), of: tenantID, in: connection),
            sentAt: try row.optionalTimestamp(.sentAt), receivedAt: try row.timestamp(.receivedAt),
            isByAutomation: try row.text(.deliveryID).hasPrefix(WebhookDelivery.automationPrefix))
    }

    /// An analysis is made of other things and can be made again: one that cannot be read counts as missing, and must
    /// not keep its issue from being scored.
    private static func lastAnalysis(_ snapshot: SQLRecord<SnapshotColumn>) throws -> Analysis? {
        do {
            return try snapshot.optionalStored(.analysisJSON, as: StoredAnalysis.self)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    private static func comments(_ rows: [SQLRow]) throws -> [CommentID: Comment] {
        try Dictionary(
            uniqueKeysWithValues: rows.map { SQLRecord<CommentColumn>($0) }.map { row in
                let id = CommentID(try row.text(.commentID))
                return (
                    id,
                    Comment(
                        id: id, author: try row.person, body: try row.text(.body), created: try row.timestamp(.created),
                        updated: try row.timestamp(.updated), isRestricted: try row.flag(.isRestricted))
                )
            })
    }

    private static func changes(_ rows: [SQLRow]) throws -> [ChangeID: Change] {
        try Dictionary(
            uniqueKeysWithValues: rows.map { SQLRecord<ChangeColumn>($0) }.map { row in
                let id = ChangeID(try row.text(.changeID))
                return (
                    id,
                    Change(
                        id: id, at: try row.timestamp(.changedAt), author: try row.person,
                        field: try row.text(.field), from: try row.optionalText(.fromValue),
                        fromString: try row.optionalText(.fromString), to: try row.optionalText(.toValue),
                        toString: try row.optionalText(.toString))
                )
            })
    }
}

/// Columns with an author among them.
protocol PersonColumns: SQLColumns {
    static var authorID: Self { get }
    static var author: Self { get }
    static var authorTimeZone: Self { get }
    static var authorIsApp: Self { get }
}

extension SQLRecord where Columns: PersonColumns {
    /// The author; nil where none is known.
    var person: Person? {
        get throws {
            guard let id = try optionalText(.authorID) else { return nil }
            return Person(
                id: id, displayName: try optionalText(.author) ?? id, timeZone: try optionalText(.authorTimeZone),
                isApp: try flag(.authorIsApp))
        }
    }
}
