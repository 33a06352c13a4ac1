public import Domain
public import Foundation

extension RiskStore {
    /// The hashes of a tenant's automation tokens that are valid at `now`, newest first; nil when the tenant is unknown.
    public func automationTokenHashes(_ id: TenantID, now: Timestamp) async throws -> [String]? {
        try await driver.read { connection in
            guard try TenantStatements.tenant(id, in: connection) != nil else { return nil }
            return try connection.query(
                """
                SELECT token_hash FROM automation_tokens
                WHERE tenant_id = ? AND \(isValid) ORDER BY created_at DESC, id
                """, [.tenant(id), .timestamp(now)]
            ).map { try $0.text() }
        }
    }

    /// The automation tokens of a tenant, without what they are, oldest first; also those that have expired. Empty when the
    /// tenant is unknown.
    public func automationTokenInfos(_ id: TenantID) async throws -> [AutomationTokenInfo] {
        try await driver.read { connection in
            try connection.select(
                TokenColumn.self, "FROM automation_tokens WHERE tenant_id = ? ORDER BY created_at, id", [.tenant(id)]
            ).map {
                AutomationTokenInfo(
                    id: try $0.uuid(.id), createdAt: try $0.timestamp(.createdAt),
                    expiresAt: try $0.optionalTimestamp(.expiresAt))
            }
        }
    }

    /// Adds an automation token without an end. Throws `StorageError(.limitReached)` where as many as the tenant may have
    /// are valid at `now`.
    ///
    /// - Parameter formerUntil: the end of those there are, or an earlier one where they have it already; nil leaves them.
    public func addAutomationToken(
        _ id: TenantID, tokenID: UUID, hash: String, formerUntil: Timestamp?, by actor: Actor, now: Timestamp
    ) async throws {
        let limit = limits[.automationTokens]
        try await driver.write { connection in
            try TenantLimitStatements.lock(id, in: connection)
            var after: AuditFields?
            if let formerUntil {
                try connection.run(
                    "UPDATE automation_tokens SET expires_at = ? WHERE tenant_id = ? AND \(isValid)",
                    [.timestamp(formerUntil), .tenant(id), .timestamp(formerUntil)])
                after = ["former_valid_until": .instant(formerUntil)]
            }
            try TenantLimitStatements.makeRoom(
                for: .automationTokens, among: ("automation_tokens", isValid), of: id, limit: limit,
                [.timestamp(now)], in: connection)
            try connection.run(
                "INSERT INTO automation_tokens (id, tenant_id, token_hash, created_at) VALUES (?, ?, ?, ?)",
                [.uuid(tokenID), .tenant(id), .text(hash), .timestamp(now)])
            try AuditStatements.append(
                AuditAct(.automationTokenCreate, tokenID.canonicalText, after: after), to: .tenant(id), by: actor,
                at: now, in: connection)
        }
    }

    /// Deletes an automation token; false when the tenant has no such token. A node that keeps it in memory takes it until
    /// it is told.
    public func removeAutomationToken(_ id: TenantID, tokenID: UUID, by actor: Actor) async throws -> Bool {
        let now = now()
        return try await driver.write { connection in
            let removed = try connection.execute(
                "DELETE FROM automation_tokens WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(tokenID)])
            guard removed > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.automationTokenRemove, tokenID.canonicalText), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }

    /// How a tenant stands with Jira Automation: its valid tokens, and what came last by which way.
    public func automationStanding(_ id: TenantID, now: Timestamp) async throws -> AutomationStanding {
        try await driver.read { connection in
            func last(_ condition: String) throws -> Timestamp? {
                try connection.first(
                    """
                    SELECT received_at FROM webhook_events WHERE tenant_id = ? AND \(condition) ORDER BY id DESC LIMIT 1
                    """, [.tenant(id)])?.timestamp()
            }
            let byAutomation = "delivery_id LIKE '\(WebhookDelivery.automationPrefix)%'"
            let count = try connection.first(
                "SELECT COUNT(*) FROM automation_tokens WHERE tenant_id = ? AND \(isValid)",
                [.tenant(id), .timestamp(now)])?.integer()
            return AutomationStanding(
                validTokens: count ?? 0, lastRequestAt: try last(byAutomation),
                lastWebhookAt: try last("NOT \(byAutomation) AND event NOT LIKE 'consilod:%'"))
        }
    }
}

/// A token that has not ended at an instant.
private let isValid = "(expires_at IS NULL OR expires_at > ?)"

private enum TokenColumn: Int, SQLColumns {
    case id, createdAt, expiresAt
    static let list = columnList()
}
