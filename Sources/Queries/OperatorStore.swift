public import Domain
public import Foundation

/// What the pages of the host's owner need of the store. Other than that of tenants, these methods see all of them.
public protocol OperatorStore: Sendable {
    /// Adds a session or a link of the host's owner. Those that have ended are removed, and of more than 100 the oldest.
    func addOperatorSignIn(_ signIn: OperatorSignIn, from origin: RequestOrigin?) async throws
    /// Whether a token is that of a session of the host's owner that holds.
    func hasOperatorSession(tokenHash: String, adminMark: String, now: Timestamp) async throws -> Bool
    /// Makes a link of the host's owner a session, once: false where there is no such link, or no more.
    func redeemOperatorLink(
        linkHash: String, as session: String, until endsAt: Timestamp, adminMark: String, from origin: RequestOrigin?,
        now: Timestamp
    ) async throws -> Bool
    /// The processes that were seen since an instant, those seen last first.
    func nodes(since: Timestamp) async throws -> [SeenNode]
    /// The store's own figures, over all tenants; issues count as due when they are at `now`.
    func figures(now: Timestamp) async throws -> StoreFigures
    /// The parked issues of all tenants, by tenant.
    func parkedIssuesOfHost(after cursor: String?, limit: Int) async throws -> Page<OfTenant<ParkedIssue>>
    /// The rejected webhooks of all tenants, the newest at most `limit`.
    func rejectedEventsOfHost(limit: Int) async throws -> [OfTenant<WebhookEventRecord>]
    /// All tenants, oldest first, with the analyses they asked for since an instant.
    func tenantListings(usedSince: Timestamp, after cursor: String?, limit: Int) async throws -> Page<TenantListing>
    /// What was asked for, and how many tenants were made, since an instant.
    func hostUsage(since: Timestamp) async throws -> HostUsage
    /// What each tenant asked for on each day, by tenant and day.
    func usageDaysOfHost(
        from: Timestamp, to: Timestamp, after cursor: String?, limit: Int
    ) async throws -> Page<TenantUsageDay>
    /// The mails about the accounts of all tenants, the newest first.
    func accountMailsOfHost(
        state: AccountMailState?, after cursor: String?, limit: Int
    ) async throws -> Page<OfTenant<AccountMailRecord>>
    /// Has a mail about an account that was given up tried again; false where there is no such one.
    func retryAccountMail(_ mailID: UUID, by actor: Actor, now: Timestamp) async throws -> Bool
}
