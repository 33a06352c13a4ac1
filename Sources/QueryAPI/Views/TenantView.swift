import Domain
import Foundation

/// A tenant, under the original product's names. A limit of null means unlimited.
struct TenantView: Encodable, Sendable {
    var id: TenantID
    var companyName: String
    var jiraURL: String
    var jiraEmail: String
    var plan: Plan
    var status: Tenant.Status
    var dailyRatePerPerson: Double
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var trialEndsAt: Nullable<Timestamp>
    var deletesAt: Nullable<Timestamp>
    var monthlyIssueLimit: Nullable<Int>
    var monthlySprintLimit: Nullable<Int>
    var monthlyPortfolioLimit: Nullable<Int>
    /// Whether the limits are the tenant's own, and do not follow the plan.
    var ownLimits: Bool

    init(_ tenant: Tenant) {
        self.id = tenant.id
        self.companyName = tenant.companyName
        self.jiraURL = tenant.jiraURL
        self.jiraEmail = tenant.jiraEmail
        self.plan = tenant.plan
        self.status = tenant.status
        self.dailyRatePerPerson = tenant.dailyRatePerPerson
        self.createdAt = tenant.createdAt
        self.updatedAt = tenant.updatedAt
        self.trialEndsAt = Nullable(tenant.trialEndsAt)
        self.deletesAt = Nullable(tenant.deletesAt)
        self.monthlyIssueLimit = Nullable(tenant.limits.issue)
        self.monthlySprintLimit = Nullable(tenant.limits.sprint)
        self.monthlyPortfolioLimit = Nullable(tenant.limits.portfolio)
        self.ownLimits = tenant.hasOwnLimits
    }
}

/// A tenant just created, with the secrets that are shown this once.
struct CreatedTenantView: Encodable, Sendable {
    var tenant: TenantView
    var secrets: Secrets

    struct Secrets: Encodable, Sendable {
        var apiKey: String
        var webhookSecret: String
        /// Where Jira is to post this tenant's webhooks.
        var webhookURL: String
    }

    func encode(to encoder: any Encoder) throws {
        try tenant.encode(to: encoder)
        try secrets.encode(to: encoder)
    }
}

/// What a tenant has used of its plan this month.
struct UsageView: Encodable, Sendable {
    var tenantID: TenantID
    var period: String
    var issueAnalyses: Int
    var sprintAnalyses: Int
    var portfolioAnalyses: Int
    var totalCalls: Int
    var issueLimit: Nullable<Int>
    var sprintLimit: Nullable<Int>
    var portfolioLimit: Nullable<Int>
    var issueRemaining: Nullable<Int>
    var sprintRemaining: Nullable<Int>
    var portfolioRemaining: Nullable<Int>

    init(_ tenant: Tenant, used: UsageCount, month: CalendarMonth) {
        let limits = tenant.limits
        func remaining(_ action: UsageAction) -> Nullable<Int> { Nullable(limits.remaining(action, of: used)) }
        self.tenantID = tenant.id
        self.period = month.name
        self.issueAnalyses = used.issue
        self.sprintAnalyses = used.sprint
        self.portfolioAnalyses = used.portfolio
        self.totalCalls = used.total
        self.issueLimit = Nullable(limits.issue)
        self.sprintLimit = Nullable(limits.sprint)
        self.portfolioLimit = Nullable(limits.portfolio)
        self.issueRemaining = remaining(.issue)
        self.sprintRemaining = remaining(.sprint)
        self.portfolioRemaining = remaining(.portfolio)
    }
}

/// A tenant's new API key, shown this once.
struct APIKeyView: Encodable, Sendable {
    var apiKey: String
}

/// A webhook secret; `secret` only in the answer that created it.
struct WebhookSecretView: Encodable, Sendable {
    var id: String
    var createdAt: Timestamp
    var expiresAt: Nullable<Timestamp>
    var secret: String?

    init(id: UUID, createdAt: Timestamp, expiresAt: Timestamp? = nil, secret: String? = nil) {
        self.id = id.canonicalText
        self.createdAt = createdAt
        self.expiresAt = Nullable(expiresAt)
        self.secret = secret
    }
}

/// When a tenant is deleted.
struct DeletionView: Encodable, Sendable {
    var message: String
    var deletesAt: Timestamp
}

/// An answer that only says what was done.
struct MessageView: Encodable, Sendable {
    var message: String
}
