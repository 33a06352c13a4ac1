public import Domain
public import Foundation

extension RiskStore {
    /// The mails about the accounts of all tenants, the newest first.
    ///
    /// - Parameter state: nil for all.
    public func accountMailsOfHost(
        state: AccountMailState?, after cursor: String?, limit: Int
    ) async throws -> Page<OfTenant<AccountMailRecord>> {
        let after = try Cursor(cursor, parts: 2)?.parts.map(SQLValue.text)
        var conditions = ["NOT t.is_deleted"]
        if state != nil { conditions.append("m.state = ?") }
        if after != nil { conditions.append("(m.created_at, m.id) < (?, ?)") }
        let condition = conditions.joined(separator: " AND ")
        var arguments: [SQLValue] = []
        if let state { arguments.append(.text(state.rawValue)) }
        if let after { arguments += after }
        arguments.append(.integer(limit + 1))
        return try await driver.read { [arguments] connection in
            let rows = try connection.select(
                RecordColumn.self,
                """
                FROM account_mails AS m JOIN tenants AS t ON t.id = m.tenant_id
                    LEFT JOIN users AS u ON u.id = m.recipient_id
                WHERE \(condition) ORDER BY m.created_at DESC, m.id DESC LIMIT ?
                """, arguments)
            return try Page(
                rows, limit: limit,
                cursor: { Cursor([$0.item.createdAt.description, $0.item.id.canonicalText]) },
                element: { try $0.record })
        }
    }

    /// Has a mail that was given up tried again; false where there is no such one.
    public func retryAccountMail(_ mailID: UUID, by actor: Actor, now: Timestamp) async throws -> Bool {
        try await driver.write { connection in
            let row = try connection.first(
                "SELECT tenant_id, kind FROM account_mails WHERE id = ? AND state = 'dead'", [.uuid(mailID)])
            guard let row else { return false }
            // Two may press the button at the same instant.
            let changed = try connection.execute(
                """
                UPDATE account_mails SET state = 'queued', attempts = 0, due_at = ?, settled_at = NULL
                WHERE id = ? AND state = 'dead'
                """, [.timestamp(now), .uuid(mailID)])
            guard changed > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.accountMailRetry, mailID.canonicalText, after: ["kind": .text(try row.text(1))]),
                to: .tenant(try row.tenantID(0)), by: actor, at: now, in: connection)
            return true
        }
    }
}

/// A mail of a query that calls its table `m`, the tenants' `t` and the people's `u`.
private enum RecordColumn: Int, SQLColumns {
    case id, tenantID, companyName, kind, occasion, recipient, state, attempts, createdAt, dueAt, settledAt, lastError
    static let list = columnList()

    var sql: String {
        switch self {
        case .companyName: "t.company_name"
        case .recipient: "CASE WHEN m.recipient_id = m.tenant_id THEN t.jira_email ELSE u.email END"
        default: "m.\(columnName)"
        }
    }
}

extension SQLRecord<RecordColumn> {
    fileprivate var record: OfTenant<AccountMailRecord> {
        get throws {
            OfTenant(
                tenantID: try tenantID(.tenantID), companyName: try text(.companyName),
                item: AccountMailRecord(
                    id: try uuid(.id), kind: try choice(.kind, of: AccountMailKind.self),
                    occasion: try text(.occasion), recipient: try optionalText(.recipient),
                    state: try choice(.state, of: AccountMailState.self), attempts: try integer(.attempts),
                    createdAt: try timestamp(.createdAt), dueAt: try timestamp(.dueAt),
                    settledAt: try optionalTimestamp(.settledAt), reason: try optionalText(.lastError)))
        }
    }
}
