public import Domain

/// What is kept of the tenants as customers of Stripe. Every method is one transaction.
public protocol StripeStore: Sendable {
    /// Nil for an unknown tenant.
    func tenant(_ id: TenantID) async throws -> Tenant?
    /// Nil where the tenant is no customer.
    func stripeAccount(_ tenantID: TenantID) async throws -> StripeAccount?
    /// Claims a customer that is due, or the one that is named, and leases it; nil where no customer is free.
    func claimStripeAccount(of tenantID: TenantID?, now: Timestamp, leaseUntil: Timestamp) async throws -> StripeClaim?
    /// Stores what a fetch found. Throws `StorageError(.stale)`, with no effect, when the lease was lost.
    ///
    /// - Parameter intentsBefore: a write that was touched last before it has the outcome that the fetch shows; nil where it shows
    ///   none.
    func commit(
        _ reading: StripeReading, under claim: StripeClaim, dueAt: Timestamp, intentsBefore: Timestamp?,
        now: Timestamp
    ) async throws
    /// Ends a claim without a reading. `error` says why the fetch failed; nil for one that was not made, which is no failure.
    func giveBack(_ claim: StripeClaim, error: String?, dueAt: Timestamp, now: Timestamp) async throws
    /// Stores that a write is about to be made; nil for an unknown tenant.
    func beginStripeIntent(
        _ kind: StripeIntent.Kind, of tenantID: TenantID, parameters: String, resumableSince: Timestamp?,
        busySince: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> StripeIntentStart?
    /// Stores that a call of a write is about to be made; false, with no effect, where the write is over, or was given up.
    ///
    /// - Parameter isCarriedOn: whether it is to be completed from now on where it is left open; false leaves that as it is.
    func touchStripeIntent(_ intent: StripeIntent, isCarriedOn: Bool, now: Timestamp) async throws -> Bool
    /// A write of a tenant's that is left open, or under way, and is to be completed; nil for none that began since an instant.
    func carriedOnStripeIntent(of tenantID: TenantID, createdSince: Timestamp) async throws -> StripeIntent?
    /// Touches a write in order to complete it; false, with no effect, where it was touched since an instant, or is over.
    func takeOverStripeIntent(
        _ intent: StripeIntent, untouchedSince: Timestamp, now: Timestamp
    ) async throws -> Bool
    /// Stores what became of a write; false, with no effect, where it was over already.
    func finishStripeIntent(
        _ intent: StripeIntent, _ result: StripeIntentResult, now: Timestamp
    ) async throws -> Bool
    /// What the newest finished calls of a kind and of these parameters made, by Stripe's ids, newest first.
    func stripeResults(
        of kind: StripeIntent.Kind, for tenantID: TenantID, parameters: String
    ) async throws -> [String]
}
