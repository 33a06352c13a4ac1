public import Domain

extension RiskStore {
    /// Removes what is older than the policy keeps, in batches, and finishes deletions of tenants that were interrupted.
    ///
    /// - Parameters:
    ///   - currentModel: the model that reads comments now, whose readings stay.
    ///   - proceed: called between two batches; false ends the pass early.
    public func removeExpired(
        _ policy: RetentionPolicy, currentModel: String, now: Timestamp, proceed: @escaping @Sendable () async -> Bool
    ) async throws -> RetentionOutcome {
        var pass = RetentionPass(
            batches: BatchSchedule(driver: driver, proceed: proceed), policy: policy, currentModel: currentModel,
            now: now, sells: sellsSubscriptions)
        do {
            try await pass.run()
        } catch is Cancelled {
            pass.outcome.isComplete = false
        }
        return pass.outcome
    }
}

/// One pass over everything that may have expired.
struct RetentionPass {
    let batches: BatchSchedule
    let policy: RetentionPolicy
    let currentModel: String
    let now: Timestamp
    /// Whether tenants may have subscriptions that renew themselves.
    let sells: Bool
    var outcome = RetentionOutcome()

    init(
        batches: BatchSchedule, policy: RetentionPolicy, currentModel: String, now: Timestamp, sells: Bool = false
    ) {
        self.batches = batches
        self.policy = policy
        self.currentModel = currentModel
        self.now = now
        self.sells = sells
    }

    mutating func run() async throws {
        try await finishTenantDeletions()
        try await removeExpiredSecrets()
        try await removeLeftRecipients()
        try await removePayloads()
        try await removeWebhooks()
        try await removePieces()
        try await removeHistory()
        try await removeUsage()
        try await removeStripe()
        try await removeAlerts()
        try await removeAccountMails()
        try await removeDeletedIssues()
        try await removeUnusedReadings()
        try await removeAudit()
        try await removePeople()
    }

    /// The instant before which something has expired; nil where it never does.
    private func cutoff(_ days: Int?) -> Timestamp? { days.map { now.adding(days: -$0) } }

    // MARK: Webhooks

    /// Webhook secrets and automation tokens that have ended verify nothing any more, whatever the policy.
    private func removeExpiredSecrets() async throws {
        let now = now
        try await batches.driver.write {
            try $0.run("DELETE FROM webhook_secrets WHERE expires_at <= ?", [.timestamp(now)])
            try $0.run("DELETE FROM automation_tokens WHERE expires_at <= ?", [.timestamp(now)])
        }
    }

    /// Addresses of channels that were deleted, whatever the policy; not those whose owners were asked within a day, so that a
    /// channel that is made again does not ask them at once.
    private func removeLeftRecipients() async throws {
        let now = now
        try await batches.driver.write {
            try $0.run(
                """
                DELETE FROM mail_recipients WHERE (confirmation_sent_at IS NULL OR confirmation_sent_at < ?)
                    AND NOT EXISTS (SELECT 1 FROM alert_channels AS c WHERE c.id = mail_recipients.channel_id)
                """, [.timestamp(now.adding(days: -1))])
        }
    }

    private mutating func removePayloads() async throws {
        guard let cutoff = cutoff(policy.payloadDays) else { return }
        let removedAt = now
        try await removeEvents(
            .payloads, where: "body_removed_at IS NULL AND state IN ('applied', 'ignored')", before: cutoff
        ) {
            try $1.run(
                $1.dialect.schema(
                    """
                    UPDATE webhook_events SET body = CAST('' AS {blob}), body_id = NULL, body_removed_at = ?
                    WHERE id = ?
                    """),
                [.timestamp(removedAt), .integer($0)])
        }
    }

    private mutating func removeWebhooks() async throws {
        for (kind, condition, days) in [
            // The policy removes the bodies before, or at the latest just now.
            (RetentionOutcome.Kind.webhooks, "body_removed_at IS NOT NULL", policy.webhookDays),
            (.rejected, "state = 'rejected'", policy.rejectedDays),
        ] {
            guard let cutoff = cutoff(days) else { continue }
            try await removeEvents(kind, where: condition, before: cutoff) {
                try $1.run("DELETE FROM webhook_events WHERE id = ?", [.integer($0)])
            }
        }
    }

    /// Pieces of bodies that no webhook names, whatever the policy: of what was removed just now, of deliveries that turned out to be
    /// known, and of those during which a process ended. They are looked for outside of any write, and looked at again in it.
    private func removePieces() async throws {
        let (limit, now) = (batches.rows, now)
        while true {
            let rows = try await batches.driver.read { try BodyPieces.unnamed(at: now, limit: limit, in: $0) }
            for start in stride(from: 0, to: rows.count, by: BodyPieces.portion) {
                try await batches.pause()
                try await batches.driver.write {
                    try BodyPieces.remove(rows[start..<min(start + BodyPieces.portion, rows.count)], in: $0)
                }
            }
            guard rows.count == limit else { return }
        }
    }

    /// Hands the webhooks that meet `condition` to `remove`, the longest received first.
    private mutating func removeEvents(
        _ kind: RetentionOutcome.Kind, where condition: String, before cutoff: Timestamp,
        _ remove: @escaping @Sendable (Int, any SQLConnection) throws -> Void
    ) async throws {
        try await batches.pause()
        let (limit, byteLimit) = (batches.rows, batches.bytes)
        try await batches.repeated { connection in
            let rows = try connection.select(
                EventColumn.self,
                """
                FROM webhook_events WHERE \(condition) AND received_at < ?
                ORDER BY received_at LIMIT ? \(connection.dialect.claiming("webhook_events"))
                """, [.timestamp(cutoff), .integer(limit)])
            var (removed, bytes) = (0, 0)
            for row in rows {
                bytes += try row.optionalInteger(.bytes) ?? 0
                guard removed == 0 || bytes <= byteLimit else { return (removed, true) }
                try remove(try row.integer(.id), connection)
                removed += 1
            }
            return (removed, rows.count == limit)
        } count: {
            outcome.add($0, to: kind)
        }
    }

    // MARK: Analyses

    /// Looks at the old rows in the order they were written, outside of any write; what it decides stays true, because
    /// an issue's newest analysis only gets newer.
    private mutating func removeHistory() async throws {
        guard let cutoff = cutoff(policy.historyDays) else { return }
        let limit = batches.rows
        var last: (recordedAt: Timestamp, id: SQLValue)?
        while true {
            try await batches.pause()
            let place: [SQLValue] = last.map { [.timestamp($0.recordedAt), $0.id] } ?? []
            let rows = try await batches.driver.read { connection in
                try connection.select(
                    HistoryColumn.self,
                    """
                    FROM analysis_history AS h
                    WHERE h.recorded_at < ? \(place.isEmpty ? "" : "AND (h.recorded_at, h.id) > (?, ?)")
                    ORDER BY h.recorded_at, h.id LIMIT ?
                    """, [.timestamp(cutoff)] + place + [.integer(limit)])
            }
            let expired = try rows.filter {
                try $0.timestamp(.analyzedAt) < $0.timestamp(.newestAt).adding(days: -Analysis.lookBackDays)
            }.map { try $0.uuid(.id) }
            if !expired.isEmpty {
                let removed = try await batches.driver.write { connection in
                    try expired.reduce(0) {
                        try $0 + connection.execute("DELETE FROM analysis_history WHERE id = ?", [.uuid($1)])
                    }
                }
                outcome.add(removed, to: .history)
            }
            guard rows.count == limit, let row = rows.last else { return }
            last = (try row.timestamp(.recordedAt), .uuid(try row.uuid(.id)))
        }
    }

    // MARK: Usage and alerts

    private mutating func removeUsage() async throws {
        guard let cutoff = cutoff(policy.usageDays) else { return }
        let monthStart = CalendarMonth(containing: now).start
        try await removeRows(
            .usage, of: "usage_logs", where: "created_at < ? ORDER BY created_at",
            [.timestamp(min(cutoff, monthStart))])
    }

    /// Events of Stripe, which sends one again for three days, and writes to it.
    private mutating func removeStripe() async throws {
        guard let cutoff = cutoff(policy.webhookDays) else { return }
        try await removeRows(
            .webhooks, of: "stripe_events", where: "received_at < ? AND state <> 'pending'", [.timestamp(cutoff)])
        try await removeRows(
            .webhooks, of: "stripe_intents", where: "created_at < ? AND state <> 'open'", [.timestamp(cutoff)])
    }

    private mutating func removePeople() async throws {
        guard let cutoff = cutoff(policy.unusedUserDays) else { return }
        try await removeRows(
            .users, of: "users",
            where: "last_sign_in_at < ? AND NOT EXISTS (SELECT 1 FROM memberships AS m WHERE m.user_id = users.id)",
            [.timestamp(cutoff)])
        try await removeRows(
            .invitations, of: "invitations", where: "expires_at < ? OR accepted_at < ?",
            [.timestamp(cutoff), .timestamp(cutoff)])
    }

    private mutating func removeAlerts() async throws {
        guard let cutoff = cutoff(policy.alertDays) else { return }
        try await batches.pause()
        let limit = batches.rows
        try await batches.repeated { connection in
            let expired = try connection.query(
                """
                SELECT id FROM alerts WHERE created_at < ? AND NOT EXISTS (
                    SELECT 1 FROM notification_alerts AS c JOIN notifications AS n ON n.id = c.notification_id
                    WHERE c.alert_id = alerts.id AND n.state = 'queued')
                ORDER BY created_at LIMIT ? \(connection.dialect.claiming("alerts"))
                """, [.timestamp(cutoff), .integer(limit)]
            ).map { try $0.uuid() }
            // A notification goes with the last of its alerts.
            try connection.runAll(
                """
                DELETE FROM notifications WHERE id IN (SELECT notification_id FROM notification_alerts WHERE alert_id = ?)
                    AND NOT EXISTS (
                        SELECT 1 FROM notification_alerts AS c
                        WHERE c.notification_id = notifications.id AND c.alert_id <> ?)
                """, expired.map { [.uuid($0), .uuid($0)] })
            try connection.runAll("DELETE FROM alerts WHERE id = ?", expired.map { [.uuid($0)] })
            return (expired.count, expired.count == limit)
        } count: {
            outcome.add($0, to: .alerts)
        }
    }

    /// With alerts, but not while a row keeps a mail from being sent again: the longest occasion is a calendar month.
    private mutating func removeAccountMails() async throws {
        guard let cutoff = cutoff(policy.alertDays) else { return }
        let kept = now.adding(days: -RetentionPolicy.accountMailDays)
        try await removeRows(
            .accountMails, of: "account_mails", where: "settled_at < ? ORDER BY settled_at",
            [.timestamp(min(cutoff, kept))])
    }

    private mutating func removeRows(
        _ kind: RetentionOutcome.Kind, of table: String, where condition: String, _ arguments: [SQLValue]
    ) async throws {
        try await batches.pause()
        let limit = batches.rows
        try await batches.repeated { connection in
            let removed = try connection.execute(
                """
                DELETE FROM \(table) WHERE id IN (
                    SELECT id FROM \(table) WHERE \(condition) LIMIT ? \(connection.dialect.claiming(table)))
                """, arguments + [.integer(limit)])
            return (removed, removed == limit)
        } count: {
            outcome.add($0, to: kind)
        }
    }

    // MARK: Deleted issues

    private mutating func removeDeletedIssues() async throws {
        guard let cutoff = cutoff(policy.deletedIssueDays) else { return }
        try await batches.pause()
        let (limit, seenAt) = (batches.rows, now)
        try await batches.repeated { connection in
            let marked = try connection.execute(
                """
                UPDATE issue_snapshots SET deletion_seen_at = ? WHERE (tenant_id, issue_id) IN (
                    SELECT tenant_id, issue_id FROM issue_snapshots WHERE is_deleted AND deletion_seen_at IS NULL
                    LIMIT ? \(connection.dialect.claiming("issue_snapshots")))
                """, [.timestamp(seenAt), .integer(limit)])
            return (marked, marked == limit)
        } count: { _ in
        }
        while true {
            let issues = try await batches.driver.read { connection in
                try connection.select(
                    IssueColumn.self,
                    """
                    FROM issue_snapshots AS s
                    WHERE is_deleted AND deletion_seen_at < ? AND NOT EXISTS (
                        SELECT 1 FROM webhook_events AS e
                        WHERE e.tenant_id = s.tenant_id AND e.issue_id = s.issue_id AND e.state = 'pending')
                    ORDER BY deletion_seen_at, tenant_id, issue_id LIMIT ?
                    """, [.timestamp(cutoff), .integer(limit)]
                ).map { (try $0.tenantID(.tenantID), IssueID(try $0.text(.issueID))) }
            }
            var removed = 0
            for (tenantID, issueID) in issues where try await remove(issueID, of: tenantID) { removed += 1 }
            outcome.add(removed, to: .issues)
            guard issues.count == limit, removed > 0 else { return }
        }
    }

    /// Removes an issue with all that belongs to it, except its alerts and webhooks, which have terms of their own. False,
    /// and the issue stays in part, when something new has come for it meanwhile.
    private func remove(_ issueID: IssueID, of tenantID: TenantID) async throws -> Bool {
        let issue: [SQLValue] = [.tenant(tenantID), .id(issueID)]
        let ofIssue = "tenant_id = ? AND issue_id = ?"
        for (table, key) in [
            ("analysis_history", ["id"]), ("issue_comments", ["issue_id", "comment_id"]),
            ("issue_changes", ["issue_id", "change_id"]),
        ] {
            try await batches.pause()
            try await batches.delete(from: table, key: key, where: ofIssue, issue, tenantID: tenantID)
        }
        do {
            try await batches.driver.write { connection in
                // First, because it waits for a transaction that queues the issue now, and then sees the webhook.
                try connection.run("DELETE FROM issue_queue WHERE \(ofIssue)", issue)
                let pending = try connection.first(
                    "SELECT 1 FROM webhook_events WHERE \(ofIssue) AND state = 'pending' LIMIT 1", issue)
                guard pending == nil else { throw NewEventArrived() }
                for table in [
                    "alert_states", "issue_sprints", "issue_texts", "issue_tags", "forecasts", "jira_writes",
                    "issue_snapshots",
                ] {
                    try connection.run("DELETE FROM \(table) WHERE \(ofIssue)", issue)
                }
            }
            return true
        } catch is NewEventArrived {
            return false
        }
    }

    /// Undoes a transaction that would leave a webhook without its place in the queue.
    private struct NewEventArrived: Error {}

    // MARK: Readings

    private mutating func removeUnusedReadings() async throws {
        guard let cutoff = cutoff(policy.unusedReadingDays) else { return }
        try await batches.pause()
        let current = currentModel
        let unused = try await batches.driver.read { connection in
            let held = try connection.query(
                "SELECT DISTINCT \(ModelColumn.list) FROM sentiment_cache WHERE model_id <> ?", [.text(current)]
            ).map { SQLRecord<ModelColumn>($0) }.map {
                (tenantID: try $0.tenantID(.tenantID), model: try $0.text(.modelID))
            }
            guard !held.isEmpty else { return held }
            let used = Set(
                try connection.query("SELECT DISTINCT model_id FROM issue_snapshots WHERE model_id IS NOT NULL", [])
                    .map { try $0.text() }
                    + connection.query(
                        "SELECT DISTINCT model_id FROM analysis_history WHERE recorded_at >= ?", [.timestamp(cutoff)]
                    ).map { try $0.text() })
            return held.filter { !used.contains($0.model) }
        }
        for (tenantID, model) in unused {
            try await batches.pause()
            try await batches.delete(
                from: "sentiment_cache", key: ["model_id", "content_hash"], where: "tenant_id = ? AND model_id = ?",
                [.tenant(tenantID), .text(model)], tenantID: tenantID
            ) { outcome.add($0, to: .readings) }
        }
    }

    // MARK: Tenants

    private mutating func finishTenantDeletions() async throws {
        // Without a seller nothing says any more that a subscription has ended, and a promise to delete would never be kept.
        let (now, isKept) = (now, sells ? StripeAccountStatements.isCharged : "FALSE")
        let due = try await batches.driver.read { connection in
            try connection.query(
                "SELECT id, \(isKept) FROM tenants WHERE deletes_at <= ? AND NOT is_deleted ORDER BY id",
                [.timestamp(now)]
            ).map { (id: try $0.tenantID(), isKept: try $0.flag(1)) }
        }
        outcome.keptTenants = due.filter { $0.isKept }.map { $0.id }
        for tenant in due where !tenant.isKept {
            try await batches.driver.write { connection in
                // It may have been restored meanwhile, or have paid.
                guard let deletesAt = try TenantStatements.lockedTenant(tenant.id, in: connection)?.deletesAt,
                    deletesAt <= now,
                    try connection.first(
                        "SELECT 1 FROM tenants WHERE id = ? AND NOT \(isKept)", [.tenant(tenant.id)]) != nil
                else { return }
                _ = try TenantRemoval.begin(tenant.id, in: connection)
            }
        }
        let tenants = try await batches.driver.read { connection in
            try connection.query("SELECT id FROM tenants WHERE is_deleted ORDER BY id", []).map { try $0.tenantID() }
        }
        for tenant in tenants {
            try await batches.pause()
            try await TenantRemoval.finish(tenant, in: batches)
            outcome.add(1, to: .tenants)
        }
    }
}

private enum EventColumn: Int, SQLColumns {
    case id, bytes
    static let list = columnList()

    var sql: String { self == .bytes ? "LENGTH(body)" : columnName }
}

private enum HistoryColumn: Int, SQLColumns {
    case id, recordedAt, analyzedAt, newestAt
    static let list = columnList()

    var sql: String {
        self == .newestAt
            ? """
            (SELECT MAX(n.analyzed_at) FROM analysis_history AS n
                WHERE n.tenant_id = h.tenant_id AND n.issue_id = h.issue_id)
            """ : "h.\(columnName)"
    }
}

private enum IssueColumn: Int, SQLColumns {
    case tenantID, issueID
    static let list = columnList()
}

private enum ModelColumn: Int, SQLColumns {
    case tenantID, modelID
    static let list = columnList()
}
