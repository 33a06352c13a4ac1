import Domain
import Foundation

/// A message as a mail: envelope, headers and the two forms of the body. Pure.
struct MailMessage: Sendable, Hashable {
    let sender: MailAddress
    let recipient: MailAddress
    /// Complete header lines without their line ends, apart from what MIME adds.
    let headers: [String]
    let text: String
    let html: String
    /// What the HTML form shows; nil for nothing.
    let picture: Picture?

    /// A picture that comes with the mail.
    struct Picture: Sendable, Hashable {
        /// By which the HTML form names it, without angle brackets.
        var contentID: String
        /// A PNG file.
        var data: [UInt8]
    }

    /// - Parameters:
    ///   - channelID: with the alerts' ids and the recipient it makes the Message-ID, so that a mail sent twice is seen to
    ///     be one.
    ///   - now: the mail's date.
    init(
        _ message: AlertMessage, from sender: MailAddress, to recipient: MailAddress, channelID: UUID, now: Timestamp
    ) {
        let words = AlertText(message)
        let alert = message.lead
        // Gmail threads mails of one subject that refer to one id: no mail has that id, it only stands for the issue.
        // The state of the issue therefore is in the body.
        let issueID = (alert.issue?.issueID.rawValue ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        // A message about several issues belongs to the thread of none; each digest is one of its own.
        let topic =
            message.byIssue.count == 1 && alert.digest == nil
            ? "issue.\(alert.tenantID).\(issueID)" : "group.\(alert.id.canonicalText)"
        let thread = "<\(topic)@\(sender.domain)>"
        let copy = UUID(named: "\(channelID.canonicalText)|\(recipient.address.lowercased())")
        let carried = message.alerts.map(\.id.canonicalText).joined(separator: "|")
        let id = message.alerts.count == 1 ? alert.id : UUID(named: carried)
        let messageID = "alert.\(id.uuidString).\(copy.uuidString)".lowercased()
        self.sender = sender
        self.recipient = recipient
        headers =
            [
                "Date: \(InternetDate.mail(now))",
                "Message-ID: <\(messageID)@\(sender.domain)>",
                "From: \(sender.header)",
                "To: \(recipient.header)",
                "Subject: \(HeaderText.unstructured("[consilod] \(words.subject)"))",
                "References: \(thread)",
                "In-Reply-To: \(thread)",
                "Auto-Submitted: auto-generated",  // RFC 3834: keeps out-of-office replies away
            ] + Self.unsubscription(message.links.unsubscribe)
        text = Self.text(words, message.links)
        guard let digest = alert.digest else {
            html = MailHTML.render(words, band: alert.band, message.links)
            picture = nil
            return
        }
        let chart = DigestChart(digest)
        let contentID = "chart.\(messageID)@\(sender.domain)"
        html = DigestHTML.render(digest, words: words, chart: chart, contentID: contentID, message.links)
        picture = chart.map { Picture(contentID: contentID, data: $0.picture) }
    }

    /// A question to the owner of `recipient`.
    init(_ question: MailQuestion, from sender: MailAddress, to recipient: MailAddress, now: Timestamp) {
        self.sender = sender
        self.recipient = recipient
        let messageID = "confirm.\(question.recipientID.canonicalText).\(now.milliseconds)@\(sender.domain)"
        headers =
            [
                "Date: \(InternetDate.mail(now))",
                "Message-ID: <\(messageID)>",
                "From: \(sender.header)",
                "To: \(recipient.header)",
                "Subject: \(HeaderText.unstructured(question.subject))",
                "Auto-Submitted: auto-generated",
            ] + Self.unsubscription(question.unsubscribeURL)
        text = question.text
        html = question.html
        picture = nil
    }

    /// An invitation for the owner of `recipient`.
    init(_ invitation: MailInvitation, from sender: MailAddress, to recipient: MailAddress, now: Timestamp) {
        self.sender = sender
        self.recipient = recipient
        headers = [
            "Date: \(InternetDate.mail(now))",
            "Message-ID: <invitation.\(invitation.id.canonicalText)@\(sender.domain)>",
            "From: \(sender.header)",
            "To: \(recipient.header)",
            "Subject: \(HeaderText.unstructured(invitation.subject))",
            "Auto-Submitted: auto-generated",
        ]
        text = invitation.text
        html = invitation.html
        picture = nil
    }

    /// A mail about an account.
    init(_ mail: AccountMail, from sender: MailAddress, to recipient: MailAddress, now: Timestamp) {
        self.sender = sender
        self.recipient = recipient
        headers =
            [
                "Date: \(InternetDate.mail(now))",
                "Message-ID: <account.\(mail.id.canonicalText)@\(sender.domain)>",
                "From: \(sender.header)",
                "To: \(recipient.header)",
                "Subject: \(HeaderText.unstructured(mail.subject))",
                "Auto-Submitted: auto-generated",
            ] + Self.unsubscription(mail.unsubscribeURL)
        text = mail.text
        html = mail.html
        picture = nil
    }

    /// One click in the mail program ends the mail, without a page (RFC 8058). Only an https address may offer that; another
    /// one is offered for the browser (RFC 2369).
    private static func unsubscription(_ url: String?) -> [String] {
        guard let url, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"<>,".utf8.contains($0) }) else {
            return []
        }
        let header = "List-Unsubscribe: <\(url)>"
        guard url.lowercased().hasPrefix("https://") else { return [header] }
        return [header, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    }

    private static func point(_ item: AlertText.Item) -> String {
        "  * \(item.text)" + (item.url.map { "\n    \($0.onOneLine(limit: 500))" } ?? "")
    }

    private static func text(_ words: AlertText, _ links: MessageLinks) -> String {
        var paragraphs = [words.headline, "\(words.subject)\n\(words.url.onOneLine(limit: 500))"]
        paragraphs.append(words.facts.map { "\($0.label): \($0.value)" }.joined(separator: "\n"))
        paragraphs += words.sections.map { section in
            ([section.title] + section.items.map(Self.point)).joined(separator: "\n")
        }
        if !links.actions.isEmpty {
            paragraphs.append(links.actions.map { "\($0.title): \($0.url)" }.joined(separator: "\n"))
        }
        let end = links.unsubscribe.map { "\nNo more alerts to this address: \($0)" } ?? ""
        paragraphs.append("-- \n" + words.origin + end)
        return paragraphs.joined(separator: "\n\n") + "\n"
    }
}
