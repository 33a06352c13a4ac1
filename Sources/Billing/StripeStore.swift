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
    /// - Parameter intentsBefore: when a write must have begun that the fetch shows the outcome of; nil where it shows none.
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
    /// Whether a write is under way still, and was not given up.
    func isStripeIntentOpen(_ intent: StripeIntent) async throws -> Bool
    /// Stores what became of a write; false, with no effect, where it was over already.
    func finishStripeIntent(
        _ intent: StripeIntent, _ result: StripeIntentResult, now: Timestamp
    ) async throws -> Bool
    /// What the newest finished calls of a kind and of these parameters made, by Stripe's ids, newest first.
    func stripeResults(
        of kind: StripeIntent.Kind, for tenantID: TenantID, parameters: String
    ) async throws -> [String]
}
