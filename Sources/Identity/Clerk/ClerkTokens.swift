public import Domain
public import Outbound

/// Clerk's session tokens as bearer tokens.
public struct ClerkTokens: Sendable {
    /// The application.
    public let configuration: ClerkConfiguration

    private let verifier: TokenVerifier
    private let keys: KeySource
    private let now: @Sendable () -> Timestamp

    /// One for each instance: it keeps the instance's keys.
    ///
    /// - Parameter http: says which addresses are called; its owner shuts it down.
    public init(
        configuration: ClerkConfiguration, http: OutboundClient, cache: CachePolicy = .standard,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.now = now
        verifier = TokenVerifier(configuration.expectations)
        keys = KeySource(
            url: configuration.jwksURL, algorithms: configuration.expectations.algorithms, http: http, cache: cache,
            now: now)
    }

    /// Who a bearer token stands for.
    ///
    /// - Parameter bearer: the token, without the word `Bearer`.
    /// - Throws: `.token` where it is not accepted, `.provider` where the keys cannot be fetched.
    public func verify(_ bearer: String) async throws(IdentityFailure) -> ExternalIdentity {
        let claims = try await verifier.verify(bearer, keys: keys, now: now())
        do throws(TokenRefusal) {
            return try Self.identity(claims, configuration: configuration)
        } catch {
            throw .token(error)
        }
    }

    /// The same by keys that are known, for tests.
    static func verify(
        _ bearer: String, keys: JWKSet, configuration: ClerkConfiguration, now: Timestamp
    ) throws(TokenRefusal) -> ExternalIdentity {
        let claims = try TokenVerifier(configuration.expectations).verify(bearer, keys: keys, now: now)
        return try identity(claims, configuration: configuration)
    }

    private static func identity(
        _ claims: TokenClaims, configuration: ClerkConfiguration
    ) throws(TokenRefusal) -> ExternalIdentity {
        let organization = try ClerkSession(claims).organization
        // A role is one in an organisation: without one, no rule gives one.
        let role = organization.flatMap { configuration.roles.role(of: [$0.role].compactMap(\.self)) }
        return ExternalIdentity(claims, organizationID: organization?.id, role: role)
    }
}
