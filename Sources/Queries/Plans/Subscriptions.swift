public import Domain

/// Changes what tenants have subscribed to: the one way for the host's owner and for whatever bills. All throw
/// ``QueryError``, ``RequestError``, and what the store throws.
public struct Subscriptions: Sendable {
    /// The fields of a request that only the host's owner may send.
    public static let ownersFields = [
        "plan", "status", "trial_ends_at", "monthly_issue_limit", "monthly_sprint_limit", "monthly_portfolio_limit",
        "own_limits",
    ]

    /// A monthly limit.
    static let limit = FieldParser<Int>.integer(0...1_000_000_000)

    private let store: any QueryStore
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameter wakeUps: tells open pages of the change.
    public init(store: any QueryStore, wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.wakeUps = wakeUps
        self.now = now
    }

    /// Changes the subscription of a tenant in one transaction, with its row of the audit log; the tenant as it is then, nil
    /// when it is unknown.
    public func change(_ id: TenantID, _ change: SubscriptionChange, by actor: Actor) async throws -> Tenant? {
        let updated = try await store.updateTenant(
            id, TenantChanges(subscription: change), by: actor, now: now())
        if updated != nil { await wakeUps.tenantChanged(id) }
        return updated
    }

    /// As the other, by what a subscription at Stripe says, as long as the lease of the claim is held: in the same transaction, so
    /// that a node that decided by something older changes nothing. Throws `StorageError(.stale)` when the lease was lost.
    public func change(_ change: SubscriptionChange, under claim: StripeClaim) async throws -> Tenant? {
        let updated = try await store.updateTenant(under: claim, change, now: now())
        if let updated { await wakeUps.tenantChanged(updated.id) }
        return updated
    }

    /// As the other, from a form or a body of the host's owner.
    public func change(_ id: TenantID, _ fields: RequestFields, by principal: Principal) async throws -> Tenant? {
        var fields = fields
        let change = try Self.change(in: &fields, by: principal)
        try fields.check()
        return try await self.change(id, change, by: principal.actor)
    }

    /// Reads what a request changes of a subscription; errors are noted in `fields`. Throws `.ownersFields` where anybody but
    /// the host's owner sends such a field, whatever it holds.
    static func change(in fields: inout RequestFields, by principal: Principal) throws -> SubscriptionChange {
        guard principal.may(.operate) else {
            let sent = fields.named(among: ownersFields)
            guard sent.isEmpty else { throw QueryError.ownersFields(sent) }
            return SubscriptionChange()
        }
        var change = SubscriptionChange(
            plan: fields.optional("plan", .choice(Plan.allCases)),
            status: fields.optional("status", .choice(Tenant.Status.allCases)),
            trialEndsAt: fields.change("trial_ends_at", .timestamp))
        if !fields.named(among: ["own_limits"]).isEmpty { change.hasOwnLimits = fields.optional("own_limits", .bool) }
        for action in UsageAction.allCases {
            if let limit = fields.change("monthly_\(action.rawValue)_limit", Self.limit) {
                change.limits.set(action, to: limit)
            }
        }
        if change.hasOwnLimits == false, !change.limits.isEmpty {
            fields.reject("own_limits", "must not be false where a limit is set")
        }
        return change
    }
}
