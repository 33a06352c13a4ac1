public import Domain

/// Where verified webhooks are kept.
public protocol WebhookInbox: Sendable {
    /// Returns after the delivery is committed to disk (P1), or was there already (P2).
    ///
    /// Throws `StorageError(.unavailable)` when it cannot be committed now, `StorageError(.stale)` when the tenant
    /// was deleted meanwhile.
    func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome

    /// Does what ``append(_:)`` can do without the database, for large bodies on threads of their own.
    func prepared(_ delivery: WebhookDelivery) -> WebhookDelivery
}

extension WebhookInbox {
    /// The delivery as it is, where there is nothing to prepare.
    public func prepared(_ delivery: WebhookDelivery) -> WebhookDelivery { delivery }
}

/// The active webhook secrets of tenants, in clear, for verification only.
public protocol WebhookSecretSource: Sendable {
    /// Whether the tenant has secrets, besides those that ``webhookSecrets(for:)`` gives, that cannot be opened now: what
    /// none of the others verifies may be good.
    func hasUnreadableSecrets(for tenantID: TenantID) async throws -> Bool

    /// All active secrets of a tenant (several while one is being rotated); nil for an unknown tenant.
    func webhookSecrets(for tenantID: TenantID) async throws -> [[UInt8]]?
}

extension WebhookSecretSource {
    /// False, where secrets are not sealed.
    public func hasUnreadableSecrets(for tenantID: TenantID) async throws -> Bool { false }
}
