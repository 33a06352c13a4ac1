public import Domain

/// What the host sells through Stripe, and on which terms.
public struct StripeTerms: Sendable, Hashable {
    /// Which of Stripe's worlds is used. Objects of the other are refused.
    public var mode: StripeMode
    /// The prices of each plan by Stripe's ids: the first is what is sold, the others are of those who bought before.
    public var prices: [Plan: [String]]
    /// How long a tenant whose payment is overdue keeps what it has, in days.
    public var graceDays: Int

    public init(mode: StripeMode, prices: [Plan: [String]], graceDays: Int) {
        self.mode = mode
        self.prices = prices
        self.graceDays = graceDays
    }

    /// What is sold of a plan; nil where it is not for sale.
    public func price(of plan: Plan) -> String? { prices[plan]?.first }

    /// The plan that a price is of; nil for a price that is not configured.
    public func plan(of priceID: String) -> Plan? { prices.first { $0.value.contains(priceID) }?.key }

    /// The plan of a subscription: the highest of its items; nil where none of them is known.
    public func plan(of subscription: StripeSubscription) -> Plan? {
        subscription.priceIDs.compactMap { plan(of: $0) }.max { $0.rank < $1.rank }
    }
}

extension Plan {
    /// The order of the plans: a change to a higher rank is an upgrade.
    var rank: Int {
        switch self {
        case .free: 0
        case .starter: 1
        case .growth: 2
        case .enterprise: 3
        }
    }
}
