import Domain
import Foundation

/// The statements on mails about accounts that several transactions share.
enum AccountMailStatements {
    /// Keeps the mails of an event, one for each recipient as they are now, and leaves out those that it ends, also those that were
    /// given up, so that they cannot be tried again. Nothing is kept twice.
    static func note(
        _ event: AccountEvent, of id: TenantID, now: Timestamp, in connection: any SQLConnection
    ) throws {
        for kind in event.ends {
            try connection.run(
                """
                UPDATE account_mails SET state = 'left_out', settled_at = ?, lease_token = NULL, leased_until = NULL,
                    last_error = CASE state WHEN 'dead' THEN 'no longer true; it had been given up: '
                        || COALESCE(last_error, '') ELSE 'no longer true when it was due' END
                WHERE tenant_id = ? AND kind = ? AND state IN ('queued', 'dead') AND occasion <> ?
                """,
                [
                    .timestamp(now), .tenant(id), .text(kind.rawValue),
                    // No occasion is the empty text.
                    .text(event.keptOccasion ?? ""),
                ])
        }
        let mails = event.mails(at: now)
        guard !mails.isEmpty,
            let tenant = try facts(of: [id], setUpOf: [], now: now, in: connection)[id], !tenant.isLeaving
        else { return }
        for mail in mails {
            for recipient in tenant.recipients.keys.sorted() {
                let key = AccountMailKey(kind: mail.kind, occasion: mail.occasion, recipientID: recipient)
                _ = try insert(key, of: id, dueAt: mail.dueAt, refersTo: mail.refersTo, now: now, in: connection)
            }
        }
    }

    /// Keeps the mails of a change of a tenant's status, as ``note(_:of:now:in:)``.
    static func noteChange(
        from before: Tenant, to after: Tenant, now: Timestamp, in connection: any SQLConnection
    ) throws {
        let event = AccountEvent(from: before.status, to: after.status, plan: after.plan, at: now)
        if let event { try note(event, of: after.id, now: now, in: connection) }
    }

    /// Keeps a mail, unless it is kept already; whether it was new.
    static func insert(
        _ key: AccountMailKey, of id: TenantID, dueAt: Timestamp, refersTo: Timestamp?, now: Timestamp,
        in connection: any SQLConnection
    ) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO account_mails (id, tenant_id, kind, occasion, recipient_id, refers_to, state, created_at, due_at)
            VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?)
            ON CONFLICT (tenant_id, kind, occasion, recipient_id) DO NOTHING
            """,
            [
                .uuid(UUID()), .tenant(id), .text(key.kind.rawValue), .text(key.occasion), .uuid(key.recipientID),
                .timestamp(refersTo), .timestamp(now), .timestamp(dueAt),
            ]) > 0
    }

    /// Whether mails about a tenant go, or went, to a recipient, or may.
    static func isRecipient(
        _ recipientID: UUID, of id: TenantID, in connection: any SQLConnection
    ) throws -> Bool {
        if recipientID == id.uuid { return true }
        let row: [SQLValue] = [.tenant(id), .uuid(recipientID)]
        return try connection.first(
            """
            SELECT 1 FROM memberships WHERE tenant_id = ? AND user_id = ?
            UNION ALL SELECT 1 FROM account_mails WHERE tenant_id = ? AND recipient_id = ? LIMIT 1
            """, row + row) != nil
    }

    // MARK: Facts

    /// What the mails of tenants are decided by; those that are deleted are left out.
    ///
    /// - Parameter reminded: those of whose set-up it is looked at what is left, as long as it is reminded of.
    static func facts(
        of ids: [TenantID], setUpOf reminded: [TenantID], now: Timestamp, in connection: any SQLConnection
    ) throws -> [TenantID: AccountMailFacts] {
        guard !ids.isEmpty else { return [:] }
        var asked = queries(of: ids, now: now, connection.dialect)
        let others = asked.count
        if !reminded.isEmpty { asked.append(setUp(of: reminded, now: now, connection.dialect)) }
        let rows = try connection.query(asked)
        var facts: [TenantID: AccountMailFacts] = [:]
        var contacts: [TenantID: String] = [:]
        for row in rows[0].map({ SQLRecord<FactColumn>($0) }) {
            let id = try row.tenantID(.id)
            facts[id] = try row.facts
            contacts[id] = try row.text(.jiraEmail)
        }
        for row in rows.dropFirst(others).flatMap({ $0 }).map({ SQLRecord<StepColumn>($0) }) {
            let (id, steps) = (try row.tenantID(.id), try row.stepsLeft)
            facts[id]?.stepsLeft = steps
        }
        for row in rows[1] {
            let (id, uses) = (try row.tenantID(0), try row.integer(2))
            switch try row.choice(1, of: UsageAction.self) {
            case .issue: facts[id]?.used.issue = uses
            case .sprint: facts[id]?.used.sprint = uses
            case .portfolio: facts[id]?.used.portfolio = uses
            }
        }
        for row in rows[2] {
            let (id, person, address) = (try row.tenantID(0), try row.uuid(1), try row.text(2))
            facts[id]?.recipients[person] = address
        }
        // Where no owner has an address, the account that the tenant signs in to Jira with.
        for (id, address) in contacts where address.contains("@") && facts[id]?.recipients.isEmpty == true {
            facts[id]?.recipients[id.uuid] = address
        }
        for row in rows[3] {
            let (id, recipient) = (try row.tenantID(0), try row.uuid(1))
            facts[id]?.optedOut.insert(recipient)
        }
        for row in rows[4] {
            let id = try row.tenantID(0)
            let key = AccountMailKey(
                kind: try row.choice(1, of: AccountMailKind.self), occasion: try row.text(2),
                recipientID: try row.uuid(3))
            facts[id]?.known.insert(key)
        }
        return facts
    }

    /// The tenants, what they used, their owners, who switched mails off, and the mails that are kept.
    private static func queries(of ids: [TenantID], now: Timestamp, _ dialect: SQLDialect) -> [SQLQuery] {
        let list = SQLValue.array(ids.map { .tenant($0) })
        let month = CalendarMonth(containing: now)
        let isAny = dialect.isAny
        return [
            .select(FactColumn.self, "FROM tenants AS t WHERE \(isAny("t.id")) AND NOT t.is_deleted", [list]),
            SQLQuery(
                """
                SELECT tenant_id, action_type, COUNT(*) FROM usage_logs
                WHERE \(isAny("tenant_id")) AND created_at >= ? AND created_at < ? GROUP BY tenant_id, action_type
                """, [list, .timestamp(month.start), .timestamp(month.end)]),
            SQLQuery(
                """
                SELECT m.tenant_id, m.user_id, u.email FROM memberships AS m JOIN users AS u ON u.id = m.user_id
                WHERE \(isAny("m.tenant_id")) AND m.role = 'owner' AND u.is_email_verified AND u.email IS NOT NULL
                """, [list]),
            SQLQuery("SELECT tenant_id, recipient_id FROM account_mail_optouts WHERE \(isAny("tenant_id"))", [list]),
            SQLQuery(
                "SELECT tenant_id, kind, occasion, recipient_id FROM account_mails WHERE \(isAny("tenant_id"))", [list]),
        ]
    }

    /// What is left of the set-up of tenants that are young enough to be reminded of it.
    static func setUp(of ids: [TenantID], now: Timestamp, _ dialect: SQLDialect) -> SQLQuery {
        .select(
            StepColumn.self, "FROM tenants AS t WHERE \(dialect.isAny("t.id")) AND t.created_at > ?",
            [.array(ids.map { .tenant($0) }), .timestamp(now.adding(days: -OnboardingDays.end))])
    }
}

/// A tenant of a query that calls the table `t`.
private enum FactColumn: Int, SQLColumns {
    case id, jiraURL, jiraEmail, status, createdAt, trialEndsAt, deletesAt, hasSubscription
    case monthlyIssueLimit, monthlySprintLimit, monthlyPortfolioLimit
    static let list = columnList()

    var sql: String {
        switch self {
        // One whose first payment was not made leaves the trial as it was.
        case .hasSubscription:
            """
            t.stripe_subscription_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stripe_accounts AS s
                WHERE s.tenant_id = t.id AND s.subscription_status IN ('incomplete', 'incomplete_expired', 'canceled'))
            """
        default: "t.\(columnName)"
        }
    }
}

extension SQLRecord<FactColumn> {
    /// Without what stands in other tables.
    fileprivate var facts: AccountMailFacts {
        get throws {
            AccountMailFacts(
                tenantID: try tenantID(.id), siteURL: try text(.jiraURL),
                status: try choice(.status, of: Tenant.Status.self), createdAt: try timestamp(.createdAt),
                trialEndsAt: try optionalTimestamp(.trialEndsAt), hasSubscription: try flag(.hasSubscription),
                limits: PlanLimits(
                    issue: try optionalInteger(.monthlyIssueLimit), sprint: try optionalInteger(.monthlySprintLimit),
                    portfolio: try optionalInteger(.monthlyPortfolioLimit)),
                isLeaving: try optionalTimestamp(.deletesAt) != nil)
        }
    }
}

/// Which steps of the set-up a tenant has taken.
private enum StepColumn: Int, SQLColumns {
    case id, hasWebhook, hasBackfill, hasChannel
    static let list = columnList()

    var sql: String {
        switch self {
        case .id: "t.id"
        case .hasWebhook:
            """
            EXISTS (SELECT 1 FROM webhook_events AS e WHERE e.tenant_id = t.id AND e.event NOT LIKE 'consilod:%')
            """
        case .hasBackfill: "EXISTS (SELECT 1 FROM backfills AS b WHERE b.tenant_id = t.id AND b.state = 'done')"
        case .hasChannel: "EXISTS (SELECT 1 FROM alert_channels AS c WHERE c.tenant_id = t.id AND c.is_enabled)"
        }
    }
}

extension SQLRecord<StepColumn> {
    fileprivate var stepsLeft: Set<OnboardingStep> {
        get throws {
            var steps: Set<OnboardingStep> = []
            if try !flag(.hasWebhook) { steps.insert(.webhook) }
            if try !flag(.hasBackfill) { steps.insert(.backfill) }
            if try !flag(.hasChannel) { steps.insert(.channel) }
            return steps
        }
    }
}
