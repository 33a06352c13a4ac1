public import Foundation

/// A write to Stripe that is about to be made. It is stored before the call, and its id is the idempotency key: where the
/// process ends between Stripe's answer and the commit, the same call is made again under the same key and has no second
/// effect.
public struct StripeIntent: Sendable, Hashable {
    /// What is written.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The tenant becomes a customer.
        case customer
        /// A page on which a subscription is paid for.
        case checkout
        /// A page on which means of payment and invoices are looked at.
        case portal
        /// A higher plan, at once.
        case upgrade
        /// A lower plan, at the end of what is paid.
        case downgrade
        /// The end of the subscription.
        case cancel
        /// The end of the pages on which the tenant could buy, before it is deleted.
        case closing

        /// Of which kinds one call at a time is under way for a tenant, this one among them; none where calls may meet.
        public var exclusive: [Kind] {
            switch self {
            // It changes nothing.
            case .portal: []
            case .customer, .checkout: [self, .closing]
            // No page is made, and no cancellation withdrawn, between the look for them and the deletion.
            case .closing: [.customer, .checkout, .upgrade, .closing]
            // They write to the same subscription.
            case .upgrade: [.upgrade, .downgrade, .cancel, .closing]
            case .downgrade, .cancel: [.upgrade, .downgrade, .cancel]
            }
        }
    }

    /// How long a write may be under way after it was touched last, in seconds: each call that is part of it touches it first, and
    /// takes far less. One that ended without an outcome is given up after it, and what was written shows in the next fetch.
    public static let busySeconds: Int64 = 90
    /// How long a write can be gone on with under its key after it began, in seconds: Stripe keeps keys for 24 hours at least.
    public static let resumableSeconds: Int64 = 23 * 3600

    /// The row, and the idempotency key.
    public var id: UUID
    /// Whose.
    public var tenantID: TenantID
    /// What is written.
    public var kind: Kind
    /// What the call says, so that it can be made again: the same text is the same call. Addresses of the caller's stand in it as a
    /// hash only.
    public var parameters: String

    public init(id: UUID, tenantID: TenantID, kind: Kind, parameters: String) {
        self.id = id
        self.tenantID = tenantID
        self.kind = kind
        self.parameters = parameters
    }

    /// The key under which Stripe makes a call once. Several calls of one intent have a suffix each.
    public func idempotencyKey(_ suffix: String = "") -> String { "consilod-\(id.canonicalText)\(suffix)" }
}

/// What begins a write to Stripe.
public enum StripeIntentStart: Sendable, Hashable {
    /// The call may be made: a new one, or one whose outcome is not known.
    case begun(StripeIntent)
    /// Another call that it must not meet is under way.
    case busy
}

/// What became of a write to Stripe.
public enum StripeIntentResult: Sendable, Hashable {
    /// Stripe made it; the id of what it made.
    case done(String?)
    /// The tenant is this customer from now on, and no longer the one that it replaces.
    case customer(String, replacing: String? = nil)
    /// Stripe refused it, by a code, or failed; it is not made again under this key.
    case failed(String)
}
