/// How often a tenant asked for one thing on one day.
public struct UsageDay: Sendable, Hashable {
    /// As `2026-11-30`, in UTC.
    public var day: String
    /// What was asked for.
    public var action: UsageAction
    /// How often; at least 1.
    public var uses: Int
    /// How long that took together, in milliseconds.
    public var processingMilliseconds: Int

    public init(day: String, action: UsageAction, uses: Int, processingMilliseconds: Int) {
        self.day = day
        self.action = action
        self.uses = uses
        self.processingMilliseconds = processingMilliseconds
    }
}

/// A ``UsageDay`` of a tenant, for the host's owner.
public struct TenantUsageDay: Sendable, Hashable {
    /// Whose.
    public var tenantID: TenantID
    /// The tenant's name, as it is now.
    public var companyName: String
    /// The tenant's plan, as it is now.
    public var plan: Plan
    /// What it asked for.
    public var usage: UsageDay

    public init(tenantID: TenantID, companyName: String, plan: Plan, usage: UsageDay) {
        self.tenantID = tenantID
        self.companyName = companyName
        self.plan = plan
        self.usage = usage
    }
}
