public import Domain
public import Outbound

/// Signs people in at a provider of OpenID Connect, by the code flow with proof of possession of the code (PKCE).
public struct OpenIDSignIn: Sendable {
    /// The provider.
    public let configuration: OpenIDConfiguration

    private let now: @Sendable () -> Timestamp
    private let exchange: TokenExchange
    private let metadata: CachedDocument<ProviderMetadata>
    private let keys: KeySource
    private let finished = FinishedSignIns()

    /// One for each provider: it keeps the provider's metadata and keys.
    ///
    /// - Parameter http: says which addresses are called; its owner shuts it down.
    public init(
        configuration: OpenIDConfiguration, http: OutboundClient, cache: CachePolicy = .standard,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let http = ProviderHTTP(http)
        let issuer = configuration.issuer
        let metadata = CachedDocument(policy: cache, now: now) {
            () async throws(ProviderFailure) -> ProviderMetadata in
            let json = try await http.get(ProviderMetadata.url(of: issuer), .metadata)
            return try ProviderMetadata(json: json, issuer: issuer)
        }
        self.configuration = configuration
        self.now = now
        self.metadata = metadata
        exchange = TokenExchange(configuration: configuration, http: http)
        keys = KeySource(algorithms: configuration.algorithms, http: http, cache: cache, now: now) {
            () async throws(ProviderFailure) -> String in
            try await metadata.value().jwksURI
        }
    }

    /// Begins a sign-in: where the browser is to be sent, and what the caller keeps until it comes back.
    ///
    /// - Parameter returnPath: the path of this host that the person wants to see; one that leads elsewhere becomes `/`.
    /// - Throws: `.provider`.
    public func begin(returnPath: String) async throws(IdentityFailure) -> (url: String, pending: PendingSignIn) {
        let metadata = try await currentMetadata()
        let pending = PendingSignIn(
            returnPath: returnPath, issuer: configuration.issuer, clientID: configuration.clientID, now: now())
        return (AuthorizationRequest.url(pending, configuration: configuration, metadata: metadata), pending)
    }

    /// Finishes a sign-in: who the person is.
    ///
    /// - Parameters:
    ///   - query: of the redirect address as the browser sent it, without the question mark.
    ///   - pending: what ``begin(returnPath:)`` gave for the same browser. The caller has deleted it.
    public func finish(query: String, pending: PendingSignIn) async throws(IdentityFailure) -> ExternalIdentity {
        guard pending.issuer == configuration.issuer, pending.clientID == configuration.clientID else {
            throw .response(.otherProvider)
        }
        let now = now()
        guard pending.isCurrent(at: now, withinSeconds: configuration.signInSeconds) else { throw .response(.expired) }
        let metadata = try await currentMetadata()
        let response: AuthorizationResponse
        do throws(ResponseRefusal) {
            response = try AuthorizationResponse(
                query: query, pending: pending, issuer: configuration.issuer,
                namesIssuer: metadata.namesIssuerInResponses)
            let end = now.adding(seconds: configuration.signInSeconds + 60)
            guard finished.finish(pending.state, until: end, now: now) else { throw .used }
        } catch {
            throw .response(error)
        }
        let token = try await exchange.idToken(
            code: response.code, verifier: pending.verifier, endpoint: metadata.tokenEndpoint)
        return identity(try await verified(token, nonce: pending.nonce))
    }

    private func verified(_ token: String, nonce: String) async throws(IdentityFailure) -> TokenClaims {
        let expectations = TokenExpectations(
            issuer: configuration.issuer, recipient: .client(configuration.clientID),
            algorithms: configuration.algorithms, nonce: nonce, clockSkewSeconds: configuration.clockSkewSeconds)
        return try await TokenVerifier(expectations).verify(token, keys: keys, now: now())
    }

    private func identity(_ claims: TokenClaims) -> ExternalIdentity {
        ExternalIdentity(
            claims, organizationID: configuration.organizationPath?.texts(in: claims.values).first,
            role: configuration.roles.role(of: configuration.rolePath?.texts(in: claims.values) ?? []))
    }

    private func currentMetadata() async throws(IdentityFailure) -> ProviderMetadata {
        try await IdentityFailure.asking { () async throws(ProviderFailure) -> ProviderMetadata in
            try await metadata.value()
        }
    }
}
