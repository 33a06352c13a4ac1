public import Domain
public import Foundation

/// A value that the store keeps sealed, with its place.
public struct SealedValue: Sendable, Hashable {
    /// What is sealed.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case jiraToken = "Jira token"
        case webhookSecret = "webhook secret"
        case channelTarget = "channel address"
        case recipient
        case mailAddress = "mail address"
        case erasureKey = "key of erased people"
    }

    /// What is sealed.
    public var kind: Kind
    /// Of the tenant for its Jira token and its key of erased people, else of the secret, the channel, the notification or the recipient.
    public var id: UUID
    /// As it is stored.
    public var sealed: String
}

extension RiskStore {
    /// A page of the sealed values of a kind, in the order of their ids, behind `after`.
    ///
    /// - Parameter waitingOnly: without the recipients of deliveries that are over, of which there may be many.
    public func sealedValues(
        _ kind: SealedValue.Kind, waitingOnly: Bool = false, after: UUID?, limit: Int
    ) async throws -> [SealedValue] {
        let (table, column) = kind.place
        let isKept =
            switch kind {
            case .jiraToken: "NOT is_deleted AND "
            case .recipient: "recipient_encrypted IS NOT NULL AND \(waitingOnly ? "state = 'queued' AND " : "")"
            case .erasureKey: "erasure_key_encrypted IS NOT NULL AND NOT is_deleted AND "
            case .webhookSecret, .channelTarget, .mailAddress: ""
            }
        let first = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return try await driver.read { connection in
            try connection.query(
                "SELECT id, \(column) FROM \(table) WHERE \(isKept)id > ? ORDER BY id LIMIT ?",
                [.uuid(after ?? first), .integer(limit)]
            ).map { SealedValue(kind: kind, id: try $0.uuid(0), sealed: try $0.text(1)) }
        }
    }

    /// Replaces sealed values by others, in one transaction; those that were changed or deleted meanwhile stay as they are.
    public func replaceSealed(_ replacements: [SealedValue: String], by actor: Actor) async throws {
        // In one order everywhere, so that no two transactions wait for each other.
        let ordered = replacements.sorted { $0.key.id.uuidString < $1.key.id.uuidString }
        let now = now()
        try await driver.write { connection in
            var count = 0
            for (value, sealed) in ordered {
                let (table, column) = value.kind.place
                count += try connection.execute(
                    "UPDATE \(table) SET \(column) = ? WHERE id = ? AND \(column) = ?",
                    [.text(sealed), .uuid(value.id), .text(value.sealed)])
            }
            guard count > 0 else { return }
            try AuditStatements.append(
                AuditAct(.storeReseal, after: ["values": .count(count)]), to: .host, by: actor, at: now, in: connection)
        }
    }

    /// The value that only the store's encryption key opens; nil on a store that has none yet.
    public func sealedCanary() async throws -> String? {
        try await driver.read {
            try $0.first("SELECT sealed_canary FROM store_state WHERE name = 'store'", [])?.optionalText()
        }
    }

    /// Replaces that value.
    public func setSealedCanary(_ sealed: String, by actor: Actor) async throws {
        let now = now()
        try await driver.write { connection in
            try connection.run(
                """
                INSERT INTO store_state (name, sealed_canary) VALUES ('store', ?)
                ON CONFLICT (name) DO UPDATE SET sealed_canary = excluded.sealed_canary
                """, [.text(sealed)])
            try AuditStatements.append(AuditAct(.storeKey), to: .host, by: actor, at: now, in: connection)
        }
    }
}

extension SealedValue.Kind {
    /// The table and the column.
    fileprivate var place: (table: String, column: String) {
        switch self {
        case .jiraToken: ("tenants", "jira_token_encrypted")
        case .webhookSecret: ("webhook_secrets", "secret_encrypted")
        case .channelTarget: ("alert_channels", "target_encrypted")
        case .recipient: ("notifications", "recipient_encrypted")
        case .mailAddress: ("mail_recipients", "address_encrypted")
        case .erasureKey: ("tenants", "erasure_key_encrypted")
        }
    }
}
