public import Domain

/// The plans of the host: what each costs, limits and has. All throw ``QueryError``, ``RequestError``, and what the store
/// throws.
public struct Plans: Sendable {
    private let store: any QueryStore
    private let now: @Sendable () -> Timestamp

    public init(store: any QueryStore, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// All, the cheapest first.
    public func all() async throws -> [SubscriptionPlan] { try await store.subscriptionPlans() }

    /// Changes one; what a request does not name stays.
    public func update(
        _ name: Plan, _ fields: RequestFields, by principal: Principal
    ) async throws -> SubscriptionPlan {
        guard principal.may(.operate) else { throw QueryError.forbidden(.operate) }
        var fields = fields
        var changes = SubscriptionPlanChanges(priceMonthly: fields.optional("price_monthly", .integer(0...1_000_000)))
        for action in UsageAction.allCases {
            if let limit = fields.change("\(action.rawValue)_analyses_monthly", Subscriptions.limit) {
                changes.limits.set(action, to: limit)
            }
        }
        for feature in PlanFeature.allCases where !fields.named(among: [feature.rawValue]).isEmpty {
            changes.features[feature] = fields.optional(feature.rawValue, .bool)
        }
        fields.rejectUnread("cannot be changed by this request")
        try fields.check()
        return try await store.updatePlan(name, changes, by: principal.actor, now: now())
    }
}
