import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct SlackMessageTests {
    @Test func aScoreThatDidNotMoveHasNoEarlierValue() {
        var alert = Alert.sample()
        alert.changeIssue { $0.previousScore = 84 }
        #expect(SlackMessage(alert).text.contains("Risk: 84 of 100, high\n"))
    }

    @Test func textAloneSaysEverything() {
        let message = SlackMessage(.sample())
        #expect(
            message.text == """
                🔴 ENG-12 rose from 55 to 84, at or above the threshold of 70
                <https://team.example.net/browse/ENG-12|ENG-12 Checkout fails for saved cards>
                Status: In Progress · Assignee: Ana Silva · Risk: 84 of 100, high (was 55)

                What changed
                • Blockers 0 → 30: 3 comments say that work is blocked.
                • Due date 0 → 20: Due 3 days ago.

                Why the score is 84
                • Blockers 30 of 30: 3 comments say that work is blocked.
                • Due date 20 of 20: Due 3 days ago.

                What would lower it
                • −30: Resolve the blockers.
                • −20: Agree on a new due date.

                Rule “High risk” · scored by lexicon-1 · 2026-11-24 13:18 UTC
                """)
    }

    @Test func blocksSayTheSameAsTheText() {
        let message = SlackMessage(.sample())
        #expect(message.blocks.count == 7)
        #expect(message.blocks.first == .header("🔴 ENG-12 rose from 55 to 84, at or above the threshold of 70"))
        #expect(
            message.blocks.dropFirst(2).first
                == .fields(["*Status*\nIn Progress", "*Assignee*\nAna Silva", "*Risk*\n84 of 100, high (was 55)"]))
        #expect(
            message.blocks.contains(
                .section("*What would lower it*\n• −30: Resolve the blockers.\n• −20: Agree on a new due date.")))
    }

    @Test func resolvedAlertIsShort() {
        let message = SlackMessage(.sample(event: .resolved))
        #expect(message.text.hasPrefix("✅ ENG-12 fell to 35, below the clearing value of 60\n"))
        #expect(message.blocks.count == 4)
        #expect(!message.text.contains("What changed"))
    }

    @Test func sameAlertGivesSameBytes() throws {
        let alert = Alert.sample()
        #expect(try SlackMessage.render(alert) == SlackMessage.render(alert))
    }

    @Test func jiraTextMakesNoLinkAndCallsNobody() {
        let message = SlackMessage(.sample(summary: "<!channel> & <https://evil.example|click> @all\n*Status*: fine"))
        #expect(
            message.text.contains("&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; @\u{2060}all *Status*"))
        #expect(message.text.filter { $0 == "<" }.count == 1)
        #expect(!message.text.contains("@all"))
    }

    @Test func addressThatIsNoWebAddressIsNotLinked() {
        for url in ["javascript:alert(1)", "https://x.example/a|b", "https://x.example/>", "https://x.example/a b"] {
            var alert = Alert.sample()
            alert.changeIssue { $0.url = url }
            let text = SlackMessage(alert).text
            #expect(!text.contains("<"))
            #expect(text.contains("ENG-12 Checkout"))
        }
    }

    @Test func limitsHoldWhateverTheTexts() throws {
        var rng = SeededGenerator(seed: 7)
        let pieces = ["&", "<", ">", "@", "word ", "😀", "é", "\n", "\u{0}", "👩‍👩‍👧‍👦", "long enough to matter ", "*_`~"]
        func text() -> String {
            (0..<Int.random(in: 0...600, using: &rng)).compactMap { _ in pieces.randomElement(using: &rng) }.joined()
        }
        for _ in 0..<200 {
            var alert = Alert.sample(
                summary: text(), status: text(), assignee: text(), explanation: text(), ruleName: text(), factorCount: 7
            )
            alert.headline = text()
            let model = text()
            alert.changeIssue { $0.model = model }
            let sent = try JSONDecoder().decode(Sent.self, from: try SlackMessage.render(alert))
            #expect(sent.text.utf16.count < 4000)
            #expect(sent.text.hasSuffix(" UTC"))
            #expect(sent.text.filter { $0 == "<" }.count == 1)
            #expect(sent.blocks.count <= 50)
            #expect(sent.blocks.allSatisfy { $0.type != "header" || ($0.text?.text.utf16.count ?? 0) <= 150 })
            #expect(sent.blocks.flatMap(\.texts).allSatisfy { !$0.isEmpty && $0.utf16.count <= 3000 })
            #expect(sent.blocks.flatMap(\.texts).reduce(0) { $0 + $1.utf16.count } < 12_000)
        }
    }

    @Test(arguments: [
        ("discord.com", true), ("ptb.discord.com", true), ("discordapp.com", true), ("notdiscord.com", false),
        ("hooks.slack.com", false),
    ])
    func onDiscordTheTextIsWithinItsLimit(_ host: String, isShorter: Bool) throws {
        let long = String(repeating: "more to say 😀 ", count: 30)
        for count in 0...7 {
            let alert = Alert.sample(
                summary: long, assignee: long, explanation: long, ruleName: long, factorCount: count)
            let whole = try JSONDecoder().decode(Sent.self, from: try SlackMessage.render(AlertMessage(alert)))
            let sent = try JSONDecoder().decode(
                Sent.self, from: try SlackMessage.render(AlertMessage(alert), for: SlackReader(of: host)))
            guard isShorter else {
                #expect(sent.text == whole.text)
                continue
            }
            #expect(sent.text.utf16.count <= 2000)
            #expect(sent.text.hasSuffix(" UTC") && sent.text.hasPrefix(whole.text.prefix(60)))
            // No line is cut in two.
            let lines = Set(whole.text.components(separatedBy: "\n"))
            #expect(sent.text.components(separatedBy: "\n").allSatisfy { lines.contains($0) || $0 == "…" })
            #expect(count < 7 || whole.text.utf16.count > 2000)
        }
    }

    @Test func whatDoesNotFitIsCounted() {
        let long = String(repeating: "&<>", count: 100)
        let message = SlackMessage(.sample(explanation: long, factorCount: 7))
        guard case .section(let text) = message.blocks[3] else {
            Issue.record("not a section: \(message.blocks[3])")
            return
        }
        #expect(text.hasPrefix("*What changed*\n• Blockers"))
        #expect(text.hasSuffix("… and 3 more"))
    }

    private struct Sent: Decodable {
        struct Text: Decodable { var type, text: String }
        struct Block: Decodable {
            var type: String
            var text: Text?
            var fields: [Text]?
            var elements: [Text]?

            var texts: [String] { ([text].compactMap(\.self) + (fields ?? []) + (elements ?? [])).map(\.text) }
        }
        var text: String
        var blocks: [Block]
    }

    /// Mattermost and Rocket.Chat read Markdown in `text`.
    @Test func textFromJiraMakesNoMarkdownLinkAndNoPicture() throws {
        let message = SlackMessage(
            .sample(summary: "[pay here](https://evil.example) ![x](https://evil.example/p.png) [a][b] f(x)[1]!"))
        for mark in ["](", "![", "]["] { #expect(!message.text.contains(mark)) }
        #expect(message.text.contains("[pay here]\u{2060}(https://evil.example)"))
        #expect(message.text.contains("f(x)[1]!"))
    }
}
