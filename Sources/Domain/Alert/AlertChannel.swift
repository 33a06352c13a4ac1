public import Foundation

/// Where alerts of a tenant go.
public struct AlertChannel: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Slack's incoming webhooks: `text` and `blocks`.
        case slack
        /// SMTP mail through the host's relay.
        case email
    }

    public var id: UUID
    public var kind: Kind
    public var name: String
    /// Slack: the webhook URL, a secret. Email: addresses separated by commas.
    public var target: String
    public var isEnabled: Bool
    /// Whether texts that not everybody in Jira may read are sent there: those of issues with a security level.
    public var showsRestricted: Bool

    public init(
        id: UUID, kind: Kind, name: String, target: String, isEnabled: Bool = true, showsRestricted: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.target = target
        self.isEnabled = isEnabled
        self.showsRestricted = showsRestricted
    }
}
