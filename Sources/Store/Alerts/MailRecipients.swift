public import Domain
public import Foundation

extension RiskStore {
    /// The recipients of a mail channel that are known, in any order; addresses sealed.
    public func mailRecipients(_ id: TenantID, channelID: UUID) async throws -> [MailRecipient] {
        try await driver.read { connection in
            try connection.select(
                RecipientColumn.self, "FROM mail_recipients AS r WHERE r.tenant_id = ? AND r.channel_id = ?",
                [.tenant(id), .uuid(channelID)]
            ).map { try $0.recipient }
        }
    }

    /// Adds recipients of one channel, addresses sealed. False, and nothing is added, where the channel has others than
    /// `known`: two that add the same address at once do not both.
    public func addMailRecipients(
        _ id: TenantID, channelID: UUID, _ new: [MailRecipient], known: Set<UUID>
    ) async throws -> Bool {
        try await driver.write { connection in
            // No row stands for an address, which only the vault can read.
            try connection.lock(.exclusive, "recipients \(channelID.canonicalText)")
            let present = try connection.query(
                "SELECT id FROM mail_recipients WHERE tenant_id = ? AND channel_id = ?",
                [.tenant(id), .uuid(channelID)]
            ).map { try $0.uuid() }
            guard Set(present) == known else { return false }
            try connection.runAll(
                """
                INSERT INTO mail_recipients (id, tenant_id, channel_id, address_encrypted, state, changed_at,
                    confirmation_due_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                new.map {
                    [
                        .uuid($0.id), .tenant(id), .uuid(channelID), .text($0.address), .text($0.state.rawValue),
                        .timestamp($0.changedAt), .timestamp($0.confirmationDueAt),
                    ]
                })
            return true
        }
    }

    /// Forgets recipients that a channel has no more. Those who unsubscribed stay, and those who were asked after
    /// `askedBefore`: an address that comes back is not asked again at once.
    public func removeMailRecipients(_ id: TenantID, _ recipients: [UUID], askedBefore: Timestamp) async throws {
        try await driver.write { connection in
            try connection.runAll(
                """
                DELETE FROM mail_recipients WHERE tenant_id = ? AND id = ? AND state <> 'unsubscribed'
                    AND (confirmation_sent_at IS NULL OR confirmation_sent_at < ?)
                """, recipients.map { [.tenant(id), .uuid($0), .timestamp(askedBefore)] })
        }
    }

    // MARK: What the owner says

    /// A recipient as its links show it; nil for an unknown one.
    public func linkedRecipient(_ id: TenantID, recipientID: UUID) async throws -> LinkedRecipient? {
        try await driver.read { connection in
            try connection.selectFirst(
                LinkedColumn.self,
                """
                FROM mail_recipients AS r JOIN tenants AS t ON t.id = r.tenant_id
                    LEFT JOIN alert_channels AS c ON c.id = r.channel_id
                WHERE r.tenant_id = ? AND r.id = ? AND NOT t.is_deleted
                """, [.tenant(id), .uuid(recipientID)]
            ).map {
                LinkedRecipient(
                    state: try $0.choice(.state, of: MailRecipient.State.self), siteURL: try $0.text(.siteURL),
                    channelName: try $0.optionalText(.channelName))
            }
        }
    }

    /// Notes what the owner of an address says. What waits for a confirmation is due at once. False for an unknown recipient.
    public func setMailRecipient(
        _ id: TenantID, recipientID: UUID, _ state: MailRecipient.State, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            let changed = try connection.execute(
                """
                UPDATE mail_recipients SET state = ?, changed_at = ?, confirmation_due_at = NULL
                WHERE tenant_id = ? AND id = ? AND state <> ?
                """,
                [
                    .text(state.rawValue), .timestamp(now), .tenant(id), .uuid(recipientID), .text(state.rawValue),
                ])
            let row = try connection.selectFirst(
                RecipientColumn.self, "FROM mail_recipients AS r WHERE r.tenant_id = ? AND r.id = ?",
                [.tenant(id), .uuid(recipientID)])
            guard let recipient = try row?.recipient else { return false }
            // Whose of the channel's recipients a notification is, only the vault can read: all that wait are looked at.
            try connection.run(
                """
                UPDATE notifications SET due_at = ?
                WHERE channel_id = ? AND state = 'queued' AND last_error = ? AND due_at > ?
                """,
                [
                    .timestamp(now), .uuid(recipient.channelID), .text(MailRecipient.waitingReason), .timestamp(now),
                ])
            if changed > 0 {
                try AuditStatements.append(
                    AuditAct(
                        .recipientSet, recipientID.canonicalText,
                        after: [
                            "state": .text(state.rawValue), "channel_id": .text(recipient.channelID.canonicalText),
                        ]), to: .tenant(id), by: actor, at: now, in: connection)
            }
            return true
        }
    }

    // MARK: Questions

    /// Confirmation mails of one tenant in an hour.
    static let confirmationsPerHour = 100

    /// Has the owners of a channel's unconfirmed addresses asked again, where that was not done after `askedBefore`; how many.
    public func requestConfirmations(
        _ id: TenantID, channelID: UUID, askedBefore: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> Int {
        try await driver.write { connection in
            let asked = try connection.execute(
                """
                UPDATE mail_recipients SET confirmation_due_at = ?, confirmation_attempts = 0
                WHERE tenant_id = ? AND channel_id = ? AND state = 'unconfirmed'
                    AND (confirmation_sent_at IS NULL OR confirmation_sent_at <= ?)
                """, [.timestamp(now), .tenant(id), .uuid(channelID), .timestamp(askedBefore)])
            if asked > 0 {
                try AuditStatements.append(
                    AuditAct(
                        .recipientsAsk, channelID.canonicalText, kind: "alert_channel",
                        after: ["recipients": .count(asked)]), to: .tenant(id), by: actor, at: now, in: connection)
            }
            return asked
        }
    }

    /// Takes addresses whose owners are to be asked at `now`, until `leaseUntil`, the longest due first. A tenant that has had
    /// as many asked in the last hour as it may waits.
    public func claimConfirmations(
        limit: Int, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [ConfirmationRequest] {
        try await driver.write { connection in
            let rows = try connection.select(
                RequestColumn.self,
                """
                FROM mail_recipients AS r JOIN tenants AS t ON t.id = r.tenant_id
                    JOIN alert_channels AS c ON c.id = r.channel_id
                WHERE r.confirmation_due_at <= ? AND r.state = 'unconfirmed' AND c.is_enabled AND NOT t.is_deleted
                    AND t.deletes_at IS NULL
                    AND (SELECT COUNT(*) FROM mail_recipients AS s
                        WHERE s.tenant_id = r.tenant_id AND s.confirmation_sent_at > ?) < \(Self.confirmationsPerHour)
                ORDER BY r.confirmation_due_at, r.id LIMIT ? \(connection.dialect.claiming("r"))
                """, [.timestamp(now), .timestamp(now.adding(seconds: -3600)), .integer(limit)])
            try connection.runAll(
                """
                UPDATE mail_recipients SET confirmation_due_at = ?, confirmation_sent_at = ?,
                    confirmation_attempts = confirmation_attempts + 1
                WHERE id = ? AND state = 'unconfirmed'
                """, try rows.map { [.timestamp(leaseUntil), .timestamp(now), .uuid(try $0.uuid(.id))] })
            return try rows.map {
                ConfirmationRequest(
                    id: try $0.uuid(.id), tenantID: try $0.tenantID(.tenantID), address: try $0.text(.address),
                    siteURL: try $0.text(.siteURL), attempts: try $0.integer(.attempts))
            }
        }
    }

    /// Records what became of a confirmation mail.
    ///
    /// - Parameters:
    ///   - retryAt: when it is tried again; nil where it was sent, or never will be.
    ///   - error: why it was not sent; nil where it was.
    public func recordConfirmation(_ id: UUID, retryAt: Timestamp?, error: String?) async throws {
        try await driver.write { connection in
            try connection.run(
                """
                UPDATE mail_recipients SET confirmation_due_at = ?, confirmation_error = ?
                WHERE id = ? AND state = 'unconfirmed'
                """, [.timestamp(retryAt), .text(error), .uuid(id)])
        }
    }
}

/// A recipient of a query that calls the table `r`.
private enum RecipientColumn: Int, SQLColumns {
    case id, channelID, addressEncrypted, state, changedAt, confirmationDueAt, confirmationSentAt
    static let list = columnList()

    var sql: String { "r.\(columnName)" }
}

extension SQLRecord<RecipientColumn> {
    /// The recipient, its address as it was saved: sealed.
    fileprivate var recipient: MailRecipient {
        get throws {
            MailRecipient(
                id: try uuid(.id), channelID: try uuid(.channelID), address: try text(.addressEncrypted),
                state: try choice(.state, of: MailRecipient.State.self), changedAt: try timestamp(.changedAt),
                confirmationDueAt: try optionalTimestamp(.confirmationDueAt),
                confirmationSentAt: try optionalTimestamp(.confirmationSentAt))
        }
    }
}

private enum LinkedColumn: Int, SQLColumns {
    case state, siteURL, channelName
    static let list = columnList()

    var sql: String {
        switch self {
        case .state: "r.state"
        case .siteURL: "t.jira_url"
        case .channelName: "c.name"
        }
    }
}

private enum RequestColumn: Int, SQLColumns {
    case id, tenantID, address, siteURL, attempts
    static let list = columnList()

    var sql: String {
        switch self {
        case .id: "r.id"
        case .tenantID: "r.tenant_id"
        case .address: "r.address_encrypted"
        case .siteURL: "t.jira_url"
        case .attempts: "r.confirmation_attempts"
        }
    }
}
