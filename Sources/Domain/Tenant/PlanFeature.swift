/// What a plan has or lacks beside its monthly limits, by the names of the columns of `subscription_plans`.
public enum PlanFeature: String, Sendable, Hashable, Codable, CaseIterable {
    /// Lists and analyses as files of comma-separated values.
    case csvExport = "csv_export"
    /// The use of the API with the tenant's API keys.
    case apiAccess = "api_access"
    /// Risk weights of the tenant's own.
    case customRiskWeights = "custom_risk_weights"
    /// Channels that post to Slack and Teams.
    case slackIntegration = "slack_integration"

    /// In words for people, for a sentence that begins "the plan has no".
    public var words: String {
        switch self {
        case .csvExport: "CSV files"
        case .apiAccess: "use of the API with API keys"
        case .customRiskWeights: "risk weights of your own"
        case .slackIntegration: "Slack and Teams channels"
        }
    }
}

extension Plan {
    /// What the plan had when its row was made; the row says what it has.
    public var features: Set<PlanFeature> {
        switch self {
        case .free, .starter: []
        case .growth: [.csvExport, .slackIntegration]
        case .enterprise: Set(PlanFeature.allCases)
        }
    }
}

extension AlertChannel.Kind {
    /// Whether a channel of this kind needs ``PlanFeature/slackIntegration``.
    public var isChat: Bool {
        switch self {
        case .slack, .teams: true
        case .email, .webhook, .alertmanager: false
        }
    }
}
