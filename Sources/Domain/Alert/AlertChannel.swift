public import Foundation

/// Where alerts of a tenant go.
public struct AlertChannel: Sendable, Hashable {
    /// The protocol of a channel, by the words of the API.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Slack's incoming webhooks: `text` and `blocks`.
        case slack
        /// SMTP mail through the host's relay.
        case email
        /// JSON, signed as Standard Webhooks say.
        case webhook
        /// A workflow of Microsoft Teams: an Adaptive Card.
        case teams
        /// A Prometheus Alertmanager, by its API v2.
        case alertmanager

        /// Whether people read there what is longer than an alert.
        public var takesDigests: Bool { self != .alertmanager }
    }

    /// Chosen by consilod; rules name their channels by it.
    public var id: UUID
    /// Which protocol `target` is an address of.
    public var kind: Kind
    /// For people, as `#delivery`.
    public var name: String
    /// Slack and Teams: the webhook URL, a secret. Alertmanager: its URL. Email: addresses separated by commas. Webhook: the JSON of a
    /// ``WebhookTarget``.
    public var target: String
    /// Alerts for a channel that is disabled become dead letters.
    public var isEnabled: Bool
    /// Whether texts that not everybody in Jira may read are sent there: those of issues with a security level, and of
    /// comments that only a role or group may read.
    public var showsRestricted: Bool
    /// When nothing is sent there; nil for never.
    public var quietHours: QuietHours?
    /// When a digest is sent there; nil for never.
    public var digest: DigestSchedule?
    /// Whether alerts are sent there at all; else it is for digests alone, and no route and no rule sends anything there.
    public var takesAlerts: Bool

    /// Whether the owner of an address that is new to a mail channel is asked before the first alert. False for channels that
    /// were made when no owner was asked: the addresses that they have count as confirmed.
    public var asksRecipients: Bool

    public init(
        id: UUID, kind: Kind, name: String, target: String, isEnabled: Bool = true, showsRestricted: Bool = false,
        quietHours: QuietHours? = nil, digest: DigestSchedule? = nil, takesAlerts: Bool = true,
        asksRecipients: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.target = target
        self.isEnabled = isEnabled
        self.showsRestricted = showsRestricted
        self.quietHours = quietHours
        self.digest = digest
        self.takesAlerts = takesAlerts
        self.asksRecipients = asksRecipients
    }
}
