public import Domain

/// The webhook through which a tenant's Jira reports to consilod. All throw ``QueryError``, ``RequestError``, and what the
/// store throws.
public struct JiraWebhooks: Sendable {
    /// How long former secrets still verify by default. Jira sends a webhook again up to five
    /// times, 5 to 15 minutes apart, and what follows from bulk changes up to 15 minutes late.
    private static let graceMinutes = 90

    private let administration: any JiraAdministering
    private let audit: any AuditStore
    private let isEnabled: Bool
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - audit: keeps what changes nothing in the store.
    ///   - isEnabled: whether this host calls Jira at all.
    public init(
        administration: any JiraAdministering, audit: any AuditStore, isEnabled: Bool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.administration = administration
        self.audit = audit
        self.isEnabled = isEnabled
        self.now = now
    }

    /// Those of the tenant's site.
    public func overview(for principal: Principal) async throws -> WebhookOverview {
        let tenant = try principal.tenant(to: .read)
        try checkEnabled()
        return try await answered { try await administration.webhooks(of: tenant) }
    }

    /// Makes Jira report everything; repairs what is there.
    public func register(_ fields: RequestFields, by principal: Principal) async throws -> WebhookRegistration {
        let tenant = try principal.tenant(to: .administer)
        try checkEnabled()
        var fields = fields
        let filter = fields.optional("jql_filter", .text(0...4000))
        try fields.check()
        let done = try await answered {
            try await administration.registerWebhook(of: tenant, jqlFilter: filter, by: principal.actor)
        }
        let act = AuditAct(
            .webhookRegister, done.webhook.id,
            after: ["is_new": .flag(done.isNew), "jql_filter": .text(done.webhook.jqlFilter)])
        try await audit.record(act, in: .tenant(tenant.id), by: principal.actor, now: now())
        return done
    }

    /// Makes a new secret, and Jira sign with it.
    public func rotateSecret(_ fields: RequestFields, by principal: Principal) async throws -> WebhookSecretRotation {
        let tenant = try principal.tenant(to: .administer)
        try checkEnabled()
        var fields = fields
        let minutes = fields.optional("grace_minutes", .integer(0...10_080)) ?? Self.graceMinutes
        try fields.check()
        return try await answered {
            try await administration.rotateWebhookSecret(
                of: tenant, graceSeconds: Int64(minutes) * 60, by: principal.actor)
        }
    }

    /// Sends a webhook of consilod's own through the public address.
    public func test(by principal: Principal) async throws -> WebhookTest {
        let tenant = try principal.tenant(to: .manage)
        let test = try await answered { try await administration.testWebhook(of: tenant, by: principal.actor) }
        let act = AuditAct(.webhookTest, after: ["has_arrived": .flag(test.hasArrived)])
        try await audit.record(act, in: .tenant(tenant.id), by: principal.actor, now: now())
        return test
    }

    private func checkEnabled() throws(RequestError) {
        guard isEnabled else { throw .jiraDisabled }
    }

    private func answered<Value: Sendable>(_ ask: () async throws -> Value) async throws -> Value {
        do {
            return try await ask()
        } catch let error as JiraAdministrationError {
            throw RequestError.administration(error)
        }
    }
}
