public import Domain
public import Foundation

/// What the query API needs to look after the webhook by which a tenant's Jira tells consilod what happens.
///
/// All but ``testWebhook(of:)`` ask Jira, under the tenant's budget. They throw ``JiraAdministrationError``, and what the
/// store throws.
public protocol JiraAdministering: Sendable {
    /// The webhooks of the tenant's site: those meant for this host, with what is wrong with them, and the others.
    func webhooks(of tenant: Tenant) async throws -> WebhookOverview

    /// Has Jira send everything consilod understands to the tenant's door, signed with the tenant's newest secret. A
    /// webhook that is meant for it is mended, and only where there is none one is made: repeating it changes nothing.
    ///
    /// - Parameter jqlFilter: which issues Jira tells of; empty for all, nil leaves what is set.
    func registerWebhook(of tenant: Tenant, jqlFilter: String?) async throws -> WebhookRegistration

    /// Makes a new secret, has Jira sign with it, and ends the ones before.
    ///
    /// - Parameter graceSeconds: how long those still verify what Jira has signed with them; 0 or more.
    func rotateWebhookSecret(of tenant: Tenant, graceSeconds: Int64) async throws -> WebhookSecretRotation

    /// Sends a signed webhook of consilod's own to the tenant's public address and looks whether it arrives.
    func testWebhook(of tenant: Tenant) async throws -> WebhookTest
}

/// An admin webhook of a Jira site. Nobody is ever told its secret.
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

/// The webhooks of a Jira site, as seen from one tenant's door.
public struct WebhookOverview: Sendable, Hashable {
    /// Where a webhook must point to.
    public var url: String
    /// Those meant for this door. More than one is a fault too: everything comes as often.
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
    /// Whether it was made; false where one that was there was set anew.
    public var isNew: Bool
    /// Others that are meant for the same door, which were left as they are.
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
    /// Until when the secrets before still verify.
    public var formerValidUntil: Timestamp

    public init(secretID: UUID, webhookIDs: [String], formerValidUntil: Timestamp) {
        self.secretID = secretID
        self.webhookIDs = webhookIDs
        self.formerValidUntil = formerValidUntil
    }
}

/// How a webhook of consilod's own fared on its way from this host through the public address into the store.
public struct WebhookTest: Sendable, Hashable {
    /// The address it was sent to.
    public var url: String
    /// Whether it is in the store.
    public var hasArrived: Bool
    /// The HTTP status of the answer; nil where none came.
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

/// Why a tenant's webhook could not be looked after. Holds no secret.
public struct JiraAdministrationError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The host's configuration does not say under which address Jira reaches it.
        case noPublicURL
        /// Jira has no webhook for this door.
        case noWebhook
        /// Jira does not accept the account's token, or the tenant's calls are stopped for that.
        case accountRefused
        /// The account lacks a permission; the tenant's other calls go on.
        case permissionMissing
        /// Somebody else changed the secrets at the same time.
        case overtaken
        /// Jira refuses what it was asked, as a filter that is no JQL.
        case requestRefused
        /// Jira cannot be asked now.
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
