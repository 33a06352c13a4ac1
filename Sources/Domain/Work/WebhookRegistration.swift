public import Foundation

/// An admin webhook of a Jira site. Its secret is never shown.
public struct RegisteredWebhook: Sendable, Hashable {
    /// Its number in Jira.
    public var id: String
    /// As administrators of the site see it.
    public var name: String
    /// Where Jira posts to.
    public var url: String
    /// As Jira names them: `jira:issue_updated`, …
    public var events: [String]
    /// JQL; empty for all issues.
    public var jqlFilter: String
    /// False for one that was switched off: Jira sends it nothing.
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

/// The webhooks of a Jira site, sorted by whether they are meant for one tenant's webhook address.
public struct WebhookOverview: Sendable, Hashable {
    /// Where a webhook must point to.
    public var url: String
    /// Those meant for this address. More than one is a fault too: every event is delivered as often.
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
    /// As it is now.
    public var webhook: RegisteredWebhook
    /// Whether it was created; false where an existing one was updated.
    public var isNew: Bool
    /// Others for the same address, which were left as they are.
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

/// Whether a webhook of consilod's own, sent from this host through the public address, arrived in the store.
public struct WebhookTest: Sendable, Hashable {
    /// The address it was sent to.
    public var url: String
    /// Whether it is in the store.
    public var hasArrived: Bool
    /// The HTTP status of the answer; nil where there was no answer.
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
    /// What stands in the way, for programs.
    public enum Kind: Sendable, Hashable {
        /// The host's configuration does not say under which address Jira reaches it.
        case noPublicURL
        /// Jira has no webhook for this address.
        case noWebhook
        /// Jira does not accept the account's token, or the tenant's calls are stopped for that.
        case accountRefused
        /// The account lacks a permission; the tenant's other calls go on.
        case permissionMissing
        /// The secrets were changed at the same time, here or on another node.
        case overtaken
        /// Jira refuses the request, as a filter that is not JQL.
        case requestRefused
        /// A stored secret or token cannot be decrypted with the configured keys.
        case secretUnreadable
        /// Jira cannot be reached now.
        case unavailable
    }

    /// Which of them.
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
