public import Domain

extension RiskStore {
    /// Brings instants that lie further ahead of `now` than any of their kind can be back to now, and has analyses as of the
    /// future made again: a clock that was wrong has written them. How many rows were changed.
    ///
    /// It looks cheaply first, and goes through all issues and webhooks only where it finds a sign of such a clock, or
    /// `isSuspected`. A claim whose lease is ended so can only repeat work, never lose it.
    public func bringBackFutureInstants(now: Timestamp, isSuspected: Bool) async throws -> Int {
        var count = try await driver.write { try FutureInstants(now: now).bringBackWork(in: $0) }
        guard try await hasFutureSigns(count, now: now, isSuspected: isSuspected) else { return count }
        let batches = BatchSchedule(driver: driver) { true }
        let instants = FutureInstants(now: now)
        for batch in [
            instants.queueAnalyses, instants.removeRequestedAnalyses, instants.bringBackWebhooks,
            instants.bringBackUses,
        ] {
            let limit = batches.rows
            try await batches.repeated(
                { connection in
                    let changed = try batch(connection, limit)
                    return (changed, changed == limit)
                }, count: { count += $0 })
        }
        return count
    }

    private func hasFutureSigns(_ changed: Int, now: Timestamp, isSuspected: Bool) async throws -> Bool {
        if changed > 0 || isSuspected { return true }
        return try await driver.read {
            try $0.first(
                "SELECT 1 FROM analysis_history WHERE recorded_at > ? LIMIT 1",
                [.timestamp(now.adding(seconds: FutureInstants.shortSeconds))]) != nil
        }
    }
}

/// Which instants lie further ahead than their kind can, and what becomes of them.
struct FutureInstants: Sendable {
    /// Leases, late events' time to settle, and what is dated now are seconds or minutes ahead at most.
    static let shortSeconds: Int64 = 3600
    /// A pause after a failure, or what a server asked for, is a day at most, and some jitter.
    static let retrySeconds: Int64 = 25 * 3600
    /// Quiet hours end within two weeks.
    static let quietSeconds: Int64 = 15 * 86_400
    /// A tenant that Jira's sweeps have no work for is looked at after `jira.full_sweep_hours`, 30 days at most.
    static let sweepSeconds: Int64 = 31 * 86_400
    /// How far a sweep looks back after one whose instant was wrong.
    static let sweepAgainDays = 7

    let now: Timestamp

    private var short: SQLValue { .timestamp(now.adding(seconds: Self.shortSeconds)) }
    private var quiet: SQLValue { .timestamp(now.adding(seconds: Self.quietSeconds)) }
    private var sweep: SQLValue { .timestamp(now.adding(seconds: Self.sweepSeconds)) }
    private var retry: SQLValue { .timestamp(now.adding(seconds: Self.retrySeconds)) }

    /// The rows of work that waits: deliveries, leases, fetches, sweeps, and the queue.
    func bringBackWork(in connection: any SQLConnection) throws -> Int {
        let now = SQLValue.timestamp(now)
        // Before the settle times, by which it is seen whose issues were put off.
        var changed = try connection.execute(
            """
            UPDATE issue_queue SET due_at = ? WHERE parked_at IS NULL AND due_at > ? AND (attempts > 0
                OR tenant_id IN (SELECT id FROM tenants WHERE late_until > ?)
                OR EXISTS (SELECT 1 FROM webhook_events AS e WHERE e.tenant_id = issue_queue.tenant_id
                    AND e.issue_id = issue_queue.issue_id AND e.state = 'pending'))
            """, [now, short, short])
        for (statement, arguments) in [
            ("UPDATE tenants SET late_until = NULL WHERE late_until > ?", [short]),
            ("UPDATE issue_queue SET lease_token = NULL, leased_until = NULL WHERE leased_until > ?", [short]),
            (
                """
                UPDATE notifications SET due_at = ?, notify_at = CASE WHEN notify_at > ? THEN ? ELSE notify_at END
                WHERE state = 'queued' AND (due_at > ? OR due_at > ? AND group_key NOT LIKE 'quiet:%')
                """, [now, now, now, quiet, retry]
            ),
            (
                """
                UPDATE notifications SET lease_token = NULL, leased_until = NULL
                WHERE state = 'queued' AND leased_until > ?
                """, [short]
            ),
            ("UPDATE alert_channels SET held_until = NULL WHERE held_until > ?", [retry]),
            ("UPDATE alert_channels SET served_at = NULL WHERE served_at > ?", [short]),
            ("UPDATE issue_fetches SET due_at = ? WHERE parked_at IS NULL AND due_at > ?", [now, retry]),
            // Due when the lease ends.
            ("UPDATE jira_access SET leased_until = ? WHERE leased_until > ?", [now, short]),
            ("UPDATE jira_access SET retry_at = NULL, due_at = ? WHERE retry_at > ?", [now, retry]),
            (
                """
                UPDATE forecast_jobs SET due_at = ?, lease_token = NULL, leased_until = NULL
                WHERE leased_until > ? OR (lease_token IS NULL AND due_at > ?)
                """, [now, short, sweep]
            ),
            ("UPDATE forecast_backtests SET lease_token = NULL, leased_until = NULL WHERE leased_until > ?", [short]),
            ("UPDATE forecast_refreshes SET lease_token = NULL, leased_until = NULL WHERE leased_until > ?", [short]),
            (
                "UPDATE forecast_refreshes SET refreshed_at = NULL, retry_at = NULL WHERE refreshed_at > ? OR retry_at > ?",
                [short, retry]
            ),
            ("UPDATE digest_schedules SET lease_token = NULL, leased_until = NULL WHERE leased_until > ?", [short]),
            ("UPDATE digest_schedules SET retry_at = NULL WHERE retry_at > ?", [retry]),
            // Worked out again, and no digest queued for it.
            ("UPDATE digest_schedules SET next_due_at = NULL WHERE next_due_at > ?", [quiet]),
            (
                "UPDATE digest_schedules SET covered_until = ?, next_due_at = NULL WHERE covered_until > ?",
                [now, short]
            ),
            // One as of the future would stay until then.
            ("DELETE FROM forecasts WHERE as_of > ?", [short]),
            // Due again at once: the next one is as of now.
            ("UPDATE forecast_paces SET judged_at = NULL WHERE judged_at > ?", [short]),
            ("UPDATE alert_states SET since = ? WHERE since > ?", [now, short]),
            ("UPDATE mail_recipients SET confirmation_due_at = ? WHERE confirmation_due_at > ?", [now, retry]),
            ("UPDATE mail_recipients SET confirmation_sent_at = ? WHERE confirmation_sent_at > ?", [now, short]),
        ] {
            changed += try connection.execute(statement, arguments)
        }
        return try changed + bringBackStatuses(in: connection) + bringBackSweeps(in: connection)
            + bringBackOutgoing(in: connection)
    }

    /// What is known of a status of a day in the future would stand against all that is said until then.
    private func bringBackStatuses(in connection: any SQLConnection) throws -> Int {
        try connection.execute("UPDATE statuses SET told_at = NULL WHERE told_at > ?", [short])
    }

    /// What goes to others by rows of its own.
    private func bringBackOutgoing(in connection: any SQLConnection) throws -> Int {
        try bringBackWrites(in: connection) + bringBackAccountMails(in: connection)
            + bringBackSubscriptions(in: connection)
    }

    /// Mails about accounts: those that speak of the end of a period of grace are due when they say so, all others at once.
    private func bringBackAccountMails(in connection: any SQLConnection) throws -> Int {
        try connection.execute(
            """
            UPDATE account_mails SET due_at = CASE WHEN due_at > ? THEN ? ELSE due_at END, lease_token = NULL,
                leased_until = NULL
            WHERE state = 'queued' AND (leased_until > ? OR due_at > ? AND (kind <> 'grace_ending' OR attempts > 0))
            """, [retry, .timestamp(now), short, retry])
    }

    /// Fetches of subscriptions: the longest pause is a day. A grace that began in the future would not end.
    private func bringBackSubscriptions(in connection: any SQLConnection) throws -> Int {
        let now = SQLValue.timestamp(now)
        var changed = try connection.execute(
            """
            UPDATE stripe_accounts SET due_at = ?, lease_token = NULL, leased_until = NULL
            WHERE leased_until > ? OR due_at > ?
            """, [now, short, retry])
        changed += try connection.execute(
            "UPDATE stripe_accounts SET past_due_since = ? WHERE past_due_since > ?", [now, short])
        // One of the future would not be settled until then. Those that are less than an hour ahead are seen to by the next call.
        return try changed
            + StripeIntentStatements.bringBack(
                laterThan: self.now.adding(seconds: Self.shortSeconds), of: nil, now: self.now, in: connection)
    }

    /// Writes to Jira: the longest pause is a day.
    private func bringBackWrites(in connection: any SQLConnection) throws -> Int {
        let now = SQLValue.timestamp(now)
        var changed = try connection.execute(
            """
            UPDATE jira_write_back SET due_at = ?, stopped_until = NULL, stopped_reason = NULL, lease_token = NULL,
                leased_until = NULL
            WHERE leased_until > ? OR stopped_until > ? OR due_at > ?
            """, [now, short, retry, retry])
        changed += try connection.execute("UPDATE jira_writes SET next_at = ? WHERE next_at > ?", [now, retry])
        return changed
    }

    /// A sweep that took place in the future has asked for what changed since then, that is for nothing.
    private func bringBackSweeps(in connection: any SQLConnection) throws -> Int {
        let (now, again) = (SQLValue.timestamp(now), SQLValue.timestamp(now.adding(days: -Self.sweepAgainDays)))
        return try connection.execute(
            """
            UPDATE jira_access SET sweep_due_at = ?, due_at = ?, full_sweep_asked = ?,
                swept_at = CASE WHEN swept_at > ? THEN ? ELSE swept_at END,
                full_swept_at = CASE WHEN full_swept_at > ? THEN ? ELSE full_swept_at END
            WHERE swept_at > ? OR full_swept_at > ? OR sweep_due_at > ? OR (lease_token IS NULL AND due_at > ?)
            """, [now, now, .flag(true), now, again, now, again, short, short, retry, sweep])
    }

    /// Queues issues whose analysis is as of the future, or that wait for an instant that such an analysis named.
    func queueAnalyses(in connection: any SQLConnection, limit: Int) throws -> Int {
        let rows = try connection.select(
            FutureColumn.self,
            """
            FROM issue_snapshots AS s
            WHERE s.analyzed_at > ? AND NOT EXISTS (
                SELECT 1 FROM issue_queue AS q WHERE q.tenant_id = s.tenant_id AND q.issue_id = s.issue_id
                    AND q.due_at <= ? AND q.rescore_from <= ?)
            ORDER BY s.tenant_id, s.issue_id LIMIT ?
            """, [short, .timestamp(now), .timestamp(now), .integer(limit)])
        var requests: [IssueQueueKey: IssueQueueRequest] = [:]
        for row in rows {
            requests.add(
                IssueID(try row.text(.issueID)), of: try row.tenantID(.tenantID),
                IssueQueueRequest(dueAt: now, from: now))
        }
        try IssueQueueStatements.enqueue(requests, in: connection)
        return rows.count
    }

    /// Analyses that somebody asked for stay when the past is made again; those as of the future do not belong to it.
    func removeRequestedAnalyses(in connection: any SQLConnection, limit: Int) throws -> Int {
        try connection.execute(
            """
            DELETE FROM analysis_history WHERE id IN (
                SELECT id FROM analysis_history WHERE on_request AND analyzed_at > ? AND recorded_at > ? LIMIT ?)
            """, [short, short, .integer(limit)])
    }

    /// They were asked for before now, and count for this month, not for a future one.
    func bringBackUses(in connection: any SQLConnection, limit: Int) throws -> Int {
        try connection.execute(
            """
            UPDATE usage_logs SET created_at = ? WHERE id IN (
                SELECT id FROM usage_logs WHERE created_at > ? LIMIT ?)
            """, [.timestamp(now), short, .integer(limit)])
    }

    /// They came before now, whatever the clock said.
    func bringBackWebhooks(in connection: any SQLConnection, limit: Int) throws -> Int {
        try connection.execute(
            """
            UPDATE webhook_events SET received_at = ? WHERE id IN (
                SELECT id FROM webhook_events WHERE received_at > ? LIMIT ?)
            """, [.timestamp(now), short, .integer(limit)])
    }
}

private enum FutureColumn: Int, SQLColumns {
    case tenantID, issueID
    static let list = columnList()

    var sql: String { "s.\(columnName)" }
}
