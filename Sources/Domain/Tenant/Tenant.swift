public import Foundation

/// The plans of the original product and what they allow per calendar month (UTC).
public enum Plan: String, Sendable, Codable, CaseIterable {
    case starter, growth, enterprise, free

    /// The monthly limit of each action; nil means unlimited.
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
    public var issue: Int?
    public var sprint: Int?
    public var portfolio: Int?

    public init(issue: Int?, sprint: Int?, portfolio: Int?) {
        self.issue = issue
        self.sprint = sprint
        self.portfolio = portfolio
    }

    public subscript(action: UsageAction) -> Int? {
        switch action {
        case .issue: issue
        case .sprint: sprint
        case .portfolio: portfolio
        }
    }
}

/// `action_type` of `usage_logs`.
public enum UsageAction: String, Sendable, Codable, CaseIterable {
    case issue, sprint, portfolio
}

/// Analyses asked for within one calendar month.
public struct UsageCount: Sendable, Hashable {
    public var issue: Int
    public var sprint: Int
    public var portfolio: Int

    public init(issue: Int, sprint: Int, portfolio: Int) {
        self.issue = issue
        self.sprint = sprint
        self.portfolio = portfolio
    }

    public var total: Int { issue + sprint + portfolio }
}

/// A tenant without its secrets.
public struct Tenant: Sendable, Hashable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        case trial, active, suspended, cancelled
    }

    public var id: TenantID
    public var companyName: String
    /// Site address without a trailing slash: `https://acme.atlassian.net`.
    public var jiraURL: String
    public var jiraEmail: String
    public var plan: Plan
    public var status: Status
    public var limits: PlanLimits
    /// The day rate for unassigned work, in the unit of the configured rates.
    public var dailyRatePerPerson: Double
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var trialEndsAt: Timestamp?

    public init(
        id: TenantID, companyName: String, jiraURL: String, jiraEmail: String, plan: Plan, status: Status,
        limits: PlanLimits, dailyRatePerPerson: Double, createdAt: Timestamp, updatedAt: Timestamp,
        trialEndsAt: Timestamp?
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
    }
}

/// A webhook secret of a tenant, as lists show it: never the secret itself.
public struct WebhookSecretInfo: Sendable, Hashable {
    public var id: UUID
    public var createdAt: Timestamp
    /// From when on it verifies nothing any more, as another has replaced it; nil where it stays.
    public var expiresAt: Timestamp?

    public init(id: UUID, createdAt: Timestamp, expiresAt: Timestamp? = nil) {
        self.id = id
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
