import Crypto
import Domain
import Foundation

/// The headers of the Standard Webhooks scheme (github.com/standard-webhooks, specification 1.0): `v1`, HMAC-SHA256 over
/// `id.timestamp.body`.
enum StandardWebhookSignature {
    private static let prefix = "whsec_"

    /// What a receiver verifies the body with; nil where a secret is not of the scheme.
    ///
    /// - Parameters:
    ///   - id: names the message: the same for each attempt at it.
    ///   - now: the instant of the attempt. Receivers refuse one that is far from their clock.
    ///   - secrets: `whsec_` and base64; each signs.
    static func headers(
        id: String, now: Timestamp, body: Data, secrets: [String]
    ) -> [(name: String, value: String)]? {
        let seconds = now.milliseconds / 1000
        let signed = Data("\(id).\(seconds).".utf8) + body
        var signatures: [String] = []
        for secret in secrets {
            guard secret.hasPrefix(prefix), let key = Data(base64Encoded: String(secret.dropFirst(prefix.count))) else {
                return nil
            }
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
            signatures.append("v1,\(Data(code).base64EncodedString())")
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// A new secret.
    static func newSecret() -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        return prefix + Data(bytes).base64EncodedString()
    }
}
