/// What the tenants of a host have asked for, over all of them.
public struct HostUsage: Sendable, Hashable {
    /// The analyses of one kind on one day (UTC).
    public struct Day: Sendable, Hashable {
        /// As `2026-11-30`.
        public var day: String
        /// What was asked for.
        public var action: UsageAction
        /// How often.
        public var uses: Int
        /// The mean time of those that have ended, in milliseconds; nil where none has.
        public var meanMilliseconds: Double?
        /// The longest time, in milliseconds; nil where none has ended.
        public var longestMilliseconds: Int?

        public init(
            day: String, action: UsageAction, uses: Int, meanMilliseconds: Double?, longestMilliseconds: Int?
        ) {
            self.day = day
            self.action = action
            self.uses = uses
            self.meanMilliseconds = meanMilliseconds
            self.longestMilliseconds = longestMilliseconds
        }
    }

    /// The tenants of one plan.
    public struct PlanUse: Sendable, Hashable {
        /// The plan.
        public var plan: Plan
        /// Tenants that have it.
        public var tenants: Int
        /// Those of them that asked for an analysis.
        public var activeTenants: Int
        /// The analyses they asked for.
        public var uses: Int

        public init(plan: Plan, tenants: Int, activeTenants: Int, uses: Int) {
            self.plan = plan
            self.tenants = tenants
            self.activeTenants = activeTenants
            self.uses = uses
        }
    }

    /// Newest first; days on which nothing was asked for are left out.
    public var days: [Day]
    /// One for each plan that a tenant has.
    public var plans: [PlanUse]
    /// How many tenants were made on each day, newest first; days without one are left out.
    public var tenantsMade: [TenantsMade]

    public init(days: [Day], plans: [PlanUse], tenantsMade: [TenantsMade]) {
        self.days = days
        self.plans = plans
        self.tenantsMade = tenantsMade
    }
}

/// How many tenants were made on a day.
public struct TenantsMade: Sendable, Hashable {
    /// As `2026-11-30`, in UTC.
    public var day: String
    /// How many.
    public var count: Int

    public init(day: String, count: Int) {
        self.day = day
        self.count = count
    }
}

/// What a tenant is, and how much it has asked for.
public struct TenantListing: Sendable, Hashable {
    /// The tenant.
    public var tenant: Tenant
    /// Analyses that it has asked for.
    public var uses: Int

    public init(tenant: Tenant, uses: Int) {
        self.tenant = tenant
        self.uses = uses
    }
}
