public import Domain
public import Identity

/// A provider of sign-ins that is configured.
public struct SignInProvider: Sendable {
    /// In addresses and in the store.
    public var name: String
    /// For people.
    public var label: String
    /// The tenants whose members its claims make.
    public var tenants: Set<TenantID>
    /// The flow.
    public var flow: OpenIDSignIn

    public init(name: String, label: String, tenants: Set<TenantID>, flow: OpenIDSignIn) {
        self.name = name
        self.label = label
        self.tenants = tenants
        self.flow = flow
    }
}

/// Lets people in who have signed in at a provider. All methods throw what the store throws.
public struct PersonSignIns: Sendable {
    /// Those that the page offers, in its order.
    public let providers: [SignInProvider]
    /// Whether people without a tenant may make one.
    public let isSelfService: Bool
    /// How long a session lasts.
    public let sessionSeconds: Int64

    private let store: any PeopleStore
    private let now: @Sendable () -> Timestamp

    public init(
        store: any PeopleStore, providers: [SignInProvider], isSelfService: Bool, sessionSeconds: Int64,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.providers = providers
        self.isSelfService = isSelfService
        self.sessionSeconds = sessionSeconds
        self.now = now
    }

    /// The provider of a name.
    public func provider(_ name: String) -> SignInProvider? { providers.first { $0.name == name } }

    /// Begins the session of a person. Nil for one who has no tenant and is not expected.
    ///
    /// - Parameters:
    ///   - invitationHash: the hash of the token of an invitation's link that led to the sign-in; nil for none.
    ///   - tokenHash: the hash of what the browser will hold.
    public func begin(
        _ identity: ExternalIdentity, by provider: SignInProvider, invitationHash: String?, tokenHash: String,
        from origin: RequestOrigin?
    ) async throws -> KnownPerson? {
        let now = now()
        var isExpected = isSelfService
        if let invitationHash, try await store.waitingInvitation(tokenHash: invitationHash, now: now) != nil {
            isExpected = true
        }
        let role = identity.role.map { Role($0) }
        let signIn = PersonSignIn(
            identity: PersonIdentity(identity), source: provider.name,
            grants: role.map { role in Dictionary(uniqueKeysWithValues: provider.tenants.map { ($0, role) }) } ?? [:],
            admitsStrangers: isExpected,
            session: .init(tokenHash: tokenHash, endsAt: now.adding(seconds: sessionSeconds)))
        return try await store.signIn(signIn, from: origin, now: now)
    }
}

extension Role {
    /// The role that a claim stands for.
    init(_ role: ExternalRole) {
        self =
            switch role {
            case .viewer: .viewer
            case .manager: .manager
            case .owner: .owner
            }
    }
}

extension PersonIdentity {
    /// - Parameter isClerks: whether the issuer is Clerk's.
    init(_ identity: ExternalIdentity, isClerks: Bool = false) {
        self.init(
            issuer: identity.issuer, subject: identity.subject, clerkUserID: isClerks ? identity.subject : nil,
            email: identity.email.map { String($0.prefix(320)) }, isEmailVerified: identity.isEmailVerified,
            fullName: identity.name.map { String($0.prefix(200)) })
    }
}
