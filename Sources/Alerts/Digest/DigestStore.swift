public import Domain
public import Foundation

/// What digests need of the store. Every method is one transaction; each but ``claimDigest(now:leaseUntil:)`` sees one tenant
/// only (P8).
public protocol DigestStore: Sendable {
    /// Claims the channel whose digest is longest due at `now`, or whose next one is still to be worked out, and leases it until
    /// `leaseUntil`. Channels that are disabled are left out. Nil when nothing is due.
    func claimDigest(now: Timestamp, leaseUntil: Timestamp) async throws -> DigestClaim?

    /// Ends a claim and queues the decision's notification in the same transaction. False, with nothing queued, where the
    /// lease was lost, or the schedule changed meanwhile.
    ///
    /// - Parameter coveredUntil: the end of the period of the newest digest; nil before the first.
    func finish(
        _ claim: DigestClaim, nextDueAt: Timestamp, coveredUntil: Timestamp?, _ decision: AlertDecision
    ) async throws -> Bool

    /// Gives a claim back, to be tried again at `retryAt`. Without effect where the lease was lost.
    func fail(_ claim: DigestClaim, retryAt: Timestamp) async throws

    /// What a digest says.
    func digestContent(_ request: DigestRequest) async throws -> DigestContent

    /// The end of the period of a channel's last digest; nil before the first.
    func digestCoverage(_ id: TenantID, channelID: UUID) async throws -> Timestamp?

    /// Stores the alerts of a decision and queues its notifications.
    func queueAlerts(_ id: TenantID, _ decision: AlertDecision, by actor: Actor) async throws
}
