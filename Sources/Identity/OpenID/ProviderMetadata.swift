import Foundation

/// What a provider publishes about itself (OpenID Connect Discovery 1.0, section 3; RFC 8414).
public struct ProviderMetadata: Sendable, Hashable {
    /// Where the browser is sent.
    public let authorizationEndpoint: String
    /// Where a code is exchanged for tokens.
    public let tokenEndpoint: String
    /// Where the keys are.
    public let jwksURI: String
    /// Whether every response names the provider (RFC 9207).
    public let namesIssuerInResponses: Bool

    /// Where the metadata of an issuer is. A slash at the end of the issuer goes (section 4.1).
    static func url(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// Reads a document, which must be that of the configured issuer, character by character: otherwise one provider could
    /// speak for another.
    init(json: [UInt8], issuer: String) throws(ProviderFailure) {
        let members: [String: ClaimValue]?
        do { members = try ClaimValue(json: json).members } catch { throw .malformed(.metadata) }
        guard let members, let named = members["issuer"]?.text else { throw .malformed(.metadata) }
        guard named == issuer else { throw .otherIssuer }
        authorizationEndpoint = try Self.endpoint("authorization_endpoint", of: members)
        tokenEndpoint = try Self.endpoint("token_endpoint", of: members)
        jwksURI = try Self.endpoint("jwks_uri", of: members)
        // Lists that a provider leaves out say nothing.
        if let types = members["response_types_supported"]?.texts, !types.contains("code") {
            throw .unsupported("the code flow")
        }
        if let methods = members["code_challenge_methods_supported"]?.texts, !methods.contains("S256") {
            throw .unsupported("code_challenge_method S256")
        }
        namesIssuerInResponses = members["authorization_response_iss_parameter_supported"]?.flag == true
    }

    private static func endpoint(_ field: String, of members: [String: ClaimValue]) throws(ProviderFailure) -> String {
        guard let text = members[field]?.text else { throw .malformed(.metadata) }
        guard SecureAddress.isSecure(text) else { throw .insecureEndpoint(field) }
        return text
    }
}
