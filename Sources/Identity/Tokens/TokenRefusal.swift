/// Why a token is not accepted. Its raw value is a stable code; neither it nor the description repeats a part of the token.
public enum TokenRefusal: String, Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Not three parts of base64url, or header or claims are not JSON objects.
    case malformed
    /// Longer than tokens may be.
    case tooLong = "too_long"
    /// The header names no algorithm that is accepted, or not the one of the key.
    case algorithm
    /// The header lists extensions that must be understood (`crit`); no extension is.
    case criticalHeader = "critical_header"
    /// The header says that it is a token of another type, such as an access token.
    case type
    /// The header names no key, and several could have signed it.
    case ambiguousKey = "ambiguous_key"
    /// The header names a key that the provider does not publish.
    case unknownKey = "unknown_key"
    /// The signature does not verify.
    case signature
    /// A claim that is needed is missing, or a claim has a value of another type than it must have.
    case claims
    /// Another issuer.
    case issuer
    /// Made for others.
    case audience
    /// Given out to another application (`azp`), or to none that is named.
    case authorizedParty = "authorized_party"
    /// Its time is over.
    case expired
    /// Its time has not begun (`nbf`).
    case notYetValid = "not_yet_valid"
    /// Issued in the future (`iat`).
    case issuedInFuture = "issued_in_future"
    /// Good for longer than tokens may be.
    case lifetime
    /// Not made for this sign-in.
    case nonce
    /// The claims are of a version that is not known.
    case version
    /// The session still waits for a step of the user, such as choosing an organisation, or is not active.
    case inactiveSession = "inactive_session"

    /// One line for people.
    public var description: String {
        switch self {
        case .malformed: "the token is malformed"
        case .tooLong: "the token is too long"
        case .algorithm: "the token is signed by an algorithm that is not accepted for its key"
        case .criticalHeader: "the token has an extension that must be understood and is not"
        case .type: "the token is of another type"
        case .ambiguousKey: "the token names no key, and several keys could have signed it"
        case .unknownKey: "the token names a key that its issuer does not publish"
        case .signature: "the token's signature does not verify"
        case .claims: "a claim of the token is missing or has a wrong type"
        case .issuer: "the token is from another issuer"
        case .audience: "the token was made for another audience"
        case .authorizedParty: "the token was given out to another application"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .issuedInFuture: "the token was issued in the future"
        case .lifetime: "the token is valid for longer than is accepted"
        case .nonce: "the token was not made for this sign-in"
        case .version: "the token's claims are of an unknown version"
        case .inactiveSession: "the session is not active"
        }
    }
}
