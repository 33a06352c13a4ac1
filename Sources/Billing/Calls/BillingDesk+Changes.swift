public import Domain

extension BillingDesk {
    /// Changes to a higher plan at once. What is left of the paid period is taken into account, and the difference is paid at
    /// once; where that payment fails everything stays as it is, and `.refused` is thrown. A cancellation or a
    /// downgrade that has not come into force is withdrawn.
    public func upgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws {
        guard let price = terms.price(of: plan) else { throw BillingError.notForSale(plan) }
        let current = try await current(of: tenant)
        guard let present = terms.plan(of: current), present.rank <= plan.rank, let itemID = current.itemID else {
            throw BillingError.notHigher(plan)
        }
        let isAsked = present != plan || current.cancelAtPeriodEnd || current.scheduleID != nil
        guard isAsked else { return try await sync.run(for: tenant.id) }
        // What was agreed on before holds until a change is paid for.
        guard !current.hasPendingUpdate || (present != plan && current.scheduleID == nil) else {
            throw BillingError.refused(code: Self.paymentPending)
        }
        let intent = try await begin(
            .upgrade, of: tenant, parameters: "plan=\(plan.rawValue)&price=\(price)&subscription=\(current.id)",
            isResumable: true, by: actor)
        let form = StripeForm([
            "items[0][id]": itemID, "items[0][price]": price, "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
        ])
        try await perform(intent) { () async throws(StripeFailure) -> Void in
            try await release(current, intent)
            if present != plan {
                let isPending = try await client.update(current.id, form, key: intent.idempotencyKey())
                guard !isPending else { throw StripeFailure.refused(code: Self.paymentPending, parameter: nil) }
            }
            guard current.cancelAtPeriodEnd else { return }
            // Who buys more stays.
            // Only what is set is undone: Stripe may refuse both in one call.
            let stay: StripeForm =
                current.endsAtDate ? StripeForm(["cancel_at": ""]) : StripeForm(["cancel_at_period_end": "false"])
            try await client.update(current.id, stay, key: intent.idempotencyKey("-stay"))
        }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// Changes to a lower plan at the end of what is paid; to the free one the subscription ends then.
    public func downgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws {
        guard plan != .free else { return try await cancel(tenant, atPeriodEnd: true, by: actor) }
        guard let price = terms.price(of: plan) else { throw BillingError.notForSale(plan) }
        let current = try await current(of: tenant)
        guard let present = terms.plan(of: current), present.rank > plan.rank, let presentPrice = current.priceIDs.first
        else { throw BillingError.notLower(plan) }
        // The phases below would drop the others.
        guard current.priceIDs.count == 1 else { throw BillingError.refused(code: "several_items") }
        let intent = try await begin(
            .downgrade, of: tenant, parameters: "plan=\(plan.rawValue)&price=\(price)&subscription=\(current.id)",
            isResumable: true, by: actor)
        try await perform(intent) { () async throws(StripeFailure) -> Void in
            // One that is there is changed: it may be of this call, whose answer was lost.
            let schedule: StripeSchedule
            if let id = current.scheduleID {
                schedule = try await client.schedule(id)
            } else {
                schedule = try await client.makeSchedule(of: current.id, key: intent.idempotencyKey("-schedule"))
            }
            guard let phase = schedule.currentPhase ?? schedule.phases.first else { throw StripeFailure.malformed }
            var form = StripeForm([
                "end_behavior": "release", "proration_behavior": "none",
                "phases[0][items][0][price]": presentPrice, "phases[0][items][0][quantity]": "1",
                "phases[0][start_date]": "\(phase.startDate)", "phases[0][end_date]": "\(phase.endDate)",
                "phases[1][items][0][price]": price, "phases[1][items][0][quantity]": "1",
                "phases[1][iterations]": "1",
            ])
            // A phase without it would end the trial, and be charged for, at once.
            if current.status == .trialing, let end = current.trialEndsAt {
                form.add("phases[0][trial_end]", "\(end.stripeSeconds)")
            }
            try await client.update(schedule: schedule.id, form, key: intent.idempotencyKey("-phases"))
        }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// Ends the subscription, at the end of what is paid or at once, and then without money back.
    public func cancel(_ tenant: Tenant, atPeriodEnd: Bool, by actor: Actor) async throws {
        let current = try await current(of: tenant)
        guard !atPeriodEnd || !current.cancelAtPeriodEnd else { return try await sync.run(for: tenant.id) }
        let intent = try await begin(
            .cancel, of: tenant, parameters: "at_period_end=\(atPeriodEnd)&subscription=\(current.id)",
            isResumable: true, by: actor)
        try await perform(intent) { () async throws(StripeFailure) -> Void in
            guard atPeriodEnd else { return try await client.end(current.id) }
            try await release(current, intent)
            try await client.update(
                current.id, StripeForm(["cancel_at_period_end": "true"]), key: intent.idempotencyKey())
        }
        try await finish(intent, .done(current.id))
        try await sync.run(for: tenant.id)
    }

    /// The code of a change that waits for its payment.
    private static let paymentPending = "payment_pending"

    /// Without the schedule of an earlier downgrade, which would refuse the change, or undo it.
    private func release(_ subscription: StripeSubscription, _ intent: StripeIntent) async throws(StripeFailure) {
        guard let id = subscription.scheduleID else { return }
        try await client.release(schedule: id, key: intent.idempotencyKey("-release"))
    }
}
