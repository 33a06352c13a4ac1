/// Somebody who is signed in to the dashboard, or a link that signs in once. It holds as long as the API key that it was made
/// with does, and may do at most what that key may.
public struct SignIn: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Codable {
        /// A browser that is signed in.
        case session
        /// A link that makes one session.
        case link
    }

    /// Lower-case hex SHA-256 of the secret that the browser or the link holds.
    public var tokenHash: String
    /// What it is.
    public var kind: Kind
    /// Whose data it shows.
    public var tenantID: TenantID
    /// The stored form of the tenant's API key, which must still be the tenant's.
    public var apiKeyHash: String
    /// A role below the key's; nil for the key's own.
    public var role: Role?
    /// When it was made.
    public var createdAt: Timestamp
    /// From when on it is worth nothing.
    public var endsAt: Timestamp

    public init(
        tokenHash: String, kind: Kind, tenantID: TenantID, apiKeyHash: String, role: Role? = nil,
        createdAt: Timestamp, endsAt: Timestamp
    ) {
        self.tokenHash = tokenHash
        self.kind = kind
        self.tenantID = tenantID
        self.apiKeyHash = apiKeyHash
        self.role = role
        self.createdAt = createdAt
        self.endsAt = endsAt
    }
}

/// A session with the tenant whose data it shows.
public struct SignedIn: Sendable, Hashable {
    /// The session.
    public var session: SignIn
    /// What it may do: the session's role, and at most the key's.
    public var role: Role
    /// The tenant, as it is now.
    public var tenant: Tenant

    public init(session: SignIn, role: Role, tenant: Tenant) {
        self.session = session
        self.role = role
        self.tenant = tenant
    }
}
