public import Domain
import Foundation

/// Makes tenants: for the host's owner, and where the host lets people do that, for those who have none.
public struct TenantCreation: Sendable {
    /// A tenant that was just made, with what is shown once.
    public struct Made: Sendable {
        /// The tenant.
        public var tenant: Tenant
        /// Its first API key, an owner's.
        public var apiKey: String
        /// Its first webhook secret.
        public var webhookSecret: String
    }

    /// What a new tenant begins with.
    public struct Terms: Sendable {
        /// The plan, and so the monthly limits.
        public var plan: Plan
        /// The length of the trial, in days; 0 means without end.
        public var trialDays: Int

        public init(plan: Plan, trialDays: Int) {
            self.plan = plan
            self.trialDays = trialDays
        }
    }

    private let store: any QueryStore
    private let terms: Terms
    private let seal: @Sendable (String) throws -> String
    private let makeKey: @Sendable () -> APIKeys.Material
    private let makeSecret: @Sendable () -> String
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - seal: encrypts a secret.
    ///   - makeKey: makes an API key.
    ///   - makeSecret: makes a webhook secret.
    public init(
        store: any QueryStore, terms: Terms, seal: @escaping @Sendable (String) throws -> String,
        makeKey: @escaping @Sendable () -> APIKeys.Material, makeSecret: @escaping @Sendable () -> String,
        wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.terms = terms
        self.seal = seal
        self.makeKey = makeKey
        self.makeSecret = makeSecret
        self.wakeUps = wakeUps
        self.now = now
    }

    /// For the host's owner.
    public func make(_ fields: RequestFields, by actor: Actor) async throws -> Made {
        let (new, made) = try prepared(fields)
        try await storing { try await store.createTenant(new, by: actor) }
        await wakeUps.tenantChanged(new.tenant.id)
        var shown = made
        shown.tenant = try await store.tenant(new.tenant.id) ?? made.tenant
        return shown
    }

    /// For the person of a session, who becomes its owner. The first API key is shown to no one: owners make others. Nil where the session
    /// has ended, or the person has a tenant already.
    public func make(
        _ fields: RequestFields, sessionHash: String, from origin: RequestOrigin?
    ) async throws -> Tenant? {
        let (new, made) = try prepared(fields)
        let isMade = try await storing {
            try await store.createTenant(new, sessionHash: sessionHash, from: origin)
        }
        guard isMade else { return nil }
        await wakeUps.tenantChanged(new.tenant.id)
        return try await store.tenant(new.tenant.id) ?? made.tenant
    }

    private func prepared(_ fields: RequestFields) throws -> (NewTenant, Made) {
        var fields = fields
        let dailyRate = fields.optional("daily_rate_per_person", TenantSettings.dailyRate)
        let (companyName, jiraURL, jiraEmail, jiraToken) = try fields.required(
            ("company_name", .text(1...255)), ("jira_url", .siteURL), ("jira_email", .email),
            ("jira_token", .secret(10...4096)))
        let now = now()
        let tenant = Tenant(
            id: TenantID(UUID()), companyName: companyName, jiraURL: jiraURL, jiraEmail: jiraEmail, plan: terms.plan,
            status: .trial, limits: terms.plan.limits, dailyRatePerPerson: dailyRate ?? 2500, createdAt: now,
            updatedAt: now, trialEndsAt: terms.trialDays > 0 ? now.adding(days: terms.trialDays) : nil)
        let (key, webhookSecret) = (makeKey(), makeSecret())
        let new = NewTenant(
            tenant: tenant, jiraTokenEncrypted: try seal(jiraToken), apiKeyHash: key.mark.hash,
            apiKeyPrefix: key.mark.prefix, webhookSecretID: UUID(), webhookSecretEncrypted: try seal(webhookSecret),
            rules: AlertRule.defaults(), followsPlan: true)
        return (new, Made(tenant: tenant, apiKey: key.text, webhookSecret: webhookSecret))
    }

    private func storing<Result>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as StorageError where error.code == .conflict {
            throw RequestError.duplicateSite
        }
    }
}
