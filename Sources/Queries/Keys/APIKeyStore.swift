public import Domain
public import Foundation

/// What the doors need of the store for API keys. Every method but the first and the last is about one tenant only (P8). `by`
/// names who causes a change.
public protocol APIKeyStore: Sendable {
    /// Whose a key is, by its stored form, with the tenant; nil for an unknown, ended or revoked key.
    func apiKeyHolder(hash: String, now: Timestamp) async throws -> APIKeyHolder?
    /// Oldest first, also those that have ended.
    func apiKeys(_ id: TenantID) async throws -> [TenantAPIKey]
    /// Nil when the tenant is unknown. Throws `StorageError(.limitReached)` where it has as many valid ones as it may.
    func addAPIKey(
        _ id: TenantID, _ key: NewAPIKey, by actor: Actor, now: Timestamp
    ) async throws -> TenantAPIKey?
    /// Puts another key beside one, with its name, role and end, and has the one end at `oldExpiresAt` at the latest. Throws
    /// as `addAPIKey` does.
    func rotateAPIKey(
        _ id: TenantID, keyID: UUID, as newID: UUID, mark: APIKeyMark, oldExpiresAt: Timestamp, by actor: Actor,
        now: Timestamp
    ) async throws -> APIKeyRotation
    /// Deletes a key with the sessions that began with it. The last key of an owner that has no end stays.
    func revokeAPIKey(
        _ id: TenantID, keyID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> APIKeyRevocation
    /// Gives the key of this stored form another text; the old one stops working. Without one it is the oldest valid key of
    /// an owner, or a new one where the tenant has no such key. False when the tenant or the key is unknown.
    func replaceAPIKey(
        _ id: TenantID, current: String?, mark: APIKeyMark, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// Notes when keys were last used.
    func noteAPIKeyUses(_ uses: [UUID: Timestamp]) async throws
}
