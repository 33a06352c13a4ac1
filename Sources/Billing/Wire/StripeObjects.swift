import Domain
import Foundation

/// A page of a list.
struct StripeList<Element: Decodable & Sendable>: Decodable, Sendable {
    var data: [Element]
    var hasMore: Bool?

    enum CodingKeys: String, CodingKey {
        case data
        case hasMore = "has_more"
    }
}

/// An object that has a mode and an id.
struct StripeObject: Decodable, Sendable {
    var id: String
    var livemode: Bool?
}

/// A customer. One that was deleted can still be read, and buys nothing (docs.stripe.com/api/customers/delete).
struct StripeCustomer: Decodable, Sendable {
    /// How Stripe has a customer.
    enum Standing: Sendable, Hashable {
        case present, deleted
        /// It never was there, as in the other mode or in another account.
        case unknown
    }

    var id: String
    var deleted: Bool?
}

/// The balance of the account, which every key may be asked of for its mode.
struct StripeBalance: Decodable, Sendable {
    var livemode: Bool
}

/// A price.
struct StripePrice: Decodable, Sendable {
    var id: String
    var active: Bool
    var livemode: Bool
}

/// An endpoint for events.
struct StripeEndpoint: Decodable, Sendable {
    var url: String
    var status: String
    var livemode: Bool
    var enabledEvents: [String]

    enum CodingKeys: String, CodingKey {
        case url, status, livemode
        case enabledEvents = "enabled_events"
    }
}

/// A page on which something is paid for.
struct StripeCheckoutSession: Decodable, Sendable {
    var id: String
    /// `open`, `complete` or `expired`.
    var status: String?
    var url: String?
    var livemode: Bool
}

/// A page on which a customer sees to its payments.
struct StripePortalSession: Decodable, Sendable {
    var id: String
    var url: String
    var livemode: Bool
}

/// A subscription on the wire. The period is read from where versions of the API before 2025-03-31 have it and from where later
/// ones do; prices likewise of what was a plan before.
struct StripeSubscriptionObject: Decodable, Sendable {
    struct Item: Decodable, Sendable {
        var id: String
        var price: StripeObject?
        var plan: StripeObject?
        var currentPeriodStart: Int64?
        var currentPeriodEnd: Int64?

        enum CodingKeys: String, CodingKey {
            case id, price, plan
            case currentPeriodStart = "current_period_start"
            case currentPeriodEnd = "current_period_end"
        }
    }

    /// A change that holds when its invoice is paid.
    struct PendingUpdate: Decodable, Sendable {
        var expiresAt: Int64?

        enum CodingKeys: String, CodingKey {
            case expiresAt = "expires_at"
        }
    }

    var id: String
    var livemode: Bool
    var status: String
    var items: StripeList<Item>
    var created: Int64
    var cancelAtPeriodEnd: Bool?
    var cancelAt: Int64?
    var currentPeriodStart: Int64?
    var currentPeriodEnd: Int64?
    var trialEnd: Int64?
    var schedule: StripeReference?
    var pendingUpdate: PendingUpdate?

    enum CodingKeys: String, CodingKey {
        case id, livemode, status, items, created, schedule
        case cancelAtPeriodEnd = "cancel_at_period_end"
        case cancelAt = "cancel_at"
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case trialEnd = "trial_end"
        case pendingUpdate = "pending_update"
    }

    /// As the rest of consilod knows it. Throws `.malformed` for a state that Stripe did not have when this was written: left out, it
    /// would count as no subscription.
    func subscription() throws(StripeFailure) -> StripeSubscription {
        guard let status = StripeSubscription.Status(rawValue: status) else { throw .malformed }
        let first = items.data.first
        let periodEnd = currentPeriodEnd ?? first?.currentPeriodEnd
        // A later date, as of a term that somebody has agreed on, lets it renew itself until then.
        let endsAtDate = cancelAt.map { date in periodEnd.map { date <= $0 } ?? false } ?? false
        return StripeSubscription(
            id: id, status: status, priceIDs: items.data.compactMap { $0.price?.id ?? $0.plan?.id },
            itemID: first?.id,
            currentPeriodStart: (currentPeriodStart ?? first?.currentPeriodStart).map { Timestamp(stripeSeconds: $0) },
            currentPeriodEnd: periodEnd.map { Timestamp(stripeSeconds: $0) },
            cancelAtPeriodEnd: cancelAtPeriodEnd ?? false || endsAtDate,
            trialEndsAt: trialEnd.map { Timestamp(stripeSeconds: $0) }, createdAt: Timestamp(stripeSeconds: created),
            scheduleID: schedule?.id, hasPendingUpdate: pendingUpdate != nil,
            endsAtDate: endsAtDate && cancelAtPeriodEnd != true)
    }
}

/// What Stripe says of a call that it does not carry out.
struct StripeErrorObject: Decodable, Sendable {
    struct Detail: Decodable, Sendable {
        var type: String?
        var code: String?
        var param: String?
    }
    var error: Detail
}
