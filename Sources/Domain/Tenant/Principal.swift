/// What a principal may do.
public enum Permission: String, Sendable, Hashable, CaseIterable {
    /// See a tenant's issues, analyses, alerts and settings.
    case read
    /// Ask for analyses, which the tenant's plan limits.
    case analyze
    /// Change a tenant's account, rules, channels and secrets, and retry its work.
    case manage
    /// Create and list tenants, act for any of them, and see the whole host.
    case operate
}

/// An authenticated caller: for which tenant it acts, as whom, and what it may do.
public struct Principal: Sendable, Hashable {
    /// The tenant that the call is about; nil for the host's owner who named none.
    public var tenant: Tenant?
    /// Whom changes are recorded under.
    public var actor: Actor
    /// What it may do; an API key never has `operate`.
    public var permissions: Set<Permission>

    public init(tenant: Tenant?, actor: Actor, permissions: Set<Permission>) {
        self.tenant = tenant
        self.actor = actor
        self.permissions = permissions
    }

    /// The holder of a tenant's API key, who may do everything within that tenant.
    ///
    /// - Parameter keyHash: the key in the form in which it is stored.
    public static func apiKey(hash keyHash: String, of tenant: Tenant) -> Principal {
        Principal(
            tenant: tenant, actor: .apiKey(String(keyHash.prefix(12))), permissions: [.read, .analyze, .manage])
    }

    /// The host's owner, acting for a tenant where one was named.
    public static func hostOwner(actingFor tenant: Tenant?) -> Principal {
        Principal(tenant: tenant, actor: .operator, permissions: Set(Permission.allCases))
    }
}
