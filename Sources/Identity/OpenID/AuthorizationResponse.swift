import Crypto
import Domain
import Foundation

/// What a browser brings back from the provider, in the query of the redirect address (RFC 6749, section 4.1.2).
struct AuthorizationResponse: Sendable {
    /// To be exchanged for tokens.
    let code: String

    private static let lengthLimit = 8192
    /// Of RFC 6749, section 4.1.2.1, and OpenID Connect Core 1.0, section 3.1.2.6. Others are not repeated: anybody can write them
    /// into an address.
    private static let errors: Set<String> = [
        "access_denied", "account_selection_required", "consent_required", "interaction_required", "invalid_request",
        "invalid_scope", "login_required", "server_error", "temporarily_unavailable", "unauthorized_client",
        "unsupported_response_type",
    ]

    /// Checks a response, in this order: that it belongs to the sign-in, that it is from the provider that was asked, that it
    /// is no error. Time is checked before.
    ///
    /// - Parameter namesIssuer: whether the provider always names itself.
    init(
        query: String, pending: PendingSignIn, issuer: String, namesIssuer: Bool
    ) throws(ResponseRefusal) {
        guard query.utf8.count <= Self.lengthLimit else { throw .malformed }
        var parameters: [String: String] = [:]
        for (name, value) in FormText.pairs(query) {
            guard parameters.updateValue(value, forKey: name) == nil else { throw .malformed }
        }
        guard let state = parameters["state"], Self.isEqual(state, pending.state) else { throw .state }
        // RFC 9207, section 2.4.
        if let named = parameters["iss"] {
            guard named == issuer else { throw .issuer }
        } else if namesIssuer {
            throw .issuer
        }
        if let error = parameters["error"] { throw .denied(Self.errors.contains(error) ? error : "other") }
        guard let code = parameters["code"], !code.isEmpty else { throw .noCode }
        self.code = code
    }

    /// In a time that does not tell where they differ: digests are compared so.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        SHA256.hash(data: Data(a.utf8)) == SHA256.hash(data: Data(b.utf8))
    }
}
