import Domain
import HTTPTypes
import Hummingbird

/// The cookie of a session (RFC 6265).
enum SessionCookie {
    private static let name = "consilod_session"

    /// The token of a request's cookie; nil for none.
    static func token(of request: Request) -> SessionToken? {
        request.cookies[name].map { SessionToken($0.value) }
    }

    /// The header that keeps a token in the browser. Not sent with requests that other sites make, and unknown to scripts.
    ///
    /// - Parameter isSecure: whether the page came over https, as far as is known; then it is sent over https alone.
    static func header(_ token: SessionToken, seconds: Int, isSecure: Bool) -> String {
        cookie(token.text, seconds: seconds, isSecure: isSecure)
    }

    /// The header that has the browser forget it.
    static func removal(isSecure: Bool) -> String { cookie("", seconds: 0, isSecure: isSecure) }

    private static func cookie(_ value: String, seconds: Int, isSecure: Bool) -> String {
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/dashboard", secure: isSecure, httpOnly: true,
            sameSite: .lax
        ).description
    }
}
