import Domain
import Foundation
import Testing

@testable import Alerts

/// Links in the messages of each kind of channel.
@Suite struct MessageLinksTests {
    private let maker = LinkMaker(publicURL: "https://risk.example") { link in
        switch link.action {
        case .acknowledge: "ack-\(link.endsAt?.description ?? "ever")"
        case .snooze: "snooze-\(link.endsAt?.description ?? "ever")"
        case .unsubscribe: "bye-\(link.endsAt?.description ?? "ever")"
        case .confirm: "confirm"
        case .accountMails: "mails-\(link.endsAt?.description ?? "ever")"
        }
    }

    private func item(_ alerts: [Alert]) -> OutboxItem {
        OutboxItem(
            id: UUID(), alerts: alerts,
            channel: AlertChannel(id: UUID(), kind: .email, name: "leads", target: "ana@example.com"), attempts: 0,
            leaseToken: "lease")
    }

    private func linked(_ alert: Alert = .sample()) -> AlertMessage {
        var message = AlertMessage(alert)
        message.links = maker.links(of: item([alert]), recipientID: UUID(), now: .sampleNow)
        return message
    }

    private func mail(_ message: AlertMessage) throws -> MailMessage {
        MailMessage(
            message, from: try #require(MailAddress("alerts@example.com")),
            to: try #require(MailAddress("ana@example.com")), channelID: UUID(), now: .sampleNow)
    }

    @Test func whatEndsAfterAWeekAndWhatNever() {
        let links = linked().links
        let end = Timestamp.sampleNow.adding(days: 7)
        #expect(links.acknowledge == "https://risk.example/links/ack-\(end)")
        #expect(links.snooze == "https://risk.example/links/snooze-\(end)")
        #expect(links.unsubscribe == "https://risk.example/links/bye-ever")
    }

    @Test func whatIsResolvedOrAboutNoIssueOffersNoMoreThanItCan() {
        let resolved = maker.links(of: item([.sample(event: .resolved)]), recipientID: nil, now: .sampleNow)
        #expect(resolved == MessageLinks())
        var access = Alert.sample()
        access.subject = .access(AccessAlert(siteURL: "https://a.example", reason: "401", steps: []))
        let links = maker.links(of: item([access]), recipientID: nil, now: .sampleNow)
        #expect(links.acknowledge != nil && links.snooze == nil && links.unsubscribe == nil)
    }

    @Test func mailHasTheLinksBelowItsTextAndTheHeadersOfOneClick() throws {
        let mail = try mail(linked())
        let lines = mail.text.split(separator: "\n").map(String.init)
        let place = try #require(lines.firstIndex { $0.hasPrefix("Acknowledge: https://risk.example/links/ack-") })
        #expect(lines[place + 1].hasPrefix("Snooze: https://risk.example/links/snooze-"))
        #expect(lines[place + 2] == "-- ")
        #expect(lines.last == "No more alerts to this address: https://risk.example/links/bye-ever")
        #expect(mail.html.contains("<a href=\"https://risk.example/links/ack-"))
        #expect(mail.html.contains("<a href=\"https://risk.example/links/bye-ever\""))
        #expect(mail.headers.contains("List-Unsubscribe: <https://risk.example/links/bye-ever>"))
        #expect(mail.headers.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
    }

    @Test func withoutLinksAMessageIsAsItWas() throws {
        let mail = try mail(AlertMessage(.sample()))
        #expect(!mail.headers.contains { $0.hasPrefix("List-") })
        #expect(!mail.text.contains("Acknowledge") && !mail.html.contains("/links/"))
        let payload = String(decoding: try WebhookPayload.render(AlertMessage(.sample())), as: UTF8.self)
        #expect(!payload.contains("links"))
    }

    /// RFC 8058 has one click for https alone; a browser can follow the other.
    @Test func aPlainAddressOffersNoOneClick() throws {
        var message = AlertMessage(.sample())
        message.links.unsubscribe = "http://risk.example/links/bye"
        let headers = try mail(message).headers.filter { $0.hasPrefix("List-") }
        #expect(headers == ["List-Unsubscribe: <http://risk.example/links/bye>"])
        for hostile in ["https://risk.example/ä", "https://risk.example/>\r\nBcc: a@b.example", "https://a.example/,x"]
        {
            message.links.unsubscribe = hostile
            #expect(try !mail(message).headers.contains { $0.hasPrefix("List-") })
        }
    }

    @Test func slackHasThemAsLinksInBlocksAndInTheText() throws {
        let message = SlackMessage(linked())
        let contexts = message.blocks.compactMap { block -> String? in
            if case .context(let text) = block { text } else { nil }
        }
        #expect(contexts.count == 1)
        for text in contexts + [message.text] {
            #expect(text.contains("<https://risk.example/links/ack-"))
            #expect(text.contains("|Snooze>"))
            #expect(!text.contains("bye"))
        }
        #expect(message.text.utf16.count < 4000)
    }

    @Test func teamsHasThemAsActionsAndAWebhookAsFields() throws {
        let card = TeamsCard(linked())
        #expect(card.actions.map(\.title) == ["Open in Jira", "Acknowledge", "Snooze"])
        #expect(card.actions.allSatisfy { $0.type == "Action.OpenUrl" && $0.url.hasPrefix("https://") })
        struct Payload: Decodable {
            struct Message: Decodable {
                struct Links: Decodable {
                    var acknowledge: String
                    var snooze: String
                }
                var links: Links
            }
            var data: Message
        }
        let payload = try JSONDecoder().decode(Payload.self, from: WebhookPayload.render(linked()))
        #expect(payload.data.links.acknowledge.hasPrefix("https://risk.example/links/ack-"))
        #expect(payload.data.links.snooze.hasPrefix("https://risk.example/links/snooze-"))
    }

    @Test func theQuestionToANewAddressHasWordsOfOursOnly() throws {
        let question = MailQuestion(
            siteURL: "https://acme.example/\r\n\r\n<b>buy</b>", confirmURL: "https://risk.example/links/confirm",
            unsubscribeURL: "https://risk.example/links/bye", recipientID: UUID())
        let mail = MailMessage(
            question, from: try #require(MailAddress("alerts@example.com")),
            to: try #require(MailAddress("ana@example.com")), now: .sampleNow)
        #expect(!mail.html.contains("<b>") && !mail.text.contains("\r"))
        #expect(mail.text.contains("\n\nhttps://risk.example/links/confirm\n\n"))
        #expect(mail.html.contains("<a href=\"https://risk.example/links/confirm\""))
        #expect(mail.headers.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
        #expect(mail.headers.allSatisfy { !$0.contains("\n") })
    }
}
