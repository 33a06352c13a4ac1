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
    /// Whether the lease of a claim is still held.
    func holds(_ claim: StripeClaim, now: Timestamp) async throws -> Bool
    /// Has the subscription of a tenant fetched at once, also where it is being fetched now.
    func fetchStripeAccountAgain(_ tenantID: TenantID, now: Timestamp) async throws
    /// Ends a claim whose fetch failed.
    func giveBack(_ claim: StripeClaim, error: String, dueAt: Timestamp, now: Timestamp) async throws
    /// Stores that a write is about to be made; nil for an unknown tenant.
    func beginStripeIntent(
        _ kind: StripeIntent.Kind, of tenantID: TenantID, parameters: String, resumableSince: Timestamp?,
        busySince: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> StripeIntentStart?
    /// Stores what became of a write.
    func finishStripeIntent(_ intent: StripeIntent, _ result: StripeIntentResult, now: Timestamp) async throws
    /// What the newest finished calls of a kind and of these parameters made, by Stripe's ids, newest first.
    func stripeResults(
        of kind: StripeIntent.Kind, for tenantID: TenantID, parameters: String
    ) async throws -> [String]
}
