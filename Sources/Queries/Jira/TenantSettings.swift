public import Domain
import Foundation

/// What a tenant changes about itself: its account, with its access to Jira, and its webhook secrets. All throw ``QueryError``,
/// ``RequestError``, and what the store and the vault throw.
public struct TenantSettings: Sendable {
    /// A webhook secret that was just made; it is not shown again.
    public struct NewSecret: Sendable {
        /// As lists show it.
        public var info: WebhookSecretInfo
        /// The secret.
        public var secret: String
    }

    /// What it may have, beside limits of the tenant's own: as for a role's rate, a cost made of anything larger might not be a
    /// finite number any more.
    public static let dailyRate = FieldParser<Double>.number(0...1e12)

    private let store: any QueryStore
    private let seal: @Sendable (String) throws -> String
    private let makeSecret: @Sendable () -> String
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - seal: encrypts a secret.
    ///   - makeSecret: makes a webhook secret.
    ///   - wakeUps: drops what is cached of the tenant.
    public init(
        store: any QueryStore, seal: @escaping @Sendable (String) throws -> String,
        makeSecret: @escaping @Sendable () -> String, wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.seal = seal
        self.makeSecret = makeSecret
        self.wakeUps = wakeUps
        self.now = now
    }

    /// Changes the account, and for the host's owner also what the tenant has subscribed to; what a request does not name
    /// stays. Nil for an unknown tenant.
    public func update(_ fields: RequestFields, by principal: Principal) async throws -> Tenant? {
        let current = try principal.tenant(to: .administer)
        var fields = fields
        let companyName = fields.optional("company_name", .text(1...255))
        let jiraURL = fields.optional("jira_url", .siteURL)
        let jiraEmail = fields.optional("jira_email", .email)
        let jiraToken = fields.optional("jira_token", .secret(10...4096))
        let dailyRate = fields.optional("daily_rate_per_person", Self.dailyRate)
        // A tenant neither resumes its own account nor chooses what it pays for.
        let subscription = try Subscriptions.change(in: &fields, by: principal)
        // Otherwise the holder of the API key could make consilod send the stored Jira token to a host of their own.
        if let jiraURL, jiraURL != current.jiraURL, jiraToken == nil {
            fields.reject("jira_token", "is required when jira_url changes")
        }
        fields.rejectUnread("cannot be changed by this request")
        try fields.check()

        let changes = TenantChanges(
            companyName: companyName, jiraURL: jiraURL, jiraEmail: jiraEmail,
            jiraTokenEncrypted: try jiraToken.map(seal), dailyRatePerPerson: dailyRate,
            subscription: subscription)
        let updated: Tenant?
        do {
            updated = try await store.updateTenant(current.id, changes, by: principal.actor, now: now())
        } catch let error as StorageError where error.code == .conflict {
            throw RequestError.duplicateSite
        }
        if updated != nil { await wakeUps.tenantChanged(current.id) }
        return updated
    }

    /// Adds a webhook secret, made here where a request names none.
    public func addWebhookSecret(_ fields: RequestFields, by principal: Principal) async throws -> NewSecret {
        let id = try principal.tenant(to: .administer).id
        var fields = fields
        let given = fields.optional("secret", .secret(16...1024))
        try fields.check()
        let (secret, secretID, now) = (given ?? makeSecret(), UUID(), now())
        try await store.addWebhookSecret(
            id, secretID: secretID, encrypted: try seal(secret), by: principal.actor, now: now)
        await wakeUps.tenantChanged(id)
        return NewSecret(info: WebhookSecretInfo(id: secretID, createdAt: now), secret: secret)
    }
}
