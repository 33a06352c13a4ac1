import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct EmailMessageTests {
    @Test func textFormSaysEverything() throws {
        #expect(
            try message(.sample()).text == """
                ENG-12 rose from 55 to 84, at or above the threshold of 70

                ENG-12 Checkout fails for saved cards
                https://team.example.net/browse/ENG-12

                Status: In Progress
                Assignee: Ana Silva
                Risk: 84 of 100, high (was 55)

                What changed
                  * Blockers 0 → 30: 3 comments say that work is blocked.
                  * Due date 0 → 20: Due 3 days ago.

                Why the score is 84
                  * Blockers 30 of 30: 3 comments say that work is blocked.
                  * Due date 20 of 20: Due 3 days ago.

                What would lower it
                  * −30: Resolve the blockers.
                  * −20: Agree on a new due date.

                -- \("")
                Rule “High risk” · scored by lexicon-1 · 2026-11-24 13:18 UTC

                """)
    }

    @Test func htmlFormEscapesEveryValueAndLoadsNothing() throws {
        let hostile = #""'><script>alert(1)</script><img src=x>&amp;"#
        var alert = Alert.sample(
            summary: hostile, status: hostile, assignee: hostile, explanation: hostile, ruleName: hostile)
        alert.headline = hostile
        alert.changeIssue {
            $0.model = hostile
            $0.url = #"https://x.example/" onclick="alert(1)"#
            $0.remedies = [.init(action: hostile, points: 1)]
        }
        let html = try message(alert).html
        #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("\" onclick"))
        #expect(!html.contains("src=") || html.contains("&lt;img src=x&gt;"))
        #expect(html.contains("&quot;&#39;&gt;&lt;script&gt;"))
        alert.changeIssue { $0.url = "javascript:alert(1)" }
        #expect(!(try message(alert).html.contains("href")))
    }

    @Test func headersAreOneLineEachWhateverTheTexts() throws {
        var rng = SeededGenerator(seed: 11)
        let pieces = [
            "\r\n", "\n", "\r", "Bcc: a@b.example", "=?UTF-8?Q?x?=", "é", "😀", "\u{0}", "\u{85}", "\u{2028}", "x ",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...60, using: &rng)).compactMap { _ in pieces.randomElement(using: &rng) }
            var alert = Alert.sample(summary: text.joined())
            alert.changeIssue { $0.issueID = IssueID(text.joined()) }
            for header in try message(alert).headers {
                // A fold is a line break before a space; any other would begin a header.
                let lines = header.replacing("\r\n ", with: "").utf8
                #expect(lines.allSatisfy { (0x20...0x7E).contains($0) })
            }
        }
    }

    @Test func addressesAreReadStrictly() {
        #expect(MailAddress("a.b+c@example.com")?.address == "a.b+c@example.com")
        #expect(MailAddress(" Risk alerts <alerts@example.com> ")?.header == "Risk alerts <alerts@example.com>")
        #expect(MailAddress("\"Müller, A.\" <m@example.com>")?.name == "Müller, A.")
        let wrong = [
            "", "a", "@", "a@", "@b.example", "a@b@c.example", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>",
            "<a@b.example", "a@b..example", ".a@b.example", "ä@b.example", "a@[127.0.0.1]", "a@b.example>",
        ]
        for text in wrong { #expect(MailAddress(text) == nil, "\(text)") }
        #expect(
            MailAddress.list(" a@b.example, nobody ,,c@d.example ").map(\.address) == ["a@b.example", "c@d.example"])
    }

    @Test func encodedWordsStayShort() {
        let header = HeaderText.unstructured(String(repeating: "Überfällig 😀 ", count: 20))
        #expect(header.split(separator: "\r\n ").allSatisfy { $0.utf8.count <= 75 - 9 })
    }

    @Test func passwordIsInNoDescription() {
        let settings = MailSettings(
            host: "mail.example", port: 587, security: .starttls, username: "relay", password: "s3cret",
            from: "a@b.example")
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, "\([settings])"] {
            #expect(text.contains("mail.example"))
            #expect(!text.contains("s3cret"))
        }
    }

    private func message(_ alert: Alert) throws -> MailMessage {
        let sender = try #require(MailAddress("Risk alerts <alerts@example.com>"))
        let recipient = try #require(MailAddress("team@example.com"))
        return MailMessage(alert, from: sender, to: recipient, channelID: UUID(), now: .sampleNow)
    }
}
