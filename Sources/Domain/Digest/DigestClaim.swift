/// A channel whose digest is due, claimed under a lease: until it expires, no other node takes it.
public struct DigestClaim: Sendable, Hashable {
    /// Whose channel.
    public var tenantID: TenantID
    /// The tenant's Jira.
    public var siteURL: String
    /// With its schedule; its target is sealed.
    public var channel: AlertChannel
    /// When the digest is due; nil where that is still to be worked out.
    public var dueAt: Timestamp?
    /// The end of the last digest's period; nil before the first since the schedule was made or changed.
    public var coveredUntil: Timestamp?
    /// Names the lease.
    public var leaseToken: String

    public init(
        tenantID: TenantID, siteURL: String, channel: AlertChannel, dueAt: Timestamp?, coveredUntil: Timestamp?,
        leaseToken: String
    ) {
        self.tenantID = tenantID
        self.siteURL = siteURL
        self.channel = channel
        self.dueAt = dueAt
        self.coveredUntil = coveredUntil
        self.leaseToken = leaseToken
    }
}
