import Domain
public import Foundation

/// An invitation to join a tenant, by mail. Of the tenant it names the Jira site alone, so that no tenant can send words of its
/// own with it.
public struct MailInvitation: Sendable, Hashable {
    /// The tenant's Jira site.
    var siteURL: String
    /// The link.
    var url: String
    /// Makes the Message-ID.
    var id: UUID
    /// How long the link is good.
    var days: Int

    /// - Parameters:
    ///   - siteURL: the tenant's Jira site.
    ///   - url: the link of the invitation.
    ///   - id: of the invitation.
    ///   - days: how long the link is good.
    public init(siteURL: String, url: String, id: UUID, days: Int) {
        self.siteURL = siteURL
        self.url = url
        self.id = id
        self.days = days
    }

    var subject: String { "[consilod] An invitation to see delivery risk" }

    private var paragraphs: [String] {
        [
            "Somebody who works with \(siteURL.onOneLine(limit: 200)) invites you to see the delivery risk of its issues.",
            "Follow the link and sign in with your account. It works once, for \(days) days:",
        ]
    }

    private let ignore = "If you did not expect this mail, you can ignore it."

    var text: String { (paragraphs + [url, ignore]).joined(separator: "\n\n") + "\n" }

    var html: String {
        let escaped = HTMLText.escaped
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(subject))</title></head>
            <body style="margin:0;padding:16px;font:14px/1.5 sans-serif;color:#1d2733;background:#ffffff">
            <div style="max-width:640px">
            \(paragraphs.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))
            <p>\(MailHTML.link("Accept the invitation", to: url))</p>
            <p>\(escaped(ignore))</p>
            </div>
            </body></html>

            """
    }
}
