public import Outbound

/// Why a provider of identities could not be asked, or gave an answer that cannot be used. It is no fault of the person who
/// signs in. No answer is repeated in its words.
public enum ProviderFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which answer.
    public enum Document: String, Sendable, Hashable {
        case metadata
        case keys
        case tokens
    }

    /// No answer came.
    case unreachable(Document, OutboundFailure)
    /// An HTTP status that is not the one of a success. Redirects are not followed.
    case status(Document, UInt)
    /// Not JSON of the form that it must have.
    case malformed(Document)
    /// The metadata is that of another issuer than the configured one (OpenID Connect Discovery 1.0, section 4.3).
    case otherIssuer
    /// The metadata names an address that is not https; the name of its field.
    case insecureEndpoint(String)
    /// The provider does not offer the code flow, or not with the proof of possession of the code (PKCE, S256).
    case unsupported(String)
    /// No key that verifies an accepted algorithm is published.
    case noKeys
    /// The provider does not accept this client: its identifier, secret or redirect address.
    case clientRefused
    /// The caller did not wait for the answer.
    case interrupted

    /// A stable code.
    public var code: String {
        switch self {
        case .unreachable, .status: "provider_unavailable"
        case .malformed, .noKeys: "provider_malformed"
        case .otherIssuer: "provider_other_issuer"
        case .insecureEndpoint: "provider_insecure"
        case .unsupported: "provider_unsupported"
        case .clientRefused: "provider_refused_client"
        case .interrupted: "interrupted"
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .unreachable(let document, let failure): "the provider's host \(failure) (\(document.rawValue))"
        case .status(let document, let status): "the provider answered \(status) (\(document.rawValue))"
        case .malformed(let document): "the provider's answer is malformed (\(document.rawValue))"
        case .otherIssuer: "the provider's metadata names another issuer than the configured one"
        case .insecureEndpoint(let field): "\(field) of the provider's metadata is not https"
        case .unsupported(let what): "the provider does not support \(what)"
        case .noKeys: "the provider publishes no key for the accepted algorithms"
        case .clientRefused: "the provider does not accept this client; see client_id, client_secret and redirect_uri"
        case .interrupted: "the provider was not waited for"
        }
    }
}
