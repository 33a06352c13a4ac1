public import Domain
import Foundation

extension RiskStore {
    /// Commits the outcome of a claim in one transaction: snapshot, sentiment cache, history row, alert decisions,
    /// events marked, dependents queued, queue row moved on.
    ///
    /// Throws `StorageError(.stale)`, with no effect, when the lease was lost meanwhile.
    public func commit(_ result: RescoreResult, for claim: IssueClaim) async throws {
        let encoding = try RescoreEncoding(result)
        try await driver.write { connection in
            try SprintStatements.lock(result.state.sprintIDs, of: claim.tenantID, .shared, in: connection)
            let reading = try queueDependents(of: result, verifying: claim, in: connection)
            try write(result, encoding, reading, of: claim, in: connection)
            let isOutdated = try result.analysis != nil && needsAnotherLook(result, reading, of: claim, in: connection)
            try IssueQueueStatements.settle(
                claim, generation: reading.generation, hasMore: reading.hasMore,
                requeueAt: isOutdated ? result.now : result.requeueAt, now: result.now, in: connection)
        }
    }

    /// Adds readings to the sentiment cache.
    public func keep(_ readings: [ContentHash: SentimentReading], model: String, tenantID: TenantID) async throws {
        try await driver.write { try cache(readings, model: model, of: tenantID, in: $0) }
    }

    /// Adds an analysis made on demand to the history, and its new readings to the sentiment cache.
    public func appendHistory(
        tenantID: TenantID, analysis: Analysis, newReadings: [ContentHash: SentimentReading],
        now: Timestamp
    ) async throws {
        let encoded = try SQLValue.stored(analysis, as: StoredAnalysis.self)
        try await driver.write { connection in
            try ErasureStatements.refuse(readSince: now, of: tenantID, in: connection)
            try cache(newReadings, model: analysis.engine.model, of: tenantID, in: connection)
            try insertHistory(
                [(HistoryRow(analysis: analysis, isOver: false), encoded)], of: tenantID, now: now, isOnRequest: true,
                in: connection)
        }
    }
}

/// Whether the issue is to be looked at once more, because of what other transactions wrote during the work.
private func needsAnotherLook(
    _ result: RescoreResult, _ reading: CommitReading, of claim: IssueClaim, in connection: any SQLConnection
) throws -> Bool {
    guard reading.hasOtherStatuses(than: result) else { return reading.isOutdated(result) }
    let request = IssueQueueRequest(dueAt: result.now, from: allTimes)
    // The claim's own row, which is locked.
    try IssueQueueStatements.enqueue([IssueQueueKey(claim): request], in: connection)
    return true
}

/// From when on histories are made again where a status has another category: what it means is of all times.
private let allTimes = Timestamp(milliseconds: 0)

private func write(
    _ result: RescoreResult, _ encoding: RescoreEncoding, _ reading: CommitReading, of claim: IssueClaim,
    in connection: any SQLConnection
) throws {
    let tenantID = claim.tenantID
    try writeSnapshot(result, encoding, of: tenantID, in: connection)
    try SprintStatements.record(result.state, replacing: reading.memberships, of: tenantID, in: connection)
    if result.issue?.isOver == true || result.state.isGone {
        try ForecastStatements.remove(of: claim.issueID, tenantID, in: connection)
    } else if let forecast = result.forecast {
        try ForecastStatements.save([forecast], of: tenantID, in: connection)
    }
    if let analysis = result.analysis {
        try cache(result.newReadings, model: analysis.engine.model, of: tenantID, in: connection)
    }
    if let from = result.replacesHistoryFrom {
        try connection.run(
            """
            DELETE FROM analysis_history
            WHERE tenant_id = ? AND issue_id = ? AND analyzed_at >= ? AND NOT on_request
            """, [.tenant(tenantID), .id(claim.issueID), .timestamp(from)])
    }
    try insertHistory(
        Array(zip(result.history, encoding.history)), of: tenantID, now: result.now, isOnRequest: false,
        in: connection)
    try AlertRuleStatements.record(result.decision.states, of: claim.issueID, tenantID, in: connection)
    try NotificationStatements.record(result.decision, of: tenantID, in: connection)
    if let lateUntil = result.lateUntil {
        // Not for less than a second: every commit of the tenant would wait for the one before.
        try connection.run(
            "UPDATE tenants SET late_until = ? WHERE id = ? AND (late_until IS NULL OR late_until < ?)",
            [.timestamp(lateUntil), .tenant(tenantID), .timestamp(lateUntil.adding(seconds: -1))])
    }
    if result.wantsWhole {
        _ = try IssueFetchStatements.request(
            [claim.issueID], of: tenantID, reason: .firstSeen,
            at: result.now.adding(seconds: IssueFetchStatements.debounceSeconds), in: connection)
    }
    try markEvents(of: result, tenantID, in: connection)
}

private func markEvents(
    of result: RescoreResult, _ tenantID: TenantID, in connection: any SQLConnection
) throws {
    let applied = "UPDATE webhook_events SET state = 'applied', applied_at = ?"
    if connection.dialect.hasConcurrentWriters, result.appliedEvents.count > 1 {
        // Among those of the issue that wait: without statistics, as of a new store, all webhooks of the tenant would be read
        // to find some by their ids.
        try connection.run(
            """
            \(applied) WHERE tenant_id = ? AND issue_id = ? AND state = 'pending' AND \(connection.dialect.isAny("id"))
            """,
            [
                .timestamp(result.now), .tenant(tenantID), .id(result.state.id),
                .array(result.appliedEvents.map { .integer($0) }),
            ])
    } else {
        // SQLite has no arrays, and no server to wait for.
        try connection.runAll(
            "\(applied) WHERE id = ? AND tenant_id = ?",
            result.appliedEvents.map { [.timestamp(result.now), .integer($0), .tenant(tenantID)] })
    }
    for (event, reason) in result.rejectedEvents {
        try connection.run(
            "UPDATE webhook_events SET state = 'rejected', error = ? WHERE id = ? AND tenant_id = ?",
            [.text(reason), .integer(event), .tenant(tenantID)])
    }
}

/// Queues the issues that depend on this one; what was read when the claim's row was locked. Goes through the rows of the queue,
/// the claim's own among them, in their one order.
private func queueDependents(
    of result: RescoreResult, verifying claim: IssueClaim, in connection: any SQLConnection
) throws -> CommitReading {
    let tenantID = claim.tenantID
    var requests: [IssueQueueKey: IssueQueueRequest] = [:]
    for dependent in result.dependents {
        guard let id = try known(dependent.issue, of: tenantID, in: connection) else { continue }
        requests.add(id, of: tenantID, IssueQueueRequest(dueAt: result.now, from: dependent.from))
    }
    // Not in both modes one after the other: two that hold it shared would wait for each other.
    if result.statuses.isEmpty, result.usesStatusCatalog {
        try StatusStatements.lock(tenantID, .shared, in: connection)
    }
    for id in try StatusStatements.record(result.statuses, of: tenantID, in: connection) where id != claim.issueID {
        requests.add(id, of: tenantID, IssueQueueRequest(dueAt: result.now, from: allTimes))
    }
    if let project = result.project,
        try ProjectStatements.record(of: project.id, tenantID, connection)?.saysTheSame(as: project) != true
    {
        for id in try ProjectStatements.upsert(project, of: tenantID, in: connection) where id != claim.issueID {
            requests.add(id, of: tenantID, IssueQueueRequest(dueAt: result.now, from: project.toldAt))
        }
    } else if let projectID = result.state.fields.projectID?.value {
        try ProjectStatements.lock(projectID, of: tenantID, .shared, in: connection)
    }
    let own = IssueQueueKey(claim)
    try IssueQueueStatements.enqueue(requests.filter { $0.key < own }, in: connection)
    let reading = try CommitReading(result, for: claim, in: connection)
    try IssueQueueStatements.enqueue(requests.filter { $0.key > own }, in: connection)
    return reading
}

/// The id of a referenced issue that has a snapshot, or is queued to get one: it may be scored right now, with what was known
/// before. Nil for issues nothing is known of yet.
private func known(
    _ reference: IssueReference, of tenantID: TenantID, in connection: any SQLConnection
) throws -> IssueID? {
    if let id = reference.id {
        return try connection.first(
            """
            SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND issue_id = ?
            UNION ALL SELECT issue_id FROM issue_queue WHERE tenant_id = ? AND issue_id = ?
            """, [.tenant(tenantID), .id(id), .tenant(tenantID), .id(id)]
        ).map { IssueID(try $0.text()) }
    }
    guard let key = reference.key else { return nil }
    return try IssueKeyStatements.issueID(of: key, tenantID, connection)
}

/// Writes the issue's row, and its words, comments and changes that are new or changed.
private func writeSnapshot(
    _ result: RescoreResult, _ encoding: RescoreEncoding, of tenantID: TenantID, in connection: any SQLConnection
) throws {
    let columns = snapshotColumns(of: result, encoding, tenantID)
    let names = columns.map(\.0)
    try connection.run(
        """
        INSERT INTO issue_snapshots (\(names.joined(separator: ", ")))
        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (tenant_id, issue_id) DO UPDATE SET
            \(names.dropFirst(2).map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        """, columns.map(\.1))
    try IssueTextStatements.record(result.state, replacing: result.previousState, of: tenantID, in: connection)
    try writeComments(of: result, tenantID, in: connection)
    try writeChanges(of: result, tenantID, in: connection)
    for key in keys(of: result).subtracting(result.previousState?.keysEver ?? []).sorted(by: {
        $0.rawValue < $1.rawValue
    }) {
        try connection.run(
            """
            INSERT INTO issue_keys (tenant_id, issue_key, issue_id) VALUES (?, ?, ?)
            ON CONFLICT (tenant_id, issue_key, issue_id) DO NOTHING
            """, [.tenant(tenantID), .id(key), .id(result.state.id)])
    }
}

/// Every key that the issue has or had, the one that its project's new key makes among them.
private func keys(of result: RescoreResult) -> Set<IssueKey> {
    var keys = result.state.keysEver
    if let key = result.issue?.key { keys.insert(key) }
    return keys
}

extension IssueState {
    /// The key that the issue has, and those in its change log.
    fileprivate var keysEver: Set<IssueKey> {
        changes.values.lazy.filter { $0.field == "Key" }.reduce(into: Set([fields.key?.value].compactMap(\.self))) {
            keys, change in
            for text in [change.fromString, change.toString] {
                if let text, !text.isEmpty { keys.insert(IssueKey(text)) }
            }
        }
    }
}

/// The columns of the issue's row; the first two are its key.
private func snapshotColumns(
    of result: RescoreResult, _ encoding: RescoreEncoding, _ tenantID: TenantID
) -> [(String, SQLValue)] {
    let (issue, analysis) = (result.issue, result.analysis)
    return [
        ("tenant_id", .tenant(tenantID)), ("issue_id", .id(result.state.id)),
        ("issue_key", .text(issue?.key.rawValue)), ("project_key", .text(issue?.projectKey)),
        ("project_id", .text(issue?.projectID)), ("is_subtask", .flag(issue?.isSubtask ?? false)),
        ("status_id", .text(issue?.status?.id)), ("security_level", .text(issue?.securityLevel)),
        ("summary", .text(issue?.summary)), ("issue_type", .text(issue?.issueType)),
        ("status", .text(issue?.status?.name)), ("status_category", .text(issue?.status?.category?.rawValue)),
        ("priority", .text(issue?.priority)), ("assignee", .text(issue?.assignee?.displayName)),
        ("assignee_id", .text(issue?.assignee?.id)), ("due_date", .text(issue?.dueDate?.description)),
        ("story_points", .real(issue?.storyPoints)), ("created", .timestamp(issue?.created)),
        ("updated", .timestamp(issue?.updated)), ("comment_count", .integer(issue?.comments.count ?? 0)),
        ("is_done", .flag(issue?.isDone ?? false)),
        ("is_deleted", .flag(result.state.isGone || issue?.isDeleted == true)),
        ("hidden_since", .timestamp(result.state.presence.flatMap { $0.value == .hidden ? $0.version.sentAt : nil })),
        ("whole_at", .timestamp(result.state.wholeAt)),
        ("risk_score", .integer(analysis?.riskScore)), ("own_score", .integer(analysis?.ownScore)),
        ("analyzed_at", .timestamp(analysis?.asOf)), ("scorer_id", .text(analysis?.engine.scorer)),
        ("model_id", .text(analysis?.engine.model)), ("state_json", encoding.state),
        ("analysis_json", encoding.analysis),
        ("sprints_told_at", .timestamp(result.state.fields.sprints?.version.sentAt)),
    ]
}

/// Of a comment that was deleted only its instants stay, which the age of an issue may rest on: neither its text nor its author.
private func writeComments(
    of result: RescoreResult, _ tenantID: TenantID, in connection: any SQLConnection
) throws {
    let rows = result.state.comments.values.compactMap { stored -> [SQLValue]? in
        var comment = stored
        if result.state.deletedComments.contains(comment.id) { (comment.author, comment.body) = (nil, "") }
        guard result.previousState?.comments[comment.id] != comment else { return nil }
        return [.tenant(tenantID), .id(result.state.id), .id(comment.id)] + columnsOf(comment.author)
            + [
                .text(comment.body), .timestamp(comment.created), .timestamp(comment.updated),
                .flag(comment.isRestricted), .integer(ErasedText(comment.body)?.length),
            ]
    }
    try connection.insert(rows, commentInsert)
}

private let commentInsert = SQLInsert(
    table: "issue_comments",
    columns: [
        "tenant_id": "{uuid}", "issue_id": "TEXT", "comment_id": "TEXT", "author_id": "TEXT", "author": "TEXT",
        "author_time_zone": "TEXT", "author_is_app": "{flag}", "body": "TEXT", "created": "{timestamp}",
        "updated": "{timestamp}", "is_restricted": "{flag}", "erased_length": "INTEGER",
    ], key: ["tenant_id", "issue_id", "comment_id"],
    conflict: """
        DO UPDATE SET author_id = excluded.author_id, author = excluded.author,
            author_time_zone = excluded.author_time_zone, author_is_app = excluded.author_is_app, body = excluded.body,
            created = excluded.created, updated = excluded.updated, is_restricted = excluded.is_restricted,
            erased_length = excluded.erased_length
        """)

private func writeChanges(
    of result: RescoreResult, _ tenantID: TenantID, in connection: any SQLConnection
) throws {
    let changed = result.state.changes.values.filter { result.previousState?.changes[$0.id] != $0 }
    try connection.insert(
        changed.map { change in
            [.tenant(tenantID), .id(result.state.id), .id(change.id)] + columnsOf(change.author)
                + [
                    .timestamp(change.at), .text(change.field), .text(change.from), .text(change.fromString),
                    .text(change.to), .text(change.toString),
                ]
        }, changeInsert)
}

private let changeInsert = SQLInsert(
    table: "issue_changes",
    columns: [
        "tenant_id": "{uuid}", "issue_id": "TEXT", "change_id": "TEXT", "author_id": "TEXT", "author": "TEXT",
        "author_time_zone": "TEXT", "author_is_app": "{flag}", "changed_at": "{timestamp}", "field": "TEXT",
        "from_value": "TEXT", "from_string": "TEXT", "to_value": "TEXT", "to_string": "TEXT",
    ], key: ["tenant_id", "issue_id", "change_id"],
    conflict: """
        DO UPDATE SET author_id = excluded.author_id, author = excluded.author,
            author_time_zone = excluded.author_time_zone, author_is_app = excluded.author_is_app,
            changed_at = excluded.changed_at, field = excluded.field, from_value = excluded.from_value,
            from_string = excluded.from_string, to_value = excluded.to_value, to_string = excluded.to_string
        """)

private func columnsOf(_ person: Person?) -> [SQLValue] {
    [.text(person?.id), .text(person?.displayName), .text(person?.timeZone), .flag(person?.isApp ?? false)]
}

private func cache(
    _ readings: [ContentHash: SentimentReading], model: String, of tenantID: TenantID,
    in connection: any SQLConnection
) throws {
    // In one order everywhere, so that no two transactions wait for each other.
    try connection.insert(
        readings.sorted { $0.key.rawValue < $1.key.rawValue }.map { hash, reading in
            [.tenant(tenantID), .text(model), .id(hash), .text(reading.label.rawValue), .real(reading.score)]
        }, readingInsert)
}

private let readingInsert = SQLInsert(
    table: "sentiment_cache",
    columns: [
        "tenant_id": "{uuid}", "model_id": "TEXT", "content_hash": "TEXT", "label": "TEXT", "score": "{real}",
    ], key: ["tenant_id", "model_id", "content_hash"], conflict: "DO NOTHING")

private func insertHistory(
    _ rows: [(HistoryRow, SQLValue)], of tenantID: TenantID, now: Timestamp, isOnRequest: Bool,
    in connection: any SQLConnection
) throws {
    try connection.insert(
        rows.map { row, encoded in
            let analysis = row.analysis
            return [
                .uuid(UUID()), .tenant(tenantID), .id(analysis.issueID), .id(analysis.issueKey),
                .text(analysis.projectKey), .integer(analysis.riskScore), .real(analysis.capacity.dailyCost),
                .integer(analysis.blockerCount), .real(analysis.sentiment.negativePct),
                .integer(analysis.timeline.ageDays), .text(analysis.capacity.assignee),
                .text(analysis.capacity.assigneeRole), .real(analysis.capacity.totalEstimatedCost), encoded,
                .timestamp(analysis.asOf), .timestamp(now), .text(analysis.engine.scorer),
                .text(analysis.engine.model), .integer(analysis.ownScore), .flag(row.isOver), .flag(isOnRequest),
            ]
        }, historyInsert)
}

private let historyInsert = SQLInsert(
    table: "analysis_history",
    columns: [
        "id": "{uuid}", "tenant_id": "{uuid}", "issue_id": "TEXT", "issue_key": "TEXT", "project_key": "TEXT",
        "risk_score": "INTEGER", "daily_cost": "{real}", "blocker_count": "INTEGER",
        "sentiment_negative_pct": "{real}", "age_days": "INTEGER", "assignee": "TEXT", "assignee_role": "TEXT",
        "total_estimated_cost": "{real}", "analysis_json": "{json}", "analyzed_at": "{timestamp}",
        "recorded_at": "{timestamp}", "scorer_id": "TEXT", "model_id": "TEXT", "own_score": "INTEGER",
        "is_over": "{flag}", "on_request": "{flag}",
    ], key: ["id"], conflict: nil)
