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
    /// The tenant is to be deleted at once, and its subscription could be renewed on a page of Stripe's afterwards.
    case notEnded
    /// The tenant is suspended, or is to be deleted: it buys nothing.
    case inactive
    /// The tenant has no subscription.
    case notSubscribed
    /// The plan is not above the present one.
    case notHigher(Plan)
    /// The plan is not below the present one.
    case notLower(Plan)
    /// Another plan, or the end of the subscription, is agreed on for the end of what is paid.
    case changeAgreed
    /// Another change of the tenant's subscription is under way.
    case underWay(retryAfterSeconds: Int)
    /// The tenant makes too many calls.
    case tooMany(retryAfterSeconds: Int)
    /// Stripe refused the call, or consilod did before it was made, by a code.
    case refused(code: String)
    /// Stripe did not answer, or asks for patience.
    case unavailable(retryAfterSeconds: Int)

    /// One sentence for people, or two: what is in the way, and what to do.
    public var description: String {
        switch self {
        case .off: "This host is not connected to Stripe: billing.stripe is not set in its configuration."
        case .notForSale(let plan):
            """
            No price is configured for the plan '\(plan.rawValue)'. Choose one of those on the page /dashboard/plan, or ask the operator of \
            this host.
            """
        case .alreadySubscribed:
            """
            There is a subscription already; change it on the page /dashboard/plan, or with POST /api/billing/upgrade, downgrade or \
            portal.
            """
        case .stillPaying:
            """
            The tenant has a subscription that renews itself; end it first on the page /dashboard/plan or with POST \
            /api/billing/cancel.
            """
        case .notEnded:
            """
            The tenant would be gone at once, and its subscription could still be renewed; end that first with POST \
            /api/billing/cancel (at_period_end: false).
            """
        case .inactive: "This account is suspended, or will be deleted; it can end its subscription, but buy nothing."
        case .notSubscribed:
            "There is no subscription; begin one on the page /dashboard/plan or with POST /api/billing/checkout."
        case .notHigher(let plan):
            "The plan '\(plan.rawValue)' is not above the present one; change to a lower one with POST /api/billing/downgrade."
        case .notLower(let plan):
            "The plan '\(plan.rawValue)' is not below the present one; change to a higher one with POST /api/billing/upgrade."
        case .changeAgreed:
            """
            Another plan, or the end of the subscription, is agreed on for the end of the paid period; take that back first with POST \
            /api/billing/upgrade and the present plan, or ask for the customer portal on the page /dashboard/plan, where an end can be \
            taken back.
            """
        case .underWay: "Another change of this subscription is under way; repeat the call later."
        case .tooMany: "Too many calls about this subscription within a minute; repeat the call later."
        case .refused(let code): Self.sentence(ofRefusal: code)
        case .unavailable: "Stripe could not be reached, or is overloaded; nothing is charged twice by trying again."
        }
    }

    /// What to do depends on what was refused; Stripe has codes without end, and most are about means of payment.
    private static func sentence(ofRefusal code: String) -> String {
        let payment = "see to the payment on /dashboard/plan or with POST /api/billing/portal"
        return switch code {
        case "payment_pending": "An upgrade waits for its payment (\(code)); \(payment)."
        case "payment_overdue": "The subscription is not paid for (\(code)); \(payment), and repeat the call then."
        case "several_items", "several_subscriptions", "unknown_price":
            "This subscription can be changed at Stripe only (\(code)); ask the operator of this host."
        case "unauthorized", "mode_mismatch":
            "Stripe does not accept this call of the host (\(code)); ask its operator."
        default: "Stripe refused the call (\(code)); \(payment), or ask the operator of this host."
        }
    }
}
