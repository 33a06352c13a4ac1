public import Foundation

/// A token that a tenant's requests of Jira Automation carry, as lists show it: never the token itself.
public struct AutomationTokenInfo: Sendable, Hashable {
    /// The id to delete it by.
    public var id: UUID
    /// When it was made.
    public var createdAt: Timestamp
    /// From when on it opens nothing any more, as another has replaced it; nil where it stays.
    public var expiresAt: Timestamp?

    public init(id: UUID, createdAt: Timestamp, expiresAt: Timestamp? = nil) {
        self.id = id
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// How a tenant stands with Jira Automation, and with signed webhooks beside it.
public struct AutomationStanding: Sendable, Hashable {
    /// How many tokens are valid; 0 or more.
    public var validTokens: Int
    /// When the last request of Jira Automation was stored; nil where none is.
    public var lastRequestAt: Timestamp?
    /// When the last signed webhook was stored; nil where none is.
    public var lastWebhookAt: Timestamp?

    public init(validTokens: Int, lastRequestAt: Timestamp? = nil, lastWebhookAt: Timestamp? = nil) {
        self.validTokens = validTokens
        self.lastRequestAt = lastRequestAt
        self.lastWebhookAt = lastWebhookAt
    }
}
