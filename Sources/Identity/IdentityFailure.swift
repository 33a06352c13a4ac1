/// Why a caller or a person was not identified.
public enum IdentityFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The token that was shown, or that the provider gave, is not accepted.
    case token(TokenRefusal)
    /// What the browser brought back from the provider is not accepted.
    case response(ResponseRefusal)
    /// The provider could not be asked.
    case provider(ProviderFailure)

    /// A stable code, as in `token_expired`, `response_state`, `provider_unavailable`.
    public var code: String {
        switch self {
        case .token(let refusal): "token_\(refusal.rawValue)"
        case .response(let refusal): "response_\(refusal.code)"
        case .provider(let failure): failure.code
        }
    }

    /// One line for people, without a part of a token or of an answer.
    public var description: String {
        switch self {
        case .token(let refusal): refusal.description
        case .response(let refusal): refusal.description
        case .provider(let failure): failure.description
        }
    }
}

/// Why what the browser brought back from the provider is not accepted.
public enum ResponseRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Too long, or a parameter stands twice (RFC 6749, section 3.1).
    case malformed
    /// It belongs to no sign-in of this browser, or to another one.
    case state
    /// The sign-in was begun too long ago.
    case expired
    /// The sign-in was begun with another provider or client, as after a change of the configuration.
    case otherProvider
    /// It names another provider than the one that was asked, or none although that one always does (RFC 9207).
    case issuer
    /// It was brought before.
    case used
    /// The provider did not sign the person in. One of the codes of RFC 6749, section 4.1.2.1, and OpenID Connect Core 1.0,
    /// section 3.1.2.6; `other` for any other.
    case denied(String)
    /// It has no code.
    case noCode
    /// The provider does not accept the code: it was used before, has expired, or belongs to another sign-in.
    case codeRefused

    /// A stable code, without the prefix.
    public var code: String {
        switch self {
        case .malformed: "malformed"
        case .state: "state"
        case .expired: "expired"
        case .otherProvider: "other_provider"
        case .issuer: "issuer"
        case .used: "used"
        case .denied: "denied"
        case .noCode: "no_code"
        case .codeRefused: "code_refused"
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .malformed: "the provider's response is malformed"
        case .state: "the response belongs to no sign-in that this browser began"
        case .expired: "the sign-in took too long"
        case .otherProvider: "the sign-in was begun with another provider"
        case .issuer: "the response is from another provider than the one that was asked"
        case .used: "the response was used before"
        case .denied(let error): "the provider did not sign the person in (\(error))"
        case .noCode: "the provider's response has no code"
        case .codeRefused: "the provider does not accept the code"
        }
    }
}
