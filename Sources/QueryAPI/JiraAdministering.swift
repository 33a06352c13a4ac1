public import Domain
public import Foundation

/// What the query API needs to administer the webhook through which a tenant's Jira reports to consilod.
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

/// An admin webhook of a Jira site. Jira never shows its secret.
public struct RegisteredWebhook: Sendable, Hashable {
    /// Its number in Jira.
    public var id: String
    public var name: String
    public var url: String
    /// As Jira names them: `jira:issue_updated`, …
    public var events: [String]
    /// JQL; empty for all issues.
    public var jqlFilter: String
    public var isEnabled: Bool
    /// What is wrong with it, a short sentence each.
    public var faults: [String]

    public init(
        id: String, name: String, url: String, events: [String], jqlFilter: String, isEnabled: Bool, faults: [String]
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.events = events
        self.jqlFilter = jqlFilter
        self.isEnabled = isEnabled
        self.faults = faults
    }
}

/// The webhooks of a Jira site, as one tenant sees them.
public struct WebhookOverview: Sendable, Hashable {
    /// Where a webhook must point to.
    public var url: String
    /// Those for this tenant's URL. More than one is a fault: every event then arrives as often.
    public var own: [RegisteredWebhook]
    /// The names of all others.
    public var others: [String]

    public init(url: String, own: [RegisteredWebhook], others: [String]) {
        self.url = url
        self.own = own
        self.others = others
    }
}

/// What registering a webhook has done.
public struct WebhookRegistration: Sendable, Hashable {
    public var webhook: RegisteredWebhook
    /// Whether it was created; false where an existing one was updated.
    public var isNew: Bool
    /// Further webhooks for the same URL, which were left as they are.
    public var doubles: [RegisteredWebhook]

    public init(webhook: RegisteredWebhook, isNew: Bool, doubles: [RegisteredWebhook]) {
        self.webhook = webhook
        self.isNew = isNew
        self.doubles = doubles
    }
}

/// What rotating the webhook secret has done.
public struct WebhookSecretRotation: Sendable, Hashable {
    /// Which of the tenant's webhook secrets Jira now signs with.
    public var secretID: UUID
    /// The numbers of the webhooks that have it.
    public var webhookIDs: [String]
    /// Until when the former secrets still verify.
    public var formerValidUntil: Timestamp

    public init(secretID: UUID, webhookIDs: [String], formerValidUntil: Timestamp) {
        self.secretID = secretID
        self.webhookIDs = webhookIDs
        self.formerValidUntil = formerValidUntil
    }
}

/// The result of a webhook that consilod sent itself, from this host through the public URL into the store.
public struct WebhookTest: Sendable, Hashable {
    /// The address it was sent to.
    public var url: String
    /// Whether it is in the store.
    public var hasArrived: Bool
    /// The HTTP status of the answer; nil without an answer.
    public var status: Int?
    /// What happened, in one sentence for people.
    public var detail: String
    /// From sending to answer.
    public var milliseconds: Int

    public init(url: String, hasArrived: Bool, status: Int?, detail: String, milliseconds: Int) {
        self.url = url
        self.hasArrived = hasArrived
        self.status = status
        self.detail = detail
        self.milliseconds = milliseconds
    }
}

/// Why a tenant's webhook could not be administered. Holds no secret.
public struct JiraAdministrationError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The host's configuration does not say under which address Jira reaches it.
        case noPublicURL
        /// Jira has no webhook for this tenant's URL.
        case noWebhook
        /// Jira does not accept the account's token, or the tenant's calls are stopped for that.
        case accountRefused
        /// The account lacks a permission; the tenant's other calls go on.
        case permissionMissing
        /// The secrets were changed by another request at the same time.
        case overtaken
        /// Jira refuses the request, such as a filter that is not JQL.
        case requestRefused
        /// Jira does not answer now.
        case unavailable
    }

    public var kind: Kind
    /// One sentence that says what to do.
    public var description: String
    /// When to try again, in seconds, where that is known.
    public var retryAfterSeconds: Int64?

    public init(_ kind: Kind, _ description: String, retryAfterSeconds: Int64? = nil) {
        self.kind = kind
        self.description = description
        self.retryAfterSeconds = retryAfterSeconds
    }
}
