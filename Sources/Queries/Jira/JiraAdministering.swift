public import Domain

/// What the doors need to administer the webhook through which a tenant's Jira reports to consilod.
///
/// All but ``testWebhook(of:by:)`` call Jira, under the tenant's budget. They throw ``JiraAdministrationError``, and what the
/// store throws. `by` names who causes a change.
public protocol JiraAdministering: Sendable {
    /// The webhooks of the tenant's site: those meant for this host, with what is wrong with them, and the others.
    func webhooks(of tenant: Tenant) async throws -> WebhookOverview

    /// Makes Jira send everything consilod understands to the tenant's webhook URL, signed with the tenant's newest
    /// secret. An existing webhook for this URL is repaired; otherwise one is created. Idempotent.
    ///
    /// - Parameter jqlFilter: which issues Jira reports; empty for all, nil keeps the current filter.
    func registerWebhook(of tenant: Tenant, jqlFilter: String?, by actor: Actor) async throws -> WebhookRegistration

    /// Makes a new secret, makes Jira sign with it, and expires the former ones.
    ///
    /// - Parameter graceSeconds: how long former secrets still verify; 0 or more.
    func rotateWebhookSecret(of tenant: Tenant, graceSeconds: Int64, by actor: Actor) async throws
        -> WebhookSecretRotation

    /// Sends a signed webhook of consilod's own to the tenant's public address and checks that it is stored.
    func testWebhook(of tenant: Tenant, by actor: Actor) async throws -> WebhookTest
}
