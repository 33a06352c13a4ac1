import Foundation

/// A Jira site and who consilod is there.
///
/// Neither its description nor its mirror shows the token: an account that slips into a log line gives nothing away.
public struct JiraAccount: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    /// The site's address without a trailing slash: `https://acme.atlassian.net`.
    public let siteURL: String
    /// The account's mail address, the name in Basic authentication.
    public let email: String
    /// An API token of the account: classic, scoped, or of a service account.
    let token: String

    /// An account of the site at `siteURL`; slashes and white space around the address are dropped.
    public init(siteURL: String, email: String, token: String) {
        var siteURL = siteURL.trimmingCharacters(in: .whitespacesAndNewlines)
        while siteURL.hasSuffix("/") { siteURL.removeLast() }
        self.siteURL = siteURL
        self.email = email.trimmingCharacters(in: .whitespacesAndNewlines)
        self.token = token.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public var description: String { "\(email) at \(siteURL)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["siteURL": siteURL, "email": email]) }

    /// What the `Authorization` header says (Basic, RFC 7617).
    var authorization: String { "Basic \(encodedCredentials)" }

    /// `text` with the token, in every form that is sent, taken out.
    func withoutSecrets(_ text: String) -> String {
        var text = text
        for secret in [token, encodedCredentials] where !secret.isEmpty {
            text = text.replacing(secret, with: "…")
        }
        return text
    }

    private var encodedCredentials: String { Data("\(email):\(token)".utf8).base64EncodedString() }
}
