/// A tenant whose stale forecasts are being made again, claimed under a lease: until it expires, no other node takes it.
public struct ForecastRefreshClaim: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// Names the lease.
    public var leaseToken: String

    public init(tenantID: TenantID, leaseToken: String) {
        self.tenantID = tenantID
        self.leaseToken = leaseToken
    }
}
