import Domain
import Foundation
import Outbound

/// Exchanges a code for an ID token (OpenID Connect Core 1.0, section 3.1.3). It is tried once: a code is good for one try.
struct TokenExchange: Sendable {
    let configuration: OpenIDConfiguration
    let http: ProviderHTTP

    /// The ID token, not yet verified. No other token is kept.
    func idToken(code: String, verifier: String, endpoint: String) async throws(IdentityFailure) -> String {
        var form: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", configuration.redirectURI),
            ("code_verifier", verifier),
        ]
        var authorization: String?
        switch configuration.clientAuthentication {
        case .none: form.append(("client_id", configuration.clientID))
        case .basic(let secret):
            // Both are encoded as in a form before they are joined (RFC 6749, section 2.3.1).
            let pair = [configuration.clientID, secret.revealed].map(FormEncoding.encoded).joined(separator: ":")
            authorization = "Basic " + Data(pair.utf8).base64EncodedString()
        case .post(let secret):
            form += [("client_id", configuration.clientID), ("client_secret", secret.revealed)]
        }
        let answer: OutboundClient.Answer
        do throws(ProviderFailure) {
            answer = try await http.post(form, to: endpoint, authorization: authorization, .tokens)
        } catch {
            throw .provider(error)
        }
        return try Self.idToken(of: answer)
    }

    private static func idToken(of answer: OutboundClient.Answer) throws(IdentityFailure) -> String {
        let members: [String: ClaimValue]?
        do { members = try ClaimValue(json: answer.body).members } catch { members = nil }
        guard answer.status == 200 else {
            // RFC 6749, section 5.2.
            switch members?["error"]?.text {
            case "invalid_grant": throw .response(.codeRefused)
            case "invalid_client", "unauthorized_client": throw .provider(.clientRefused)
            default: throw .provider(.status(.tokens, answer.status))
            }
        }
        guard let token = members?["id_token"]?.text else { throw .provider(.malformed(.tokens)) }
        return token
    }
}
