/// Something of a tenant, for the host's owner.
public struct OfTenant<Item: Sendable & Hashable>: Sendable, Hashable {
    /// Whose it is.
    public var tenantID: TenantID
    /// The tenant's name.
    public var companyName: String
    /// What it is.
    public var item: Item

    public init(tenantID: TenantID, companyName: String, item: Item) {
        self.tenantID = tenantID
        self.companyName = companyName
        self.item = item
    }
}

/// A process that works on the store, as it was last seen.
public struct SeenNode: Sendable, Hashable {
    /// The name of its host.
    public var host: String
    /// The version of consilod.
    public var version: String
    /// By the clock of its host.
    public var startedAt: Timestamp
    /// When it last said that it is alive.
    public var seenAt: Timestamp

    public init(host: String, version: String, startedAt: Timestamp, seenAt: Timestamp) {
        self.host = host
        self.version = version
        self.startedAt = startedAt
        self.seenAt = seenAt
    }
}
