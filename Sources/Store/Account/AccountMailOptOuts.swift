public import Domain
public import Foundation

extension RiskStore {
    /// Whether a recipient gets the optional mails about a tenant's account; nil for an unknown tenant, and for
    /// somebody who has nothing to do with it.
    ///
    /// - Parameter recipientID: a person, or the tenant itself for its contact address.
    public func linkedAccountMails(_ id: TenantID, recipientID: UUID) async throws -> LinkedAccountMails? {
        try await driver.read { connection in
            guard let tenant = try TenantStatements.tenant(id, in: connection),
                try AccountMailStatements.isRecipient(recipientID, of: id, in: connection)
            else { return nil }
            let optOut = try connection.first(
                "SELECT 1 FROM account_mail_optouts WHERE tenant_id = ? AND recipient_id = ?",
                [.tenant(id), .uuid(recipientID)])
            return LinkedAccountMails(siteURL: tenant.jiraURL, isOff: optOut != nil)
        }
    }

    /// Switches the optional mails to a recipient off or on; false where
    /// ``linkedAccountMails(_:recipientID:)`` knows none.
    public func setAccountMails(
        _ id: TenantID, recipientID: UUID, isOff: Bool, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try TenantStatements.lockedTenant(id, in: connection) != nil,
                try AccountMailStatements.isRecipient(recipientID, of: id, in: connection)
            else { return false }
            let row: [SQLValue] = [.tenant(id), .uuid(recipientID)]
            let changed: Int
            if isOff {
                changed = try connection.execute(
                    """
                    INSERT INTO account_mail_optouts (tenant_id, recipient_id, created_at) VALUES (?, ?, ?)
                    ON CONFLICT (tenant_id, recipient_id) DO NOTHING
                    """, row + [.timestamp(now)])
            } else {
                changed = try connection.execute(
                    "DELETE FROM account_mail_optouts WHERE tenant_id = ? AND recipient_id = ?", row)
            }
            if changed > 0 {
                try AuditStatements.append(
                    AuditAct(
                        .accountMailsSet, recipientID.canonicalText, after: ["optional_mails": .flag(!isOff)]),
                    to: .tenant(id), by: actor, at: now, in: connection)
            }
            return true
        }
    }
}
