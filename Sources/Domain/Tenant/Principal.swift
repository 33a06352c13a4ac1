/// What a principal may do.
public enum Permission: String, Sendable, Hashable, CaseIterable {
    /// See a tenant's issues, analyses, alerts and settings.
    case read
    /// Ask for analyses, which the tenant's plan limits.
    case analyze
    /// Change a tenant's rules, channels, routes and silences, and retry or backfill its work.
    case manage
    /// Change a tenant's account, its access to Jira, its API keys and webhook secrets, and delete the tenant.
    case administer
    /// Create and list tenants, act for any of them, and see the whole host.
    case operate
}

/// An authenticated caller: for which tenant it acts, as whom, and what it may do.
public struct Principal: Sendable, Hashable {
    /// The tenant that the call is about; nil for the host's owner who named none.
    public var tenant: Tenant?
    /// Whom changes are recorded under.
    public var actor: Actor
    /// What it may do, by name; an API key never has `operator`.
    public var role: Role
    /// The stored form of the API key that it comes with, or that its session began with; nil for a person and for the host's
    /// owner.
    public var apiKeyHash: String?
    /// The person who has signed in; nil for an API key and for the host's owner.
    public var userID: UserID?
    /// An instant that is certainly not after the true one, by which trials end: a wrong clock ends none (P12). Nil where the
    /// door knows none.
    public var certainNow: Timestamp?

    public init(
        tenant: Tenant?, actor: Actor, role: Role, apiKeyHash: String? = nil, userID: UserID? = nil
    ) {
        self.tenant = tenant
        self.actor = actor
        self.role = role
        self.apiKeyHash = apiKeyHash
        self.userID = userID
    }

    /// What it may do.
    public var permissions: Set<Permission> { role.permissions }

    /// Whether it may do something.
    public func may(_ permission: Permission) -> Bool { role >= Role(lowestWith: permission) }

    /// The holder of a tenant's API key, who may do within that tenant what the role says.
    ///
    /// - Parameter keyHash: the key in the form in which it is stored.
    public static func apiKey(hash keyHash: String, role: Role, of tenant: Tenant) -> Principal {
        Principal(tenant: tenant, actor: .apiKey(storedHash: keyHash), role: role, apiKeyHash: keyHash)
    }

    /// A person who has signed in, who may do within a tenant what the role there says.
    public static func user(_ id: UserID, role: Role, of tenant: Tenant) -> Principal {
        Principal(tenant: tenant, actor: .user(id), role: role, userID: id)
    }

    /// The host's owner, acting for a tenant where one was named.
    public static func hostOwner(actingFor tenant: Tenant?) -> Principal {
        Principal(tenant: tenant, actor: .operator, role: .operator)
    }
}
