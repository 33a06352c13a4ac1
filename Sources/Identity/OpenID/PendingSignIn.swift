import Crypto
import Domain
import Foundation

/// A sign-in that was begun: what the response of the provider is checked by.
///
/// The caller keeps it until the browser comes back, and must bind it to that browser: sealed in a cookie (`HttpOnly`, `Secure`,
/// `SameSite=Lax`, on the path of the response only), or in a row that such a cookie names. It is a secret: who knows the verifier
/// can use a stolen code. It must be used once: the caller deletes it, whatever the outcome, before it calls
/// ``OpenIDSignIn/finish(query:pending:)``. ``OpenIDSignIn`` also remembers what it has finished, but only in its own process.
public struct PendingSignIn: Sendable, Hashable, Codable {
    /// Ties the response to the request (RFC 6749, section 10.12): 43 characters.
    public let state: String
    /// Ties the ID token to the request: 43 characters.
    public let nonce: String
    /// Proves that who exchanges the code began the sign-in (RFC 7636): 43 characters.
    public let verifier: String
    /// The path of this host that the person wanted to see; safe to be sent to.
    public let returnPath: String
    /// The provider that was asked.
    public let issuer: String
    /// The client that asked.
    public let clientID: String
    /// When it was begun, in milliseconds since 1970.
    public let beganAtMilliseconds: Int64

    /// A new one.
    ///
    /// - Parameter returnPath: what a request asked for; see ``safe(_:)``.
    init(returnPath: String, issuer: String, clientID: String, now: Timestamp) {
        state = UnpaddedBase64URL.random()
        nonce = UnpaddedBase64URL.random()
        verifier = UnpaddedBase64URL.random()
        self.returnPath = Self.safe(returnPath)
        self.issuer = issuer
        self.clientID = clientID
        beganAtMilliseconds = now.milliseconds
    }

    /// The S256 challenge of the verifier (RFC 7636, section 4.2).
    var challenge: String { UnpaddedBase64URL.encode(SHA256.hash(data: Data(verifier.utf8))) }

    /// Whether it was begun at most so many seconds ago, and not in the future but for the clocks of several nodes.
    func isCurrent(at now: Timestamp, withinSeconds seconds: Int64) -> Bool {
        (-60_000...seconds * 1000).contains(now.milliseconds - beganAtMilliseconds)
    }

    /// A path that browsers read as one of this host: it begins with one slash, and has no backslash, white space or control
    /// character. Anything else becomes `/`.
    public static func safe(_ path: String) -> String {
        guard path.hasPrefix("/"), !path.hasPrefix("//"), path.utf8.count <= 2048,
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return path
    }
}
