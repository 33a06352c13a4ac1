/// Changes to what a tenant has subscribed to; what is not among them stays. Of the host's owner, and of what bills.
public struct SubscriptionChange: Sendable, Hashable {
    /// The new plan.
    public var plan: Plan?
    /// The new state.
    public var status: Tenant.Status?
    /// Limits of the tenant's own.
    public var limits: PlanLimitChanges
    /// False has the limits follow the plan again; true keeps the present ones as the tenant's own.
    public var hasOwnLimits: Bool?
    /// The new end of the trial; nil inside means without end.
    public var trialEndsAt: Timestamp??

    public init(
        plan: Plan? = nil, status: Tenant.Status? = nil, limits: PlanLimitChanges = PlanLimitChanges(),
        hasOwnLimits: Bool? = nil, trialEndsAt: Timestamp?? = .none
    ) {
        self.plan = plan
        self.status = status
        self.limits = limits
        self.hasOwnLimits = hasOwnLimits
        self.trialEndsAt = trialEndsAt
    }

    /// Whether nothing changes.
    public var isEmpty: Bool { self == SubscriptionChange() }

    /// A tenant with the changes. Its limits are those of the plan, unless it has its own, which no change of the plan
    /// touches.
    ///
    /// - Parameter row: the plan that the tenant has then.
    public func applied(to tenant: Tenant, of row: SubscriptionPlan) -> Tenant {
        var changed = tenant
        changed.plan = row.name
        changed.features = row.features
        changed.status = status ?? tenant.status
        if let trialEndsAt { changed.trialEndsAt = trialEndsAt }
        changed.hasOwnLimits = limits.isEmpty ? hasOwnLimits ?? tenant.hasOwnLimits : true
        // The first limit of its own leaves the others as they are.
        let present = tenant.hasOwnLimits || plan == nil ? tenant.limits : row.limits
        changed.limits = changed.hasOwnLimits ? limits.applied(to: present) : row.limits
        return changed
    }
}
