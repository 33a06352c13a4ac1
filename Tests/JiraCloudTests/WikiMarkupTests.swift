import Foundation
import JiraCloud
import RiskEngine
import Testing

/// A comment comes as markup in a webhook and as a document from REST; it must be read as the same text, or it would be
/// classified twice.
@Suite struct WikiMarkupTests {
    private static func text(_ text: String, _ marks: String = "") -> String {
        #"{"type": "text", "text": \#(quoted(text)), "marks": [\#(marks)]}"#
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    private static func block(_ type: String, _ content: String..., attributes: String = "{}") -> String {
        #"{"type": "\#(type)", "attrs": \#(attributes), "content": [\#(content.joined(separator: ","))]}"#
    }

    private static func paragraph(_ content: String...) -> String {
        #"{"type": "paragraph", "content": [\#(content.joined(separator: ","))]}"#
    }

    /// What the editor writes as a document, and Jira in markup.
    private static let pairs: [(markup: String, content: [String])] = [
        ("Plain words.", [paragraph(text("Plain words."))]),
        ("One\n\nTwo", [paragraph(text("One")), paragraph(text("Two"))]),
        ("One\nTwo", [paragraph(text("One"), #"{"type": "hardBreak"}"#, text("Two"))]),
        (
            "This is *really* _very_ bad, {{retry()}} -not- +now+",
            [
                paragraph(
                    text("This is "), text("really", #"{"type": "strong"}"#), text(" "),
                    text("very", #"{"type": "em"}"#), text(" bad, "), text("retry()", #"{"type": "code"}"#), text(" "),
                    text("not", #"{"type": "strike"}"#), text(" "), text("now", #"{"type": "underline"}"#))
            ]
        ),
        (
            "*Blocked* since Monday",
            [paragraph(text("Blocked ", #"{"type": "strong"}"#), text("since Monday"))]
        ),
        (
            "[~accountid:5b10ac8d82e05b22cc7d4ef5] can you look?",
            [
                paragraph(
                    #"{"type": "mention", "attrs": {"id": "5b10ac8d82e05b22cc7d4ef5", "text": "@Ada Lovelace"}}"#,
                    text(" can you look?"))
            ]
        ),
        (
            "See [the plan|https://example.com/plan] and [https://example.com/x|https://example.com/x|smart-link].",
            [
                paragraph(
                    text("See "),
                    text("the plan", #"{"type": "link", "attrs": {"href": "https://example.com/plan"}}"#),
                    text(" and "), #"{"type": "inlineCard", "attrs": {"url": "https://example.com/x"}}"#, text("."))
            ]
        ),
        (
            "Look at [https://example.com/y|https://example.com/y]!",
            [
                paragraph(
                    text("Look at "),
                    text("https://example.com/y", #"{"type": "link", "attrs": {"href": "https://example.com/y"}}"#),
                    text("!"))
            ]
        ),
        (
            "h2. Steps\n# Start it\n# Watch it fail\n## at once\n* never mind",
            [
                block("heading", text("Steps"), attributes: #"{"level": 2}"#),
                block(
                    "orderedList", block("listItem", paragraph(text("Start it"))),
                    block(
                        "listItem", paragraph(text("Watch it fail")),
                        block("orderedList", block("listItem", paragraph(text("at once")))))),
                block("bulletList", block("listItem", paragraph(text("never mind")))),
            ]
        ),
        (
            "{quote}This is a disaster.\n\nReally.{quote}\n\nI do not think so.",
            [
                block("blockquote", paragraph(text("This is a disaster.")), paragraph(text("Really."))),
                paragraph(text("I do not think so.")),
            ]
        ),
        (
            "It says\n\n{code:java}throw new IllegalStateException(\"failed\");\nblocked();{code}\n\nagain",
            [
                paragraph(text("It says")),
                block(
                    "codeBlock", text("throw new IllegalStateException(\"failed\");\nblocked();"),
                    attributes: #"{"language": "java"}"#),
                paragraph(text("again")),
            ]
        ),
        (
            "{noformat}the tag {code} itself failed{noformat}\nfine",
            [block("codeBlock", text("the tag {code} itself failed")), paragraph(text("fine"))]
        ),
        (
            "||Risk||Owner||\n|late|Ada|",
            [
                block(
                    "table",
                    block(
                        "tableRow", block("tableHeader", paragraph(text("Risk"))),
                        block("tableHeader", paragraph(text("Owner")))),
                    block(
                        "tableRow", block("tableCell", paragraph(text("late"))),
                        block("tableCell", paragraph(text("Ada")))))
            ]
        ),
        (
            "{panel:bgColor=#deebff}\nMind the date: 2026-09-21\n{panel}\n----\n!shot.png|width=200!\nDone",
            [
                block(
                    "panel",
                    paragraph(
                        text("Mind the date: "), #"{"type": "date", "attrs": {"timestamp": "1790000000000"}}"#),
                    attributes: #"{"panelType": "info"}"#),
                #"{"type": "rule"}"#,
                block("mediaSingle", #"{"type": "media", "attrs": {"id": "x", "type": "file"}}"#),
                paragraph(text("Done")),
            ]
        ),
    ]

    private func document(_ content: [String]) throws -> String {
        let json = #"{"type": "doc", "version": 1, "content": [\#(content.joined(separator: ","))]}"#
        return JiraText.plainText(of: try JSONDecoder().decode(JiraText.self, from: Data(json.utf8)))
    }

    @Test(arguments: pairs.indices)
    func documentIsReadAsItsMarkupIs(index: Int) throws {
        let pair = Self.pairs[index]
        let readable = ReadableText.of(pair.markup)
        #expect(!readable.isEmpty)
        #expect(ReadableText.of(try document(pair.content)) == readable)
    }

    @Test func quoteWithinAQuoteStaysQuoted() throws {
        let inner = Self.block("blockquote", Self.paragraph(Self.text("old")))
        let text = try document([
            Self.block("blockquote", inner, Self.paragraph(Self.text("newer"))), Self.paragraph(Self.text("mine")),
        ])
        #expect(ReadableText.of(text) == "mine")
    }
}
