public import Domain
public import Identity

/// Callers of the API that send a session token of Clerk.
public struct ClerkCallers: Sendable {
    /// Why somebody whose token is good is not let in.
    public enum Refusal: Error, Sendable, Hashable {
        /// The person, or the organisation that the token is for, belongs to no tenant.
        case noMembership
        /// The tenant that the request names is another one.
        case otherTenant
        /// The person belongs to several tenants, and the request names none.
        case severalTenants
    }

    /// Under which memberships are stored that follow from an organisation of Clerk.
    public static let source = "clerk"

    private let tokens: ClerkTokens
    private let organizations: [String: TenantID]
    private let store: any PeopleStore
    private let now: @Sendable () -> Timestamp

    /// - Parameter organizations: the tenants that organisations of Clerk stand for, by the organisations' identifiers.
    public init(
        tokens: ClerkTokens, organizations: [String: TenantID], store: any PeopleStore,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.tokens = tokens
        self.organizations = organizations
        self.store = store
        self.now = now
    }

    /// Whether a credential has the form of a token, and not that of a key.
    public static func isToken(_ text: String) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }

    /// Who a token stands for. A token for an organisation acts for the tenant of that organisation alone, in the role that it names;
    /// one without an organisation for the tenants that the person was invited to.
    ///
    /// Somebody who acts in the person's place, as Clerk's support may, only sees.
    ///
    /// - Parameter named: the tenant that the request names; nil for none.
    /// - Throws: `IdentityFailure`, ``Refusal``, and what the store throws.
    public func principal(
        _ token: String, named: TenantID?, from origin: RequestOrigin?
    ) async throws -> Principal {
        let identity = try await tokens.verify(token)
        let (person, membership) = try await standing(of: identity, named: named, from: origin)
        let role = identity.actingSubject == nil ? membership.role : min(membership.role, .viewer)
        return .user(person.user.id, role: role, of: membership.tenant)
    }

    private func standing(
        of identity: ExternalIdentity, named: TenantID?, from origin: RequestOrigin?
    ) async throws -> (KnownPerson, TenantMembership) {
        if let organization = identity.organizationID {
            guard let id = organizations[organization] else { throw Refusal.noMembership }
            guard named == nil || named == id else { throw Refusal.otherTenant }
            return try await member(identity, of: id, from: origin)
        }
        let known = try await store.knownPerson(issuer: identity.issuer, subject: identity.subject, source: nil)
        guard let known, !known.memberships.isEmpty else { throw Refusal.noMembership }
        let possible = known.memberships.filter { named == nil || $0.tenant.id == named }
        guard possible.count <= 1 else { throw Refusal.severalTenants }
        guard let chosen = possible.first else { throw Refusal.otherTenant }
        return (known, chosen)
    }

    /// The membership that follows from an organisation; written where it is not the stored one.
    private func member(
        _ identity: ExternalIdentity, of id: TenantID, from origin: RequestOrigin?
    ) async throws -> (KnownPerson, TenantMembership) {
        let role = identity.role.map { Role($0) }
        let known = try await store.knownPerson(
            issuer: identity.issuer, subject: identity.subject, source: Self.source)
        let stored = known?.memberships.first { $0.tenant.id == id }
        if let known, let stored, stored.role == role { return (known, stored) }
        guard role != nil || stored?.source != nil else { throw Refusal.noMembership }
        var stated = PersonIdentity(identity, isClerks: true)
        // Session tokens of Clerk name no address unless they are made to.
        if stated.email == nil, let before = known?.user.identity {
            (stated.email, stated.isEmailVerified) = (before.email, before.isEmailVerified)
        }
        stated.fullName = stated.fullName ?? known?.user.identity.fullName
        let signIn = PersonSignIn(
            identity: stated, source: Self.source,
            grants: role.map { [id: $0] } ?? [:], covered: [id], admitsStrangers: false, session: nil)
        let person = try await store.signIn(signIn, from: origin, now: now())
        guard role != nil, let person, let made = person.memberships.first(where: { $0.tenant.id == id }) else {
            throw Refusal.noMembership
        }
        return (person, made)
    }
}
