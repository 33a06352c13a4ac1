public import Foundation

/// The plans of the original product, by name. What each costs, limits and has is a row of the store (``SubscriptionPlan``).
public enum Plan: String, Sendable, Codable, CaseIterable {
    case starter, growth, enterprise, free

    /// The limits per calendar month (UTC) that the plan had when its row was made; the row says what they are.
    public var limits: PlanLimits {
        switch self {
        case .starter: PlanLimits(issue: 200, sprint: 5, portfolio: 1)
        case .growth: PlanLimits(issue: nil, sprint: 20, portfolio: 5)
        case .enterprise: PlanLimits(issue: nil, sprint: nil, portfolio: nil)
        case .free: PlanLimits(issue: 10, sprint: 0, portfolio: 0)
        }
    }
}

/// How many analyses a tenant may ask for per calendar month (UTC); nil means unlimited.
public struct PlanLimits: Sendable, Hashable {
    /// Analyses of issues per month.
    public var issue: Int?
    /// Analyses of sprints per month.
    public var sprint: Int?
    /// Analyses of portfolios per month.
    public var portfolio: Int?

    public init(issue: Int?, sprint: Int?, portfolio: Int?) {
        self.issue = issue
        self.sprint = sprint
        self.portfolio = portfolio
    }

    /// The limit of one action; nil means unlimited.
    public subscript(action: UsageAction) -> Int? {
        switch action {
        case .issue: issue
        case .sprint: sprint
        case .portfolio: portfolio
        }
    }

    /// What is left of the month of one action; nil means unlimited.
    public func remaining(_ action: UsageAction, of used: UsageCount) -> Int? {
        self[action].map { max(0, $0 - used[action]) }
    }
}

/// `action_type` of `usage_logs`.
public enum UsageAction: String, Sendable, Codable, CaseIterable {
    case issue, sprint, portfolio
}

/// Analyses asked for within one calendar month.
public struct UsageCount: Sendable, Hashable {
    /// Analyses of issues.
    public var issue: Int
    /// Analyses of sprints.
    public var sprint: Int
    /// Analyses of portfolios.
    public var portfolio: Int

    public init(issue: Int, sprint: Int, portfolio: Int) {
        self.issue = issue
        self.sprint = sprint
        self.portfolio = portfolio
    }

    /// The sum of all actions.
    public var total: Int { issue + sprint + portfolio }

    /// Analyses by one action.
    public subscript(action: UsageAction) -> Int {
        switch action {
        case .issue: issue
        case .sprint: sprint
        case .portfolio: portfolio
        }
    }
}

/// A tenant without its secrets.
public struct Tenant: Sendable, Hashable {
    /// The state of the subscription.
    public enum Status: String, Sendable, Codable, CaseIterable {
        case trial, active, suspended, cancelled
    }

    /// In the URL of its webhooks; grants no access.
    public var id: TenantID
    /// The name for people; not unique.
    public var companyName: String
    /// Site address without a trailing slash: `https://acme.atlassian.net`.
    public var jiraURL: String
    /// The Jira account that calls are made as.
    public var jiraEmail: String
    /// The plan, which `limits` and `features` follow.
    public var plan: Plan
    /// The state of its subscription.
    public var status: Status
    /// What it may use per month: what the plan says, unless it has limits of its own.
    public var limits: PlanLimits
    /// Whether `limits` are its own, which stay when the plan changes.
    public var hasOwnLimits: Bool
    /// What its plan has beside limits.
    public var features: Set<PlanFeature>
    /// The day rate for unassigned work, in the unit of the configured rates.
    public var dailyRatePerPerson: Double
    /// When it was created here.
    public var createdAt: Timestamp
    /// When it was last changed here.
    public var updatedAt: Timestamp
    /// Nil for a trial without an end, and outside a trial.
    public var trialEndsAt: Timestamp?
    /// From when on it is deleted with everything of it; nil for one that is not to be deleted. Until then it can be restored.
    public var deletesAt: Timestamp?

    /// - Parameter features: nil for what the plan had when its row was made.
    public init(
        id: TenantID, companyName: String, jiraURL: String, jiraEmail: String, plan: Plan, status: Status,
        limits: PlanLimits, dailyRatePerPerson: Double, createdAt: Timestamp, updatedAt: Timestamp,
        trialEndsAt: Timestamp?, deletesAt: Timestamp? = nil, hasOwnLimits: Bool = false,
        features: Set<PlanFeature>? = nil
    ) {
        self.id = id
        self.companyName = companyName
        self.jiraURL = jiraURL
        self.jiraEmail = jiraEmail
        self.plan = plan
        self.status = status
        self.limits = limits
        self.dailyRatePerPerson = dailyRatePerPerson
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.trialEndsAt = trialEndsAt
        self.deletesAt = deletesAt
        self.hasOwnLimits = hasOwnLimits
        self.features = features ?? plan.features
    }
}

/// A webhook secret of a tenant, as lists show it: never the secret itself.
public struct WebhookSecretInfo: Sendable, Hashable {
    /// The id to delete it by.
    public var id: UUID
    /// When it was created.
    public var createdAt: Timestamp
    /// From when on it verifies nothing any more, as another has replaced it; nil where it stays.
    public var expiresAt: Timestamp?

    public init(id: UUID, createdAt: Timestamp, expiresAt: Timestamp? = nil) {
        self.id = id
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
