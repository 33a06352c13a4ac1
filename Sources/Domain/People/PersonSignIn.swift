/// A person who has shown who they are, and what is to be stored of that.
public struct PersonSignIn: Sendable, Hashable {
    /// A session that begins with it.
    public struct Session: Sendable, Hashable {
        /// Lower-case hex SHA-256 of the secret that the browser holds.
        public var tokenHash: String
        /// From when on it is worth nothing.
        public var endsAt: Timestamp

        public init(tokenHash: String, endsAt: Timestamp) {
            self.tokenHash = tokenHash
            self.endsAt = endsAt
        }
    }

    /// What the provider says.
    public var identity: PersonIdentity
    /// The provider's name in the configuration.
    public var source: String
    /// The roles that follow from the provider's claims.
    public var grants: [TenantID: Role]
    /// The tenants that the claims speak of: in these, memberships that came from this provider and are not granted end.
    /// Nil for all.
    public var covered: Set<TenantID>?
    /// Whether somebody is let in who has neither a tenant nor an invitation.
    public var admitsStrangers: Bool
    /// Nil for a caller of the API, who has none.
    public var session: Session?

    public init(
        identity: PersonIdentity, source: String, grants: [TenantID: Role], covered: Set<TenantID>? = nil,
        admitsStrangers: Bool, session: Session?
    ) {
        self.identity = identity
        self.source = source
        self.grants = grants
        self.covered = covered
        self.admitsStrangers = admitsStrangers
        self.session = session
    }
}

/// What a person may do, after a sign-in.
public struct KnownPerson: Sendable, Hashable {
    /// Who it is.
    public var user: User
    /// The tenants, by the names of their companies.
    public var memberships: [TenantMembership]

    public init(user: User, memberships: [TenantMembership]) {
        self.user = user
        self.memberships = memberships
    }
}

/// The session of a person, with what it shows.
public struct SignedInPerson: Sendable, Hashable {
    /// Who it is.
    public var user: User
    /// The provider by which the person signed in.
    public var source: String
    /// What the session shows, with the role that the person has there now; nil where no tenant is chosen, or the person does not
    /// belong to it any more.
    public var membership: TenantMembership?

    public init(user: User, source: String, membership: TenantMembership?) {
        self.user = user
        self.source = source
        self.membership = membership
    }
}

/// A session of a person, for the person's own list.
public struct PersonSession: Sendable, Hashable {
    /// Lower-case hex SHA-256 of what the browser holds.
    public var tokenHash: String
    /// The company whose data it shows; nil for none yet.
    public var companyName: String?
    /// The provider by which the person signed in.
    public var source: String
    /// When it began.
    public var createdAt: Timestamp
    /// When it ends by itself.
    public var endsAt: Timestamp

    public init(tokenHash: String, companyName: String?, source: String, createdAt: Timestamp, endsAt: Timestamp) {
        self.tokenHash = tokenHash
        self.companyName = companyName
        self.source = source
        self.createdAt = createdAt
        self.endsAt = endsAt
    }

    /// By which a form names it: a part of the hash, of no use to sign in with.
    public var shownID: String { String(tokenHash.prefix(16)) }
}
