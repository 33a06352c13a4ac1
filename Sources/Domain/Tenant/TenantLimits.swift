/// How many of each thing a tenant may have. Whatever a tenant can make many of costs the host something each time: a
/// secret for every webhook, a rule and a channel for every alert.
///
/// A limit holds for what is added. What there is already stays and works, also above a limit that was lowered.
public struct TenantLimits: Sendable, Hashable {
    /// What is limited, under the name that answers and the configuration use.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case apiKeys = "api_keys"
        case invitations
        case webhookSecrets = "webhook_secrets"
        case automationTokens = "automation_tokens"
        case alertChannels = "alert_channels"
        case alertRules = "alert_rules"
        case alertRoutes = "alert_routes"
        case alertSilences = "alert_silences"
        case channelRecipients = "channel_recipients"
        case runningBackfills = "running_backfills"

        /// In words for people, in the plural.
        public var words: String {
            switch self {
            case .apiKeys: "valid API keys"
            case .invitations: "invitations that wait"
            case .webhookSecrets: "valid webhook secrets"
            case .automationTokens: "valid automation tokens"
            case .alertChannels: "alert channels"
            case .alertRules: "alert rules"
            case .alertRoutes: "alert routes"
            case .alertSilences: "silences that have not ended"
            case .channelRecipients: "recipients of a channel"
            case .runningBackfills: "running backfills"
            }
        }

        /// The default.
        public var standard: Int {
            switch self {
            case .apiKeys: 20
            case .invitations: 50
            // One in use, one that replaces it, and one of each for a second webhook.
            case .webhookSecrets, .automationTokens: 4
            case .alertChannels: 50
            case .alertRules: 100
            case .alertRoutes: 100
            case .alertSilences: 200
            case .channelRecipients: 50
            case .runningBackfills: 10
            }
        }
    }

    private var values: [Kind: Int] = [:]

    /// The defaults.
    public init() {}

    /// The limit of a kind; at least 1.
    public subscript(kind: Kind) -> Int {
        get { values[kind] ?? kind.standard }
        set { values[kind] = max(1, newValue) }
    }
}
