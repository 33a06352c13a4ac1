import Foundation
import Hummingbird
import Identity

/// What a browser keeps while its person is at a provider: sealed, so that it can be neither read nor made up, for some
/// minutes, and only sent to the address that the provider sends the browser back to.
enum PendingCookie {
    private static let name = "consilod_pending"
    /// As long as a person may take (``OpenIDConfiguration/signInSeconds``), and a minute.
    private static let seconds = 660

    /// Nil for none, and for one that this host has not made.
    static func pending(of request: Request, open: (String) throws -> String) -> PendingSignIn? {
        guard let value = request.cookies[name]?.value else { return nil }
        do { return try JSONDecoder().decode(PendingSignIn.self, from: Data(try open(value).utf8)) } catch {
            return nil
        }
    }

    /// Throws what the seal throws.
    static func header(
        _ pending: PendingSignIn, at provider: String, isSecure: Bool, seal: (String) throws -> String
    ) throws -> String {
        let text = String(decoding: try JSONEncoder().encode(pending), as: UTF8.self)
        return cookie(try seal(text), at: provider, seconds: seconds, isSecure: isSecure)
    }

    /// The header that has the browser forget it.
    static func removal(at provider: String, isSecure: Bool) -> String {
        cookie("", at: provider, seconds: 0, isSecure: isSecure)
    }

    private static func cookie(_ value: String, at provider: String, seconds: Int, isSecure: Bool) -> String {
        // Lax: the way back from the provider is a link of another site.
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/dashboard/sign-in/\(provider)/callback",
            secure: isSecure, httpOnly: true, sameSite: .lax
        ).description
    }
}
