public import Domain

/// What is kept of mails about accounts. Other than in most protocols of the store the methods serve all tenants: each mail
/// names its own.
public protocol AccountMailOutbox: Sendable {
    /// What the mails of some tenants are decided by, in the order of their ids behind `after`; fewer than `limit` are the last.
    ///
    /// - Parameter withSetUp: whether it is looked at what is left of their set-up.
    func accountMailFacts(
        now: Timestamp, after: TenantID?, limit: Int, withSetUp: Bool
    ) async throws -> [AccountMailFacts]
    /// Keeps mails of a tenant to be sent, each once; how many of them were new.
    func queueAccountMails(_ keys: [AccountMailKey], of id: TenantID, now: Timestamp) async throws -> Int
    /// Takes mails that are due at `now`, until `leaseUntil`, the longest due first.
    func claimAccountMails(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [AccountMailClaim]
    /// Records what became of a mail; false where the lease was lost.
    func recordAccountMail(
        _ claim: AccountMailClaim, _ outcome: AccountMailOutcome, now: Timestamp
    ) async throws -> Bool
}
