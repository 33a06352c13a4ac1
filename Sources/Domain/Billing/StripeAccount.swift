/// What stands in the way of a tenant's subscription, by a code that does not change.
public enum StripeProblem: String, Sendable, Hashable, CaseIterable {
    /// No plan has the price of the subscription; the tenant's plan stays.
    case unknownPrice = "unknown_price"
    /// The customer's objects are of the other mode than the configured one; nothing is read from them.
    case otherMode = "other_mode"
    /// The customer has several subscriptions that cost something.
    case severalSubscriptions = "several_subscriptions"
    /// Stripe does not know the customer.
    case customerMissing = "customer_missing"
}

/// A tenant as a customer of Stripe.
public struct StripeAccount: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// Stripe's id, `cus_…`.
    public var customerID: String
    /// The subscription as it was fetched last; nil where there was none.
    public var subscription: StripeSubscription?
    /// When the payment was first seen to be overdue; nil while it is not.
    public var pastDueSince: Timestamp?
    /// When it was fetched last.
    public var fetchedAt: Timestamp?
    /// What stood in the way then.
    public var problem: StripeProblem?

    public init(
        tenantID: TenantID, customerID: String, subscription: StripeSubscription? = nil, pastDueSince: Timestamp? = nil,
        fetchedAt: Timestamp? = nil, problem: StripeProblem? = nil
    ) {
        self.tenantID = tenantID
        self.customerID = customerID
        self.subscription = subscription
        self.pastDueSince = pastDueSince
        self.fetchedAt = fetchedAt
        self.problem = problem
    }
}

/// A tenant whose subscription is being fetched.
public struct StripeClaim: Sendable, Hashable {
    /// The tenant as it was known before.
    public var account: StripeAccount
    /// Proves that the lease is still held.
    public var leaseToken: String
    /// How many events had come; later ones have it fetched again.
    public var generation: Int
    /// How often it failed in a row.
    public var attempts: Int

    public init(account: StripeAccount, leaseToken: String, generation: Int, attempts: Int) {
        self.account = account
        self.leaseToken = leaseToken
        self.generation = generation
        self.attempts = attempts
    }
}

/// What a fetch found.
public struct StripeReading: Sendable, Hashable {
    /// The subscription that counts; nil for none.
    public var subscription: StripeSubscription?
    /// When its payment was first seen to be overdue; nil while it is not.
    public var pastDueSince: Timestamp?
    /// Until when the tenant keeps what it has although the payment is overdue; nil while it is not.
    public var graceEndsAt: Timestamp?
    /// What stands in the way.
    public var problem: StripeProblem?

    public init(
        subscription: StripeSubscription?, pastDueSince: Timestamp? = nil, graceEndsAt: Timestamp? = nil,
        problem: StripeProblem? = nil
    ) {
        self.subscription = subscription
        self.pastDueSince = pastDueSince
        self.graceEndsAt = graceEndsAt
        self.problem = problem
    }

    /// What the owners are told after a fetch that found this; nil where nothing changed for them.
    ///
    /// Nothing is overdue any more also where a problem is left, as after another subscription was bought.
    ///
    /// - Parameter known: what the fetch before found. Without one the subscription is new, and was just paid for.
    public func event(after known: StripeAccount) -> AccountEvent? {
        if let subscription, let pastDueSince {
            return .paymentFailed(occasion: "\(subscription.id) \(pastDueSince)", graceEndsAt: graceEndsAt)
        }
        return known.pastDueSince != nil && pastDueSince == nil ? .paid : nil
    }
}

/// How the host stands with Stripe, over all tenants.
public struct StripeFigures: Sendable, Hashable {
    /// Tenants that are customers.
    public var customers: Int
    /// Those whose newest fetches failed.
    public var failing: Int
    /// Those with a problem, by its code.
    public var problems: [StripeProblem: Int]
    /// Events stored whose subscription was not fetched yet.
    public var pendingEvents: Int
    /// Tenants whose time to be deleted has come, and that are kept because a subscription of theirs renews itself.
    public var keptTenants: Int

    public init(
        customers: Int, failing: Int, problems: [StripeProblem: Int], pendingEvents: Int, keptTenants: Int = 0
    ) {
        self.customers = customers
        self.failing = failing
        self.problems = problems
        self.pendingEvents = pendingEvents
        self.keptTenants = keptTenants
    }
}
