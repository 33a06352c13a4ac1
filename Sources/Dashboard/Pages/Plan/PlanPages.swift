public import Queries

/// What the page of the plan reads and does.
public struct PlanPages: Sendable {
    var plans: Plans
    var quota: MonthlyQuota
    var calls: BillingCalls

    /// - Parameters:
    ///   - plans: what each plan costs.
    ///   - quota: what was used of the monthly limits.
    ///   - calls: makes the pages of Stripe where the host sells plans.
    public init(plans: Plans, quota: MonthlyQuota, calls: BillingCalls) {
        self.plans = plans
        self.quota = quota
        self.calls = calls
    }
}
