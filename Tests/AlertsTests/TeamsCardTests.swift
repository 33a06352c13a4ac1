import Domain
import Foundation
import Testing

@testable import Alerts

@Suite struct TeamsCardTests {
    private struct Posted: Decodable {
        struct Attachment: Decodable {
            var contentType: String
            var content: Card
        }
        struct Card: Decodable {
            struct Block: Decodable {
                struct Run: Decodable {
                    struct Address: Decodable { var url: String }
                    var type: String
                    var text: String
                    var selectAction: Address?
                }
                var type: String
                var inlines: [Run]
            }
            struct Action: Decodable { var url: String }
            var type: String
            var version: String
            var body: [Block]
            var actions: [Action]
        }
        var type: String
        var attachments: [Attachment]
    }

    private func card(_ message: AlertMessage) throws -> Posted.Card {
        let posted = try JSONDecoder().decode(Posted.self, from: try TeamsCard.render(message))
        #expect(posted.type == "message")
        #expect(posted.attachments.map(\.contentType) == ["application/vnd.microsoft.card.adaptive"])
        return try #require(posted.attachments.first?.content)
    }

    private func text(_ card: Posted.Card) -> String {
        card.body.map { $0.inlines.map(\.text).joined() }.joined(separator: "\n")
    }

    @Test func saysWhatEveryOtherChannelSays() throws {
        let alert = Alert.sample()
        let card = try card(AlertMessage(alert))
        #expect(card.type == "AdaptiveCard" && card.version == "1.4")
        let (said, words) = (text(card), AlertText(AlertMessage(alert)))
        for part in [words.headline, words.subject, words.origin] + words.sections.map(\.title) {
            #expect(said.contains(part), "\(part)")
        }
        #expect(card.actions.map(\.url) == [words.url])
    }

    /// Only text runs: Teams reads Markdown in text blocks, in which a summary could be a link or a mention.
    @Test func textOfJiraIsNeverMarkup() throws {
        var alert = Alert.sample()
        guard case .issue(var issue) = alert.subject else { return }
        issue.summary = "[Sign in](https://evil.example) **now** <at>everybody</at>"
        issue.url = "javascript:alert(1)"
        alert.subject = .issue(issue)
        let card = try card(AlertMessage(alert))
        #expect(text(card).contains(issue.summary))
        #expect(card.body.allSatisfy { $0.type == "RichTextBlock" && $0.inlines.allSatisfy { $0.type == "TextRun" } })
        #expect(card.actions.isEmpty)
        #expect(!card.body.flatMap(\.inlines).compactMap(\.selectAction?.url).contains { !$0.hasPrefix("http") })
    }

    @Test func staysBelowTheLimitOfTeamsAndKeepsItsEnd() throws {
        let alerts = (0..<40).map { number in
            var alert = Alert.sample()
            alert.id = UUID()
            guard case .issue(var issue) = alert.subject else { return alert }
            issue.issueID = IssueID("\(number)")
            issue.summary = String(repeating: "𝒲🧑‍💻", count: 500)
            issue.factors = (0..<30).map {
                Factor(name: .age, points: $0, cap: 30, explanation: String(repeating: "\u{1F9D1}\u{200D}", count: 300))
            }
            alert.subject = .issue(issue)
            return alert
        }
        for message in [AlertMessage(alerts), AlertMessage(alerts[0])] {
            #expect(try TeamsCard.render(message).count <= 20_000)
            let said = text(try card(message))
            #expect(said.hasSuffix(AlertText(message).origin) && said.hasPrefix(AlertText(message).headline))
        }
    }
}
