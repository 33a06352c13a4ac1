public import Domain

extension BillingDesk {
    /// Changes to a higher plan at once. What is left of the paid period is taken into account, and the difference is paid at
    /// once; where that payment fails everything stays as it is, and `.refused` is thrown. A cancellation that has not come into
    /// force is withdrawn, and with the present plan also a downgrade; with another plan `.changeAgreed` is thrown then.
    public func upgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws {
        guard let price = terms.price(of: plan) else { throw BillingError.notForSale(plan) }
        try budget.take(tenant.id)
        // Looked for before the subscription is read: what is completed in between shows there.
        let isCancelling = try await sync.unfinishedCancellation(of: tenant.id) != nil
        let current = try await current(of: tenant)
        let present = try presentPlan(of: current)
        guard present.rank <= plan.rank, let itemID = current.itemID else { throw BillingError.notHigher(plan) }
        let isOther = present != plan
        let isAsked = isOther || isCancelling || current.cancelAtPeriodEnd || current.scheduleID != nil
        guard isAsked else { return try await sync.run(for: tenant.id) }
        // What was agreed on before holds until a change is paid for.
        guard !current.hasPendingUpdate || (isOther && current.scheduleID == nil) else {
            throw BillingError.refused(code: Self.paymentPending)
        }
        if isOther { try await checkMayChangePrice(of: current) }
        let intent = try await beginChange(
            .upgrade, of: tenant, parameters: "plan=\(plan.rawValue)&price=\(price)&subscription=\(current.id)",
            decidedBy: current, by: actor)
        try await checkMayStillBuy(tenant, intent)
        try await release(current, intent)
        if isOther {
            let form = StripeForm([
                "items[0][id]": itemID, "items[0][price]": price, "proration_behavior": "always_invoice",
                "payment_behavior": "pending_if_incomplete",
            ])
            try await write(intent) { () async throws(StripeFailure) -> Void in
                let isPending = try await client.update(current.id, form, key: intent.idempotencyKey())
                guard !isPending else { throw StripeFailure.refused(code: Self.paymentPending, parameter: nil) }
            }
        }
        try await stay(current, intent)
        try await checkHolds(current.id, of: tenant, intent) {
            terms.plan(of: $0) == plan && !$0.cancelAtPeriodEnd
        }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// Changes to a lower plan at the end of what is paid; to the free one the subscription ends then. Throws `.changeAgreed` where
    /// it ends then already.
    public func downgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws {
        guard plan != .free else { return try await cancel(tenant, atPeriodEnd: true, by: actor) }
        guard let price = terms.price(of: plan) else { throw BillingError.notForSale(plan) }
        try budget.take(tenant.id)
        let current = try await current(of: tenant)
        guard try presentPlan(of: current).rank > plan.rank, let presentPrice = current.priceIDs.first
        else { throw BillingError.notLower(plan) }
        try checkHasOneItem(current)
        // The schedule would have it go on, or be ended without the lower plan; and a tenant may be deleted because it ends.
        guard !current.cancelAtPeriodEnd else { throw BillingError.changeAgreed }
        // Its first phase would name the price of before, and the change may be paid for after that.
        guard !current.hasPendingUpdate else { throw BillingError.refused(code: Self.paymentPending) }
        let intent = try await beginChange(
            .downgrade, of: tenant, parameters: "plan=\(plan.rawValue)&price=\(price)&subscription=\(current.id)",
            decidedBy: current, by: actor)
        let schedule = try await schedule(of: current, intent)
        let form = try await perform(intent) { () async throws(StripeFailure) -> StripeForm in
            // A phase without the end of a trial would end it, and be charged for, at once.
            let trialEnd = current.status == .trialing ? current.trialEndsAt : nil
            return try schedule.change(from: presentPrice, to: price, trialEndsAt: trialEnd)
        }
        try await write(intent) { () async throws(StripeFailure) -> Void in
            // With other terms, as a discount that has got another id, it is another call.
            let key = intent.idempotencyKey("-phases-\(form.digest.prefix(16))")
            try await client.update(schedule: schedule.id, form, key: key)
        }
        try await checkHolds(current.id, of: tenant, intent) { $0.scheduleID == schedule.id }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// Ends the subscription, at the end of what is paid or at once, and then without money back. At once only where it is the only
    /// one: the same call again, because an answer was lost, would end the next one. One that has ended already is no failure then.
    public func cancel(_ tenant: Tenant, atPeriodEnd: Bool, by actor: Actor) async throws {
        try budget.take(tenant.id)
        let all = try await subscriptions(of: tenant)
        guard let current = SubscriptionPlanner.current(of: all) else { throw BillingError.notSubscribed }
        guard !current.status.isOver else {
            guard current.status == .canceled, !atPeriodEnd else { throw BillingError.notSubscribed }
            return try await sync.run(for: tenant.id)
        }
        guard !atPeriodEnd || !current.cancelAtPeriodEnd else { return try await sync.run(for: tenant.id) }
        guard atPeriodEnd || all.count(where: { !$0.status.isOver && $0.status != .incomplete }) < 2 else {
            throw BillingError.refused(code: StripeProblem.severalSubscriptions.rawValue)
        }
        let intent = try await beginChange(
            .cancel, of: tenant,
            parameters: StripeIntent.cancellation(of: current.id, atPeriodEnd: atPeriodEnd), decidedBy: current,
            by: actor)
        if atPeriodEnd {
            // Without the downgrade, and not cancelled yet, it would renew itself at the higher price.
            try await release(current, intent, isCarriedOn: true)
            try await write(intent) { () async throws(StripeFailure) -> Void in
                try await client.update(current.id, .cancellation, key: intent.idempotencyKey())
            }
            try await checkHolds(current.id, of: tenant, intent) { $0.cancelAtPeriodEnd || $0.status.isOver }
        } else {
            try await write(intent) { () async throws(StripeFailure) -> Void in try await client.end(current.id) }
        }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// The code of a change that waits for its payment.
    private static let paymentPending = "payment_pending"

    /// Begins a change, and reads the subscription again: since it was read first, a call that has ended meanwhile may have changed
    /// it, and what follows would undo that. Throws `.underWay` then.
    private func beginChange(
        _ kind: StripeIntent.Kind, of tenant: Tenant, parameters: String, decidedBy known: StripeSubscription,
        by actor: Actor
    ) async throws -> StripeIntent {
        let intent = try await begin(kind, of: tenant, parameters: parameters, isResumable: true, by: actor)
        var present: StripeSubscription?
        do {
            present = try await current(of: tenant)
        } catch let error as BillingError {
            guard error == .notSubscribed else { throw error }
        }
        guard present == known else {
            try await finish(intent, .failed("changed"))
            throw BillingError.overtaken
        }
        return intent
    }

    /// The plan of a subscription. Throws `.refused` for a price that is not configured: nothing is above or below it.
    private func presentPlan(of subscription: StripeSubscription) throws -> Plan {
        guard let plan = terms.plan(of: subscription) else {
            throw BillingError.refused(code: StripeProblem.unknownPrice.rawValue)
        }
        return plan
    }

    /// Reads a subscription again after a change: to a key that was used before a process ended Stripe repeats its answer, also where
    /// the change was undone at Stripe since. Throws `.underWay` then, and the same call is made under a new key the next time.
    private func checkHolds(
        _ subscriptionID: String, of tenant: Tenant, _ intent: StripeIntent,
        _ holds: (StripeSubscription) -> Bool
    ) async throws {
        let present = try await subscriptions(of: tenant).first { $0.id == subscriptionID }
        guard let present, holds(present) else {
            try await finish(intent, .failed("without_effect"))
            throw BillingError.overtaken
        }
    }

    /// Throws `.refused` for a subscription with several items, which consilod never makes: which of them is the plan, and what
    /// becomes of the others, is for somebody at Stripe to say.
    private func checkHasOneItem(_ subscription: StripeSubscription) throws {
        guard subscription.priceIDs.count == 1 else { throw BillingError.refused(code: "several_items") }
    }

    /// Throws where another price would take back what was agreed on, also when it is not paid for; and where a payment is overdue: to
    /// Stripe a subscription is paid when its newest invoice is, and that one would be about the small difference alone.
    private func checkMayChangePrice(of subscription: StripeSubscription) async throws {
        try checkHasOneItem(subscription)
        guard subscription.status == .active || subscription.status == .trialing else {
            throw BillingError.refused(code: "payment_overdue")
        }
        guard let id = subscription.scheduleID else { return }
        let schedule: StripeSchedule
        do throws(StripeFailure) {
            schedule = try await client.schedule(id)
        } catch {
            throw BillingError(error)
        }
        guard !schedule.changesLater else { throw BillingError.changeAgreed }
    }

    /// The schedule of a subscription: one that is there, which may be of this call, whose answer was lost, or a new one.
    private func schedule(of subscription: StripeSubscription, _ intent: StripeIntent) async throws -> StripeSchedule {
        if let id = subscription.scheduleID {
            return try await perform(intent) { () async throws(StripeFailure) -> StripeSchedule in
                try await client.schedule(id)
            }
        }
        return try await write(intent) { () async throws(StripeFailure) -> StripeSchedule in
            try await client.makeSchedule(of: subscription.id, key: intent.idempotencyKey("-schedule"))
        }
    }

    /// Without the schedule of an earlier downgrade, which would refuse the change, or undo it.
    private func release(
        _ subscription: StripeSubscription, _ intent: StripeIntent, isCarriedOn: Bool = false
    ) async throws {
        guard let id = subscription.scheduleID else { return }
        try await write(intent, isCarriedOn: isCarriedOn) { () async throws(StripeFailure) -> Void in
            try await client.release(schedule: id, key: intent.idempotencyKey("-release"))
        }
    }

    /// Withdraws a cancellation: who buys more stays. Only what is set is undone: Stripe may refuse both in one call.
    private func stay(_ subscription: StripeSubscription, _ intent: StripeIntent) async throws {
        guard subscription.cancelAtPeriodEnd else { return }
        let form =
            subscription.endsAtDate ? StripeForm(["cancel_at": ""]) : StripeForm(["cancel_at_period_end": "false"])
        try await write(intent) { () async throws(StripeFailure) -> Void in
            try await client.update(subscription.id, form, key: intent.idempotencyKey("-stay"))
        }
    }
}
