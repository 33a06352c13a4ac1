import Domain
import Foundation

/// A mail to an owner about the tenant's account, as it is sent: text and HTML say the same. Of the tenant it names the Jira
/// site alone. Nothing in it tells whether it was read.
struct AccountMail: Sendable, Hashable {
    /// Of the row; makes the Message-ID, so that a mail sent twice is seen to be one.
    var id: UUID
    var words: AccountMailWords
    /// Where ``AccountMailWords/action`` leads.
    var actionURL: String
    /// Switches optional mails off; nil for one that cannot be switched off.
    var unsubscribeURL: String?

    var subject: String { "[consilod] \(words.subject)" }

    private let unsubscribe = "No more reminders to this address"

    var text: String {
        var parts = words.paragraphs
        if !words.points.isEmpty { parts.append(words.points.map { "  * \($0)" }.joined(separator: "\n")) }
        parts.append("\(words.action): \(actionURL.onOneLine(limit: 500))")
        let end = unsubscribeURL.map { "\n\(unsubscribe): \($0)" } ?? ""
        parts.append("-- \n" + words.reason + end)
        return parts.joined(separator: "\n\n") + "\n"
    }

    var html: String {
        let escaped = HTMLText.escaped
        let points = words.points.map { "<li style=\"margin:4px 0\">\(escaped($0))</li>" }.joined(separator: "\n")
        let list =
            words.points.isEmpty ? "" : "\n<ul style=\"margin:0;padding-left:20px\">\n\(points)\n</ul>"
        let end = unsubscribeURL.map { "<br>\(MailHTML.link(unsubscribe, to: $0))" } ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(subject))</title></head>
            <body style="margin:0;padding:16px;font:14px/1.5 sans-serif;color:#1d2733;background:#ffffff">
            <div style="max-width:640px">
            \(words.paragraphs.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))\(list)
            <p>\(MailHTML.link(words.action, to: actionURL))</p>
            <p style="font-size:12px;color:#5f6b7a">\(escaped(words.reason))\(end)</p>
            </div>
            </body></html>

            """
    }
}
