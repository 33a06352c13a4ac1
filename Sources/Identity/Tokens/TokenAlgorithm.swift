import JWTKit

/// A signature algorithm of tokens, by its name in a token's header (RFC 7518, section 3.1; RFC 8037).
///
/// All of them have a public key that verifies. `none` and the algorithms with a shared secret (HS256 …) are not among them:
/// what a provider publishes for all to read must not be what signs.
public enum TokenAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// The type of its keys (`kty`, RFC 7518, section 6.1).
    var keyType: String {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: "RSA"
        case .es256, .es384, .es512: "EC"
        case .edDSA: "OKP"
        }
    }

    /// The curve of its keys (`crv`); nil for RSA.
    var curve: String? {
        switch self {
        case .es256: "P-256"
        case .es384: "P-384"
        case .es512: "P-521"
        case .edDSA: "Ed25519"
        default: nil
        }
    }

    /// The same in jwt-kit.
    var ofKit: JWK.Algorithm? { JWK.Algorithm(rawValue: rawValue) }
}
