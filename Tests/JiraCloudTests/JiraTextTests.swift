import Foundation
import JiraCloud
import Testing

@Suite struct JiraTextTests {
    private func plainText(_ json: String) throws -> String {
        JiraText.plainText(of: try JSONDecoder().decode(JiraText.self, from: Data(json.utf8)))
    }

    private func paragraph(_ content: String) -> String {
        #"{"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [\#(content)]}]}"#
    }

    @Test func markupIsKeptAsItIs() throws {
        let markup = "h2. Steps\r\n# [~ada] said {code}a *b*{code}\n"
        let json = try JSONEncoder().encode(markup)
        #expect(try plainText(String(decoding: json, as: UTF8.self)) == markup)
    }

    @Test(arguments: [
        (#"{"type": "text", "text": "plain", "marks": [{"type": "strong"}]}"#, "*plain*"),
        (#"{"type": "text", "text": " ", "marks": [{"type": "strong"}]}"#, " "),
        (#"{"type": "mention", "attrs": {"id": "u-1", "text": "@Ada"}}"#, "[~accountid:u-1]"),
        (#"{"type": "mention", "attrs": {"text": "@Ada"}}"#, "@Ada"),
        (#"{"type": "emoji", "attrs": {"shortName": ":fire:", "text": "🔥"}}"#, "🔥"),
        (#"{"type": "emoji", "attrs": {"shortName": ":custom:"}}"#, ":custom:"),
        (
            #"{"type": "inlineCard", "attrs": {"url": "https://example.com/1"}}"#,
            "[https://example.com/1|https://example.com/1|smart-link]"
        ),
        (#"{"type": "status", "attrs": {"text": "AT RISK", "color": "red"}}"#, "AT RISK"),
        (#"{"type": "date", "attrs": {"timestamp": "1790000000000"}}"#, "2026-09-21"),
        (#"{"type": "hardBreak"}"#, "\n"),
        (#"{"type": "mediaInline", "attrs": {"id": "x"}}"#, ""),
        (#"{"type": "newInline", "content": [{"type": "text", "text": "inside"}]}"#, "inside"),
        (#"{"type": "mention"}"#, ""),
        ("3", ""),
    ])
    func nodesCarryTheirText(node: String, text: String) throws {
        #expect(try plainText(paragraph(node)) == text)
    }

    @Test func inlineNodesRunTogether() throws {
        let content = """
            {"type": "text", "text": "Ask "}, {"type": "mention", "attrs": {"text": "@Ada"}},
            {"type": "text", "text": " by "}, {"type": "date", "attrs": {"timestamp": "1790000000000"}},
            {"type": "hardBreak"}, {"type": "text", "text": "Thanks"}
            """
        #expect(try plainText(paragraph(content)) == "Ask @Ada by 2026-09-21\nThanks")
    }

    @Test func blocksStandOnLinesOfTheirOwn() throws {
        func text(_ text: String) -> String { #"{"type": "text", "text": "\#(text)"}"# }
        func block(_ type: String, _ content: String) -> String { #"{"type": "\#(type)", "content": [\#(content)]}"# }
        let document = block(
            "doc",
            [
                block("heading", text("Title")),
                block(
                    "bulletList",
                    block("listItem", block("paragraph", text("one"))) + ","
                        + block("listItem", block("paragraph", text("two")))),
                block("codeBlock", text("let a = 1")),
                block("table", block("tableRow", block("tableCell", block("paragraph", text("cell"))))),
                #"{"type": "rule"}"#,
                block("mediaSingle", #"{"type": "media", "attrs": {"id": "x"}}"#),
                #"{"type": "blockCard", "attrs": {"url": "https://example.com/2"}}"#,
                block("taskList", block("taskItem", text("todo")) + "," + block("decisionItem", text("decided"))),
                block("panel", block("paragraph", text("note"))),
            ].joined(separator: ","))
        let lines = [
            "h1. Title", "* one", "* two", "{code}", "let a = 1", "{code}", "|cell|",
            "[https://example.com/2|https://example.com/2|smart-link]", "* todo", "* decided", "note",
        ]
        #expect(try plainText(document) == lines.joined(separator: "\n"))
    }

    @Test func deeplyNestedDocumentIsRead() throws {
        let open = String(repeating: #"{"type": "blockquote", "content": ["#, count: 200)
        let nested = open + #"{"type": "text", "text": "deep"}"# + String(repeating: "]}", count: 200)
        #expect(try plainText(nested) == "{quote}\ndeep\n{quote}")
    }

    @Test func emptyDocumentIsEmptyText() throws {
        #expect(try plainText(#"{"type": "doc", "version": 1, "content": []}"#) == "")
        #expect(try plainText(#"{"type": "doc"}"#) == "")
    }
}
