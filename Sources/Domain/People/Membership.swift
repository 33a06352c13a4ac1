/// A tenant of a person, with what the person may do there.
public struct TenantMembership: Sendable, Hashable {
    /// The tenant, as it is now.
    public var tenant: Tenant
    /// What the person may do; never `operator`.
    public var role: Role
    /// The provider whose claim gave the membership; nil for one that an owner gave.
    public var source: String?

    public init(tenant: Tenant, role: Role, source: String?) {
        self.tenant = tenant
        self.role = role
        self.source = source
    }
}

/// A person of a tenant.
public struct Member: Sendable, Hashable {
    /// Who it is.
    public var user: User
    /// What the person may do; never `operator`.
    public var role: Role
    /// The provider whose claim gave the membership; nil for one that an owner gave.
    public var source: String?
    /// Since when.
    public var createdAt: Timestamp
    /// Who made it: the word of an ``Actor``.
    public var createdBy: String

    public init(user: User, role: Role, source: String?, createdAt: Timestamp, createdBy: String) {
        self.user = user
        self.role = role
        self.source = source
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// What became of a request to change a member's role.
public enum MemberChange: Sendable, Hashable {
    /// The member as it is now.
    case changed(Member)
    /// The tenant has no such member.
    case unknown
    /// No other owner would be left.
    case lastOwner
    /// The role follows from a claim of a provider.
    case fromClaim
}

/// What became of a request to remove a member.
public enum MemberRemoval: Sendable, Hashable {
    case removed
    /// The tenant has no such member.
    case unknown
    /// No other owner would be left.
    case lastOwner
}
