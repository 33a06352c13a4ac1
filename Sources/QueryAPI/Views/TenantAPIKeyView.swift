import Domain
import Foundation
import Queries

/// An API key of a tenant; `api_key` only in the answer that made it.
struct TenantAPIKeyView: Encodable, Sendable {
    var id: String
    var name: String
    var role: Role
    var prefix: Nullable<String>
    /// The name under which changes made with the key are recorded.
    var actor: String
    var createdAt: Timestamp
    var createdBy: String
    var expiresAt: Nullable<Timestamp>
    var lastUsedAt: Nullable<Timestamp>
    var replacedBy: Nullable<String>
    var apiKey: String?

    init(_ key: TenantAPIKey, text: String? = nil) {
        id = key.id.canonicalText
        name = key.name
        role = key.role
        prefix = Nullable(key.prefix)
        actor = "\(Actor.apiKey(key.fingerprint))"
        createdAt = key.createdAt
        createdBy = key.createdBy
        expiresAt = Nullable(key.expiresAt)
        lastUsedAt = Nullable(key.lastUsedAt)
        replacedBy = Nullable(key.replacedBy?.canonicalText)
        apiKey = text
    }

    init(_ made: APIKeys.Made) { self.init(made.key, text: made.text) }
}

/// A key that was made for another, and the other one with its end.
struct APIKeyRotationView: Encodable, Sendable {
    var new: TenantAPIKeyView
    var old: TenantAPIKeyView
}
