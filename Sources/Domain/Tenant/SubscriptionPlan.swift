public import Foundation

/// A plan as the host offers it: a row of `subscription_plans`.
public struct SubscriptionPlan: Sendable, Hashable {
    /// The row's id.
    public var id: UUID
    /// Which plan it is.
    public var name: Plan
    /// What a month costs, in whole units of the host's currency.
    public var priceMonthly: Int
    /// What its tenants may use per month, unless they have limits of their own.
    public var limits: PlanLimits
    /// What its tenants have beside that.
    public var features: Set<PlanFeature>
    /// When the row was made.
    public var createdAt: Timestamp

    public init(
        id: UUID, name: Plan, priceMonthly: Int, limits: PlanLimits, features: Set<PlanFeature>, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.priceMonthly = priceMonthly
        self.limits = limits
        self.features = features
        self.createdAt = createdAt
    }
}

/// Changes to monthly limits; a limit that is not among them stays, and nil inside is "unlimited".
public struct PlanLimitChanges: Sendable, Hashable {
    private var values: [UsageAction: Int?] = [:]

    /// No changes.
    public init() {}

    /// Whether nothing changes.
    public var isEmpty: Bool { values.isEmpty }

    /// Sets the limit of one action; nil means unlimited.
    public mutating func set(_ action: UsageAction, to limit: Int?) { values.updateValue(limit, forKey: action) }

    /// These limits with the changes.
    public func applied(to limits: PlanLimits) -> PlanLimits {
        func limit(_ action: UsageAction) -> Int? {
            guard let changed = values[action] else { return limits[action] }
            return changed
        }
        return PlanLimits(issue: limit(.issue), sprint: limit(.sprint), portfolio: limit(.portfolio))
    }
}

/// Changes to a plan; what is not among them stays.
public struct SubscriptionPlanChanges: Sendable, Hashable {
    /// The new price of a month, in whole units of the host's currency.
    public var priceMonthly: Int?
    /// The new limits.
    public var limits: PlanLimitChanges
    /// Which features it gets (true) or loses (false).
    public var features: [PlanFeature: Bool]

    public init(
        priceMonthly: Int? = nil, limits: PlanLimitChanges = PlanLimitChanges(), features: [PlanFeature: Bool] = [:]
    ) {
        self.priceMonthly = priceMonthly
        self.limits = limits
        self.features = features
    }

    /// A plan with the changes.
    public func applied(to plan: SubscriptionPlan) -> SubscriptionPlan {
        var changed = plan
        changed.priceMonthly = priceMonthly ?? plan.priceMonthly
        changed.limits = limits.applied(to: plan.limits)
        for (feature, isIn) in features {
            if isIn { changed.features.insert(feature) } else { changed.features.remove(feature) }
        }
        return changed
    }
}
