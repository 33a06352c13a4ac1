public import Domain
public import Outbound

/// The keys of a provider, as it publishes them.
///
/// They are fetched when a token needs them and kept for a while. A token that names a key which is not among them has them
/// fetched again, so that a provider may change its keys at any time; that happens at most once in a while, whatever tokens
/// are shown. While the provider cannot be asked, the keys that it published last are used.
public struct KeySource: Sendable {
    private let document: CachedDocument<JWKSet>

    /// - Parameters:
    ///   - url: where the keys are (`jwks_uri`).
    ///   - algorithms: those that are accepted.
    ///   - http: says which addresses are called; its owner shuts it down.
    public init(
        url: String, algorithms: Set<TokenAlgorithm>, http: OutboundClient, cache: CachePolicy = .standard,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let http = ProviderHTTP(http)
        self.init(algorithms: algorithms, http: http, cache: cache, now: now) { url }
    }

    /// - Parameter url: finds where the keys are.
    init(
        algorithms: Set<TokenAlgorithm>, http: ProviderHTTP, cache: CachePolicy,
        now: @escaping @Sendable () -> Timestamp,
        url: @escaping @Sendable () async throws(ProviderFailure) -> String
    ) {
        document = CachedDocument(policy: cache, now: now) { () async throws(ProviderFailure) -> JWKSet in
            let json = try await http.get(try await url(), .keys)
            do throws(JWKSet.Unusable) {
                return try await JWKSet(json: json, algorithms: algorithms)
            } catch {
                throw error == .noKeys ? ProviderFailure.noKeys : ProviderFailure.malformed(.keys)
            }
        }
    }

    /// The keys, newly fetched if need be.
    ///
    /// - Parameter id: the key that a token names; perhaps it is not among those that are returned.
    public func keys(for id: String?) async throws(ProviderFailure) -> JWKSet {
        try await document.value { $0.contains(id) }
    }

    /// The same once more, for a token whose signature does not verify: the provider may have changed its key and kept the
    /// key's identifier, as Clerk does, or name none.
    func keys(after tried: JWKSet) async throws(ProviderFailure) -> JWKSet {
        try await document.value { $0.differs(from: tried) }
    }
}

extension TokenVerifier {
    /// Verifies a token by the keys of a source, which are fetched only for a token that has the form of one and an
    /// algorithm that is accepted.
    func verify(_ text: String, keys: KeySource, now: Timestamp) async throws(IdentityFailure) -> TokenClaims {
        let token: SignedToken
        do throws(TokenRefusal) {
            token = try SignedToken(text, limit: expectations.lengthLimit)
            let algorithm = TokenAlgorithm(rawValue: token.algorithm)
            guard let algorithm, expectations.algorithms.contains(algorithm) else { throw .algorithm }
        } catch {
            throw .token(error)
        }
        let tried = try await IdentityFailure.asking { () async throws(ProviderFailure) -> JWKSet in
            try await keys.keys(for: token.keyID)
        }
        do throws(TokenRefusal) {
            return try verify(token, keys: tried, now: now)
        } catch {
            guard error == .signature else { throw .token(error) }
        }
        let newer = try await IdentityFailure.asking { () async throws(ProviderFailure) -> JWKSet in
            try await keys.keys(after: tried)
        }
        guard newer.differs(from: tried) else { throw .token(.signature) }
        do throws(TokenRefusal) {
            return try verify(token, keys: newer, now: now)
        } catch {
            throw .token(error)
        }
    }
}

extension IdentityFailure {
    /// Asks a provider something.
    static func asking<Answer: Sendable>(
        _ ask: @Sendable () async throws(ProviderFailure) -> Answer
    ) async throws(IdentityFailure) -> Answer {
        do throws(ProviderFailure) {
            return try await ask()
        } catch {
            throw .provider(error)
        }
    }
}
