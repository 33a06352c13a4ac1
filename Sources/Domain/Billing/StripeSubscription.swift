/// Which of Stripe's two worlds is meant. Keys, objects and events of one are unknown to the other.
public enum StripeMode: String, Sendable, Hashable, CaseIterable {
    /// No money moves.
    case test
    /// Real money.
    case live

    /// What Stripe's field `livemode` says of an object.
    public init(livemode: Bool) { self = livemode ? .live : .test }
}

/// A subscription as Stripe had it when it was fetched, as far as consilod looks at it.
public struct StripeSubscription: Sendable, Hashable {
    /// Its state, by Stripe's name (docs.stripe.com/billing/subscriptions/overview, "Subscription statuses").
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// The first payment has not been made yet; it is given up after 23 hours.
        case incomplete
        /// The first payment was never made.
        case incompleteExpired = "incomplete_expired"
        /// In a trial that Stripe keeps.
        case trialing
        /// Paid.
        case active
        /// The newest payment failed, and is tried again.
        case pastDue = "past_due"
        /// Ended.
        case canceled
        /// Payments failed, and are not tried again.
        case unpaid
        /// A trial of Stripe's ended without a means of payment.
        case paused

        /// Whether it never begins, or has ended.
        public var isOver: Bool { self == .canceled || self == .incompleteExpired }
    }

    /// Stripe's id, `sub_…`.
    public var id: String
    /// Its state.
    public var status: Status
    /// The prices of its items, in their order.
    public var priceIDs: [String]
    /// The id of the item that has the first price; nil where the row of a store is read, which does not keep it.
    public var itemID: String?
    /// When what was paid begins; nil where Stripe does not say.
    public var currentPeriodStart: Timestamp?
    /// Until when it is paid; nil where Stripe does not say.
    public var currentPeriodEnd: Timestamp?
    /// Whether it ends then, or before.
    public var cancelAtPeriodEnd: Bool
    /// When a trial of Stripe's ends.
    public var trialEndsAt: Timestamp?
    /// When it was made.
    public var createdAt: Timestamp
    /// The schedule that changes it later, `sub_sched_…`.
    public var scheduleID: String?
    /// Whether a change waits for its payment; not kept by a store.
    public var hasPendingUpdate: Bool
    /// Whether it ends because of a date within what is paid that somebody chose at Stripe; not kept by a store.
    public var endsAtDate: Bool

    public init(
        id: String, status: Status, priceIDs: [String], itemID: String? = nil, currentPeriodStart: Timestamp? = nil,
        currentPeriodEnd: Timestamp? = nil, cancelAtPeriodEnd: Bool = false, trialEndsAt: Timestamp? = nil,
        createdAt: Timestamp, scheduleID: String? = nil, hasPendingUpdate: Bool = false,
        endsAtDate: Bool = false
    ) {
        self.id = id
        self.status = status
        self.priceIDs = priceIDs
        self.itemID = itemID
        self.currentPeriodStart = currentPeriodStart
        self.currentPeriodEnd = currentPeriodEnd
        self.cancelAtPeriodEnd = cancelAtPeriodEnd
        self.trialEndsAt = trialEndsAt
        self.createdAt = createdAt
        self.scheduleID = scheduleID
        self.hasPendingUpdate = hasPendingUpdate
        self.endsAtDate = endsAtDate
    }
}
