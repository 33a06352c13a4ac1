/// Why a tenant's subscription is not changed.
public enum BillingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The host is not connected to Stripe.
    case off
    /// No price is configured for the plan.
    case notForSale(Plan)
    /// The tenant has a subscription; another one would be paid for besides.
    case alreadySubscribed
    /// The tenant is to be deleted, and its subscription would be paid for afterwards.
    case stillPaying
    /// The tenant is suspended, or is to be deleted: it buys nothing.
    case inactive
    /// The tenant has no subscription.
    case notSubscribed
    /// The plan is not above the present one.
    case notHigher(Plan)
    /// The plan is not below the present one.
    case notLower(Plan)
    /// Another plan is agreed on for the end of what is paid.
    case changeAgreed
    /// Another change of the tenant's subscription is under way.
    case underWay(retryAfterSeconds: Int)
    /// Stripe refused the call, by its code.
    case refused(code: String)
    /// Stripe did not answer, or asks for patience.
    case unavailable(retryAfterSeconds: Int)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .off: "This host is not connected to Stripe: billing.stripe is not set in its configuration."
        case .notForSale(let plan): "No price is configured for the plan '\(plan.rawValue)'."
        case .alreadySubscribed:
            "There is a subscription already; change it with POST /api/billing/upgrade, downgrade or portal."
        case .stillPaying:
            "The tenant has a subscription that renews itself; end it first with POST /api/billing/cancel."
        case .inactive: "This account is suspended, or will be deleted; it can end its subscription, but buy nothing."
        case .notSubscribed: "There is no subscription; begin one with POST /api/billing/checkout."
        case .notHigher(let plan): "The plan '\(plan.rawValue)' is not above the present one."
        case .notLower(let plan): "The plan '\(plan.rawValue)' is not below the present one."
        case .changeAgreed:
            "Another plan begins at the end of the paid period; take that back first with POST /api/billing/upgrade and the present plan."
        case .underWay: "Another change of this subscription is under way."
        case .refused(let code): "Stripe refused the call (\(code))."
        case .unavailable: "Stripe could not be reached, or is overloaded; nothing is charged twice by trying again."
        }
    }
}
