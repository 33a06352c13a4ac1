public import Domain

/// What the query API needs to administer the webhook by which a tenant's Jira reports its events.
///
/// All but ``testWebhook(of:)`` make calls to Jira, under the tenant's budget. They throw ``JiraAdministrationError``, and
/// what the store throws.
public protocol JiraAdministering: Sendable {
    /// The webhooks of the tenant's site: those meant for this host, with what is wrong with them, and the others.
    func webhooks(of tenant: Tenant) async throws -> WebhookOverview

    /// Makes Jira send every event that consilod understands to the tenant's webhook address, signed with the tenant's
    /// newest secret. An existing webhook for that address is repaired, otherwise one is created: repeating it changes
    /// nothing.
    ///
    /// - Parameter jqlFilter: which issues Jira reports; empty for all, nil leaves what is set.
    func registerWebhook(of tenant: Tenant, jqlFilter: String?) async throws -> WebhookRegistration

    /// Makes a new secret, makes Jira sign with it, and expires the earlier ones.
    ///
    /// - Parameter graceSeconds: how long the earlier ones still verify, in seconds; 0 or more.
    func rotateWebhookSecret(of tenant: Tenant, graceSeconds: Int64) async throws -> WebhookSecretRotation

    /// Sends a signed webhook of consilod's own to the tenant's public address and looks whether it arrives.
    func testWebhook(of tenant: Tenant) async throws -> WebhookTest
}
