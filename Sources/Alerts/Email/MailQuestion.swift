import Domain
import Foundation

/// The question to the owner of an address, whether alerts may come there. Of the tenant it names the Jira site alone, so
/// that no tenant can send words of its own with it.
struct MailQuestion: Sendable, Hashable {
    /// The tenant's Jira site.
    var siteURL: String
    var confirmURL: String
    var unsubscribeURL: String
    /// Makes the Message-ID, with the instant.
    var recipientID: UUID

    var subject: String { "[consilod] Confirm this address for risk alerts" }

    private var site: String { siteURL.onOneLine(limit: 200) }

    private var paragraphs: [String] {
        [
            "Somebody who works with \(site) asks to have alerts about the risk of its issues sent to this address.",
            "No alert is sent until you confirm the address. The link works for \(LinkMaker.days) days:",
        ]
    }

    private let ignore = "If you did not expect this mail, you can ignore it: no alert will be sent."
    private let refuse = "To get no more of these mails:"

    var text: String {
        (paragraphs + [confirmURL, ignore, "\(refuse) \(unsubscribeURL)"]).joined(separator: "\n\n") + "\n"
    }

    var html: String {
        let escaped = HTMLText.escaped
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(subject))</title></head>
            <body style="margin:0;padding:16px;font:14px/1.5 sans-serif;color:#1d2733;background:#ffffff">
            <div style="max-width:640px">
            \(paragraphs.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))
            <p>\(MailHTML.link("Confirm this address", to: confirmURL))</p>
            <p>\(escaped(ignore))</p>
            <p style="font-size:12px;color:#5f6b7a">\(MailHTML.link("Do not ask again", to: unsubscribeURL))</p>
            </div>
            </body></html>

            """
    }
}
