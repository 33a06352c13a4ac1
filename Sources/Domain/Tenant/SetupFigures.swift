/// What is stored of how far a tenant's set-up is.
public struct SetupFigures: Sendable, Hashable {
    /// How the access to Jira stands; nil for a tenant of which nothing is known.
    public var access: JiraAccessStatus?
    /// When Jira's last webhook was received; nil where none is stored.
    public var lastWebhookAt: Timestamp?
    /// The newest backfills, newest first.
    public var backfills: [Backfill]
    /// Whether any issue is scored.
    public var hasScores: Bool
    /// Channels that are enabled.
    public var channels: Int
    /// Rules that are enabled.
    public var rules: Int

    public init(
        access: JiraAccessStatus?, lastWebhookAt: Timestamp?, backfills: [Backfill], hasScores: Bool, channels: Int,
        rules: Int
    ) {
        self.access = access
        self.lastWebhookAt = lastWebhookAt
        self.backfills = backfills
        self.hasScores = hasScores
        self.channels = channels
        self.rules = rules
    }
}
