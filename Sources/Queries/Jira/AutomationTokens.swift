public import Domain
public import Foundation

/// The tokens that a tenant's requests of Jira Automation carry. All throw ``QueryError``, ``RequestError``, and what the
/// store throws.
public struct AutomationTokens: Sendable {
    /// A new token and what is stored of it.
    public struct Material: Sendable {
        /// The token, which is shown once.
        public var text: String
        /// Its hash.
        public var hash: String

        public init(text: String, hash: String) {
            self.text = text
            self.hash = hash
        }
    }

    /// A token that was just made; it is not shown again.
    public struct Made: Sendable {
        /// As lists show it.
        public var info: AutomationTokenInfo
        /// The token.
        public var token: String
    }

    private let store: any QueryStore
    private let make: @Sendable () -> Material
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - make: makes a token.
    ///   - wakeUps: drops what is cached of the tenant.
    public init(
        store: any QueryStore, make: @escaping @Sendable () -> Material, wakeUps: WakeUps,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.make = make
        self.wakeUps = wakeUps
        self.now = now
    }

    /// Those there are, oldest first; also those that have ended lately.
    public func list(for principal: Principal) async throws -> [AutomationTokenInfo] {
        try await store.automationTokenInfos(try principal.tenant(to: .administer).id)
    }

    /// Adds a token. `grace_minutes` ends the ones there are after so long; without it they stay.
    public func add(_ fields: RequestFields, by principal: Principal) async throws -> Made {
        let id = try principal.tenant(to: .administer).id
        var fields = fields
        let minutes = fields.optional("grace_minutes", .integer(0...10_080))
        try fields.check()
        let (material, tokenID, now) = (make(), UUID(), now())
        try await store.addAutomationToken(
            id, tokenID: tokenID, hash: material.hash,
            formerUntil: minutes.map { now.adding(seconds: Int64($0) * 60) }, by: principal.actor, now: now)
        await wakeUps.tenantChanged(id)
        return Made(info: AutomationTokenInfo(id: tokenID, createdAt: now), token: material.text)
    }

    /// Ends a token at once; false where there is no such one.
    public func remove(_ tokenID: UUID, by principal: Principal) async throws -> Bool {
        let id = try principal.tenant(to: .administer).id
        guard try await store.removeAutomationToken(id, tokenID: tokenID, by: principal.actor) else { return false }
        await wakeUps.tenantChanged(id)
        return true
    }
}
