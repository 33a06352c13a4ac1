/// A verified event of Stripe, as far as it is kept: whom it is about, not what it says. What became of the subscription is
/// fetched, so that neither the order of events nor a lost one matters.
public struct StripeEvent: Sendable, Hashable {
    /// Stripe's id, `evt_…`; the same however often the event is sent.
    public var id: String
    /// What happened: `invoice.payment_failed`.
    public var type: String
    /// The customer that it is about, `cus_…`; nil where it is about none.
    public var customerID: String?
    /// The object that changed; nil where it has no id.
    public var objectID: String?
    /// When it happened, by Stripe's clock.
    public var createdAt: Timestamp
    /// Whether it can change a subscription.
    public var isRelevant: Bool

    public init(
        id: String, type: String, customerID: String?, objectID: String?, createdAt: Timestamp, isRelevant: Bool
    ) {
        self.id = id
        self.type = type
        self.customerID = customerID
        self.objectID = objectID
        self.createdAt = createdAt
        self.isRelevant = isRelevant
    }
}

/// What the store did with an event.
public enum StripeEventOutcome: Sendable, Hashable {
    /// It is new, and its tenant's subscription is fetched.
    case stored
    /// It is new, and is about no tenant, or about nothing that changes a subscription.
    case ignored
    /// It was there already; nothing changed.
    case duplicate
}
