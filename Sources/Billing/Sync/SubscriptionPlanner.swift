public import Domain

/// Decides what a tenant has by the subscriptions that its customer has at Stripe. Pure: the same subscriptions, in any order,
/// give the same decision, whatever events said.
public struct SubscriptionPlanner: Sendable {
    /// What follows from a fetch.
    public struct Decision: Sendable, Hashable {
        /// What is stored of the fetch.
        public var reading: StripeReading
        /// What changes for the tenant.
        public var change: SubscriptionChange
        /// When time alone changes the decision; nil where it never does.
        public var turnsAt: Timestamp?
    }

    private let terms: StripeTerms

    public init(terms: StripeTerms) { self.terms = terms }

    /// - Parameters:
    ///   - subscriptions: all of the customer.
    ///   - known: what the fetch before found.
    ///   - tenant: as it is.
    ///   - now: an instant that is certainly not after the true one, by which a grace ends.
    ///   - seenAt: the wall clock, by which a grace begins: what is certain of the time may be far behind it. It begins with the
    ///     period that is not paid for, where that clock is behind.
    public func decide(
        _ subscriptions: [StripeSubscription], known: StripeAccount, tenant: Tenant, now: Timestamp,
        seenAt: Timestamp
    ) -> Decision {
        guard let current = Self.current(of: subscriptions) else {
            return Decision(reading: StripeReading(subscription: nil), change: SubscriptionChange())
        }
        let paying = subscriptions.filter { Self.rank($0.status) >= Self.rank(.pastDue) }
        var reading = StripeReading(
            subscription: Self.stored(current, over: known.subscription),
            problem: paying.count > 1 ? .severalSubscriptions : nil)
        if current.status == .pastDue {
            // Another subscription's is another debt.
            let isSame = known.subscription?.id == current.id
            // The invoice is of this period, by Stripe's clock: ours may be behind, and the grace would be over when it is set.
            let firstSeenAt = max(seenAt, now, current.currentPeriodStart ?? now)
            reading.pastDueSince = (isSame ? known.pastDueSince : nil) ?? firstSeenAt
        }
        let graceEnd = reading.pastDueSince?.adding(days: terms.graceDays)
        reading.graceEndsAt = graceEnd
        let plan = terms.plan(of: current)
        // Several come first: a tenant that is to be deleted is kept for them.
        if plan == nil, !current.status.isOver, reading.problem == nil { reading.problem = .unknownPrice }
        let turn = graceEnd ?? (current.status == .trialing ? current.trialEndsAt : nil)
        let target = target(of: current, plan: plan, known: known, tenant: tenant, graceEnd: graceEnd, now: now)
        return Decision(
            reading: reading, change: target.map { $0.change(of: tenant) } ?? SubscriptionChange(),
            turnsAt: turn.flatMap { $0 > now ? $0 : nil })
    }

    /// As the other, where a problem stands in the way of a fetch: what was known stays. Only a grace that has begun ends where Stripe
    /// does not know the customer: who does not pay does not keep a plan for good because the customer was deleted.
    public func decide(
        without problem: StripeProblem, known: StripeAccount, tenant: Tenant, now: Timestamp
    ) -> Decision {
        var reading = StripeReading(
            subscription: known.subscription, pastDueSince: known.pastDueSince,
            graceEndsAt: known.pastDueSince?.adding(days: terms.graceDays))
        reading.problem = problem
        let isOver =
            problem == .customerMissing && known.subscription?.status == .pastDue
            && reading.graceEndsAt.map { $0 <= now } ?? false
        let change = isOver ? Target(plan: nil, status: .cancelled).change(of: tenant) : SubscriptionChange()
        return Decision(reading: reading, change: change)
    }

    /// What the tenant is to have.
    private struct Target {
        /// Nil leaves it as it is.
        var plan: Plan?
        var status: Tenant.Status

        /// Only what differs. The host's owner alone ends a suspension.
        func change(of tenant: Tenant) -> SubscriptionChange {
            var change = SubscriptionChange()
            if let plan, tenant.plan != plan { change.plan = plan }
            if tenant.status != .suspended, tenant.status != status { change.status = status }
            if tenant.trialEndsAt != nil { change.trialEndsAt = .some(nil) }
            return change
        }
    }

    /// Nil where nothing follows.
    private func target(
        of current: StripeSubscription, plan: Plan?, known: StripeAccount, tenant: Tenant, graceEnd: Timestamp?,
        now: Timestamp
    ) -> Target? {
        // An unknown price gives no plan; but what a tenant had, and was locked for want of a payment, is open once it is paid.
        let isOpened = plan != nil || tenant.status == .cancelled
        let paid = isOpened ? Target(plan: plan, status: .active) : nil
        switch current.status {
        // A trial of Stripe's is a purchase: neither the lock of our trials nor the mails about their end are for it.
        case .active, .trialing: return paid
        case .pastDue:
            let isOver = graceEnd.map { $0 <= now } ?? true
            return isOver ? Target(plan: plan, status: .cancelled) : paid
        // What was bought waits until it is paid for, whichever price it has.
        case .unpaid, .paused: return Target(plan: plan, status: .cancelled)
        // Nothing was paid yet, and nothing is given.
        case .incomplete, .incompleteExpired: return nil
        case .canceled:
            // Once: what the host's owner gives such a tenant later stays.
            let wasSeen = known.subscription?.id == current.id && known.subscription?.status == .canceled
            return wasSeen ? nil : Target(plan: .free, status: .active)
        }
    }

    /// What is stored of a fetch. One that was never paid for does not hide the end of another, which would be carried out a
    /// second time when it is given up.
    private static func stored(
        _ current: StripeSubscription, over known: StripeSubscription?
    ) -> StripeSubscription {
        guard current.status == .incomplete || current.status == .incompleteExpired, let known,
            known.status == .canceled
        else { return current }
        return known
    }

    /// The subscription that counts: the one that gives the most, and of several the newest.
    static func current(of subscriptions: [StripeSubscription]) -> StripeSubscription? {
        subscriptions.max { a, b in
            (rank(a.status), a.createdAt, a.id) < (rank(b.status), b.createdAt, b.id)
        }
    }

    /// How much a state gives.
    private static func rank(_ status: StripeSubscription.Status) -> Int {
        switch status {
        case .active, .trialing: 5
        case .pastDue: 4
        case .unpaid, .paused: 3
        case .incomplete: 2
        case .canceled: 1
        case .incompleteExpired: 0
        }
    }
}
