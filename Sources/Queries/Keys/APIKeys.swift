public import Domain
public import Foundation

/// The API keys of a tenant, for its owners. All methods throw ``QueryError``, ``RequestError``, and what the store throws.
public struct APIKeys: Sendable {
    /// A key that was just made; its text is not shown again.
    public struct Made: Sendable {
        /// As lists show it.
        public var key: TenantAPIKey
        /// The key itself.
        public var text: String
    }

    /// A text that becomes a key, and what is stored of it.
    public struct Material: Sendable {
        /// The key itself.
        public var text: String
        /// What is stored.
        public var mark: APIKeyMark

        public init(text: String, mark: APIKeyMark) {
            self.text = text
            self.mark = mark
        }
    }

    /// How long a key that is rotated goes on working, in seconds.
    public static let overlaps = 0...2_592_000
    /// Where a request names none: a day.
    public static let standardOverlap = 86_400

    private let store: any APIKeyStore
    private let make: @Sendable () -> Material
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - make: makes a key of random bits.
    ///   - wakeUps: tells open pages that their session may have ended.
    public init(
        store: any APIKeyStore, make: @escaping @Sendable () -> Material, wakeUps: WakeUps,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.make = make
        self.wakeUps = wakeUps
        self.now = now
    }

    /// Oldest first, also those that have ended.
    public func all(for principal: Principal) async throws -> [TenantAPIKey] {
        try await store.apiKeys(try principal.tenant(to: .administer).id)
    }

    /// One of them.
    public func key(_ id: UUID, for principal: Principal) async throws -> TenantAPIKey {
        guard let key = try await all(for: principal).first(where: { $0.id == id }) else {
            throw RequestError.unknownAPIKey
        }
        return key
    }

    /// Adds one.
    public func add(_ fields: RequestFields, by principal: Principal) async throws -> Made {
        let (tenantID, now) = (try principal.tenant(to: .administer).id, now())
        var fields = fields
        let expiresAt = fields.optional("expires_at", .timestamp)
        if let expiresAt, expiresAt <= now { fields.reject("expires_at", "must be later than now") }
        let (name, role) = try fields.required(("name", .text(1...100)), ("role", .choice(Role.ofTenants)))
        let material = make()
        let new = NewAPIKey(id: UUID(), name: name, role: role, mark: material.mark, expiresAt: expiresAt)
        guard let key = try await store.addAPIKey(tenantID, new, by: principal.actor, now: now) else {
            throw QueryError.tenantRequired
        }
        return Made(key: key, text: material.text)
    }

    /// Puts another key with the same name, role and end in place of one, which goes on working for a time.
    public func rotate(
        _ id: UUID, _ fields: RequestFields, by principal: Principal
    ) async throws -> (new: Made, old: TenantAPIKey) {
        let (tenantID, now) = (try principal.tenant(to: .administer).id, now())
        var fields = fields
        let overlap = fields.optional("overlap_seconds", .integer(Self.overlaps)) ?? Self.standardOverlap
        try fields.check()
        let material = make()
        let rotation = try await store.rotateAPIKey(
            tenantID, keyID: id, as: UUID(), mark: material.mark, oldExpiresAt: now.adding(seconds: Int64(overlap)),
            by: principal.actor, now: now)
        switch rotation {
        case .unknown: throw RequestError.unknownAPIKey
        case .over: throw RequestError.apiKeyOver
        case .rotated(let new, let old):
            await wakeUps.tenantChanged(tenantID)
            return (Made(key: new, text: material.text), old)
        }
    }

    /// Ends one at once, with the sessions that began with it.
    public func revoke(_ id: UUID, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .administer).id
        switch try await store.revokeAPIKey(tenantID, keyID: id, by: principal.actor, now: now()) {
        case .unknown: throw RequestError.unknownAPIKey
        case .lastOwner: throw RequestError.lastOwnerKey
        case .revoked: await wakeUps.tenantChanged(tenantID)
        }
    }

    /// Gives the key that the call comes with another text; for the host's owner, the tenant's oldest key of an owner. The
    /// old text stops working at once. Nil for an unknown tenant.
    public func replace(by principal: Principal) async throws -> String? {
        let tenantID = try principal.tenant(to: .administer).id
        let material = make()
        let isReplaced = try await store.replaceAPIKey(
            tenantID, current: principal.apiKeyHash, mark: material.mark, by: principal.actor, now: now())
        guard isReplaced else { return nil }
        await wakeUps.tenantChanged(tenantID)
        return material.text
    }
}
