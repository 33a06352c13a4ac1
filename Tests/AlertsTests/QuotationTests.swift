import Domain
import Testing

@testable import Alerts

/// What an alert rests on is quoted with author, date and, where there is one, its address.
@Suite struct QuotationTests {
    private static let at = Timestamp.sampleNow.adding(days: -2)

    private static func alert(_ evidence: [Evidence]) -> Alert {
        var alert = Alert.sample()
        alert.changeIssue { $0.factors[0].evidence = evidence }
        return alert
    }

    private static let comment = Evidence(
        kind: .comment, id: "4711", at: at, note: "We wait for <legal>", author: "Ada Lovelace")
    private static let change = Evidence(
        kind: .change, id: "88/0", at: at.adding(days: 1), note: "assignee: Ben to none", author: "Cem")

    @Test func commentsAndChangesAreQuotedTheNewestFirst() throws {
        let words = AlertText(Self.alert([Self.comment, Self.change, Self.comment]))
        let section = try #require(words.sections.first { $0.title == "What it rests on" })
        #expect(
            section.items == [
                .init(text: "Cem, 2026-11-23: assignee: Ben to none"),
                .init(
                    text: "Ada Lovelace, 2026-11-22: “We wait for <legal>”",
                    url: "https://team.example.net/browse/ENG-12?focusedCommentId=4711"),
            ])
    }

    @Test func slackAndMailLinkTheComment() {
        let alert = Self.alert([Self.comment])
        let link = "https://team.example.net/browse/ENG-12?focusedCommentId=4711"
        let slack = "• <\(link)|Ada Lovelace, 2026-11-22: “We wait for &lt;legal&gt;”>"
        #expect(SlackMessage(alert).text.contains(slack))
        let html = MailHTML.render(AlertText(alert), of: alert)
        #expect(html.contains("<a href=\"\(link)\""))
        #expect(html.contains("“We wait for &lt;legal&gt;”</a></li>"))
    }

    @Test func anIdThatIsNoNumberIsNoAddress() {
        let odd = Evidence(kind: .comment, id: "1&x=<script>", at: Self.at, note: "late", author: nil)
        let section = AlertText(Self.alert([odd])).sections.first { $0.title == "What it rests on" }
        #expect(section?.items == [.init(text: "2026-11-22: “late”")])
    }

    @Test func aRestrictedCommentIsQuotedOnlyWhereRestrictedTextsAreShown() {
        var comment = Self.comment
        (comment.note, comment.restrictedNote) = ("(text withheld)", "We wait for <legal>")
        let alert = Self.alert([comment])
        func quotations(_ alert: Alert) -> [String]? {
            AlertText(alert).sections.first { $0.title == "What it rests on" }?.items.map(\.text)
        }
        #expect(quotations(alert.forEverybody) == ["Ada Lovelace, 2026-11-22: (text withheld)"])
        #expect(quotations(alert.forPrivileged) == ["Ada Lovelace, 2026-11-22: “We wait for <legal>”"])
        for shown in [SlackMessage(alert.forEverybody).text, MailHTML.render(AlertText(alert.forEverybody), of: alert)]
        {
            #expect(!shown.contains("legal"))
        }
    }

    @Test func fieldsLinksAndRestrictedIssuesAreNotQuoted() {
        let field = Evidence(kind: .field, id: "duedate", note: "2026-11-20")
        #expect(!AlertText(Self.alert([field])).sections.contains { $0.title == "What it rests on" })
        var alert = Self.alert([Self.comment])
        alert.changeIssue { $0.isRestricted = true }
        #expect(!AlertText(alert.forEverybody).sections.contains { $0.title == "What it rests on" })
    }
}
