public import Domain

/// Which tokens are accepted.
public struct TokenExpectations: Sendable, Hashable {
    /// What a token must say about whom it was made for and given out to.
    public enum Recipient: Sendable, Hashable {
        /// An ID token for a client (OpenID Connect Core 1.0, section 3.1.3.7, rules 3 to 5): the client is an audience, and
        /// the authorised party (`azp`) where one is named. With several audiences one must be named.
        case client(String)
        /// A session token that was given out to one of these origins (`azp`).
        ///
        /// - acceptsUnnamed: whether a token that names no party is accepted.
        /// - audiences: of which it must name one; where the set is empty, it must not name any.
        case origins(Set<String>, acceptsUnnamed: Bool, audiences: Set<String>)
    }

    /// The issuer, character by character.
    public var issuer: String
    /// For whom the token must be.
    public var recipient: Recipient
    /// The algorithms that may have signed it.
    public var algorithms: Set<TokenAlgorithm>
    /// The nonce that an ID token must repeat; nil where none was sent.
    public var nonce: String?
    /// How far the clocks of provider and host may differ, in seconds.
    public var clockSkewSeconds: Int64
    /// The longest that a token may be valid for, in seconds, from `iat` to `exp`.
    public var maximumLifetimeSeconds: Int64
    /// The longest that a token may be, in bytes.
    public var lengthLimit: Int

    public init(
        issuer: String, recipient: Recipient, algorithms: Set<TokenAlgorithm> = [.rs256], nonce: String? = nil,
        clockSkewSeconds: Int64 = 60, maximumLifetimeSeconds: Int64 = 86_400, lengthLimit: Int = 16_384
    ) {
        self.issuer = issuer
        self.recipient = recipient
        self.algorithms = algorithms
        self.nonce = nonce
        self.clockSkewSeconds = clockSkewSeconds
        self.maximumLifetimeSeconds = maximumLifetimeSeconds
        self.lengthLimit = lengthLimit
    }
}

/// Verifies tokens. It is pure: the keys and the time are arguments.
public struct TokenVerifier: Sendable {
    /// What is accepted.
    public var expectations: TokenExpectations

    public init(_ expectations: TokenExpectations) { self.expectations = expectations }

    /// The claims of a token that meets all expectations at an instant. Throws the first that it does not meet; whether the
    /// signature is good is seen before any claim is.
    public func verify(_ token: String, keys: JWKSet, now: Timestamp) throws(TokenRefusal) -> TokenClaims {
        try verify(SignedToken(token, limit: expectations.lengthLimit), keys: keys, now: now)
    }

    func verify(_ token: SignedToken, keys: JWKSet, now: Timestamp) throws(TokenRefusal) -> TokenClaims {
        try keys.verify(token, algorithms: expectations.algorithms)
        guard let issuer = token.claims["iss"]?.text, let subject = token.claims["sub"]?.text,
            (1...255).contains(subject.unicodeScalars.count)
        else { throw .claims }
        guard issuer == expectations.issuer else { throw .issuer }
        try checkRecipient(token.claims)
        let expiresAt = try checkTimes(token.claims, now: now)
        if let nonce = expectations.nonce, token.claims["nonce"]?.text != nonce { throw .nonce }
        return TokenClaims(values: token.claims, issuer: issuer, subject: subject, expiresAt: expiresAt)
    }

    private func checkRecipient(_ claims: [String: ClaimValue]) throws(TokenRefusal) {
        let party = try optional(claims["azp"]) { $0.text }
        switch expectations.recipient {
        case .client(let client):
            guard let audiences = claims["aud"]?.texts else { throw .claims }
            guard audiences.contains(client) else { throw .audience }
            guard party == client || (party == nil && Set(audiences).count == 1) else { throw .authorizedParty }
        case .origins(let origins, let acceptsUnnamed, let audiences):
            let named = try optional(claims["aud"]) { $0.texts } ?? []
            guard audiences.isEmpty ? named.isEmpty : !audiences.isDisjoint(with: named) else { throw .audience }
            guard party.map({ origins.contains($0) }) ?? acceptsUnnamed else { throw .authorizedParty }
        }
    }

    /// The end of the token's time.
    private func checkTimes(_ claims: [String: ClaimValue], now: Timestamp) throws(TokenRefusal) -> Timestamp {
        guard let end = claims["exp"]?.milliseconds, let issued = claims["iat"]?.milliseconds else { throw .claims }
        let start = try optional(claims["nbf"]) { $0.milliseconds }
        let skew = expectations.clockSkewSeconds * 1000
        guard now.milliseconds < end + skew else { throw .expired }
        if let start, start > now.milliseconds + skew { throw .notYetValid }
        guard issued <= now.milliseconds + skew else { throw .issuedInFuture }
        guard end - issued <= expectations.maximumLifetimeSeconds * 1000 else { throw .lifetime }
        return Timestamp(milliseconds: end)
    }

    /// A claim that may be missing, but not have a wrong type.
    private func optional<Value>(
        _ claim: ClaimValue?, _ read: (ClaimValue) -> Value?
    ) throws(TokenRefusal) -> Value? {
        guard let claim else { return nil }
        guard let value = read(claim) else { throw .claims }
        return value
    }
}
