import Domain

/// What a tenant has subscribed to, and what it has used of it this month.
struct SubscriptionView: Encodable, Sendable {
    var plan: Plan
    var status: Tenant.Status
    var trialEndsAt: Nullable<Timestamp>
    /// As Stripe names it; null without a subscription.
    var subscriptionStatus: Nullable<String>
    var currentPeriodEnd: Nullable<Timestamp>
    var cancelAtPeriodEnd: Bool
    var monthlyIssueUsed: Int
    var monthlyIssueLimit: Nullable<Int>
    var monthlySprintUsed: Int
    var monthlySprintLimit: Nullable<Int>
    var monthlyPortfolioUsed: Int
    var monthlyPortfolioLimit: Nullable<Int>

    init(_ tenant: Tenant, _ account: StripeAccount?, used: UsageCount) {
        let subscription = account?.subscription
        self.plan = tenant.plan
        self.status = tenant.status
        self.trialEndsAt = Nullable(tenant.trialEndsAt)
        self.subscriptionStatus = Nullable(subscription?.status.rawValue)
        self.currentPeriodEnd = Nullable(subscription?.currentPeriodEnd)
        self.cancelAtPeriodEnd = subscription?.cancelAtPeriodEnd ?? false
        self.monthlyIssueUsed = used.issue
        self.monthlyIssueLimit = Nullable(tenant.limits.issue)
        self.monthlySprintUsed = used.sprint
        self.monthlySprintLimit = Nullable(tenant.limits.sprint)
        self.monthlyPortfolioUsed = used.portfolio
        self.monthlyPortfolioLimit = Nullable(tenant.limits.portfolio)
    }
}

/// A page on which a subscription is paid for.
struct CheckoutView: Encodable, Sendable {
    var checkoutURL: String
    var sessionID: String
}

/// A page on which payments are seen to.
struct PortalView: Encodable, Sendable {
    var portalURL: String
}
