import Domain
import Foundation
import TestSupport
import Testing

@testable import JiraCloud

/// No text of Jira is larger in consilod than its limit says, whatever is sent.
@Suite struct TextLimitTests {
    @Test func aTextWithinTheLimitStaysAsItIs() {
        var random = SeededGenerator(seed: 3)
        for limit in [TextLimit.line, .text] {
            for bytes in [0, 1, limit.bytes - 1, limit.bytes] {
                let text = Self.text(of: bytes, using: &random)
                #expect(limit.cut(text) == text)
            }
        }
        // What Jira takes at most, in letters of four bytes.
        #expect(TextLimit.line.cut(String(repeating: "😀", count: 255)).utf8.count == 1020)
        #expect(TextLimit.text.cut(String(repeating: "😀", count: 32_767)).utf8.count == 131_068)
    }

    @Test func aLongerOneIsCutBetweenCharactersAndMarked() {
        var random = SeededGenerator(seed: 4)
        for round in 0..<200 {
            let limit = round % 2 == 0 ? TextLimit.line : .text
            let text = Self.text(of: limit.bytes + 1 + round * 7, using: &random)
            let cut = limit.cut(text)
            #expect(cut.utf8.count <= limit.bytes)
            #expect(cut.utf8.count > limit.bytes - 40)
            #expect(cut.hasSuffix("…"))
            #expect(text.hasPrefix(cut.dropLast()), "no character is cut in two")
        }
    }

    @Test func aCharacterThatIsLargerThanTheLimitIsCutItself() {
        let one = "e" + String(repeating: "\u{301}", count: 2_000_000)
        let cut = TextLimit.line.cut(one)
        #expect(cut.utf8.count <= 1024 && cut.unicodeScalars.count > 500)
        #expect(TextLimit.line.cut("ab" + one) == "ab…")
    }

    @Test func aWordThatIsTooLongIsNone() throws {
        let zone = String(repeating: "x", count: 65)
        let state = try JiraWebhookDecoder().fragment(
            of: WebhookBody.issue(
                "jira:issue_updated", fields: #", "assignee": {"accountId": "u", "timeZone": "\#(zone)"}"#))
        #expect(state.fields.assignee?.value?.id == "u")
        #expect(state.fields.assignee?.value?.timeZone == nil)
    }

    /// Every text of every kind of webhook at once, each of a size that no Jira sends.
    @Test(arguments: ["jira:issue_updated", "comment_created", "consilod:issue_fetched"])
    func noTextOfAWebhookIsLargerThanItsLimit(event: String) throws {
        let long = "x" + String(repeating: "\u{301}", count: 100_000)
        let person = #"{"accountId": "u", "displayName": "\#(long)", "timeZone": "\#(long)"}"#
        let comment =
            #"{"id": "5", "author": \#(person), "body": "\#(long)", "created": "2026-09-20T10:00:00.000+0200"}"#
        let changes = """
            {"id": "9", "items": [{"field": "status", "from": "\(long)", "fromString": "\(long)", "to": "\(long)",
             "toString": "\(long)"}]}
            """
        let named = #"{"name": "\#(long)"}"#
        let body = """
            {"timestamp": 1790000000000, "webhookEvent": "\(event)", "user": \(person), "changelog": \(changes),
             "comment": \(comment), "issue": {"id": "10100", "key": "ENG-7", "fields": {"summary": "\(long)",
              "description": {"type": "doc", "content": [{"type": "paragraph", "content": [
               {"type": "text", "text": "\(long)"}]}]},
              "project": {"id": "1", "key": "ENG", "name": "\(long)"}, "issuetype": \(named), "priority": \(named),
              "status": \(named), "resolution": \(named), "security": \(named), "assignee": \(person),
              "reporter": \(person), "labels": ["\(long)"], "components": [\(named)],
              "customfield_10020": [{"id": 12, "name": "\(long)", "state": "active"},
               "x[id=13,name=\(long),state=ACTIVE]"],
              "issuelinks": [{"id": "7", "type": {"name": "\(long)", "inward": "\(long)", "outward": "\(long)"},
               "inwardIssue": {"id": "8", "key": "ENG-8", "fields": {"status": \(named)}}}],
              "comment": {"comments": [\(comment)], "total": 1}, "updated": "2026-09-21T13:33:19.000+0000"},
             "changelog": {"histories": [{"id": "8", "author": \(person), "created": "2026-09-20T10:00:00.000+0200",
              "items": [{"field": "description", "fromString": "\(long)", "toString": "\(long)"}]}]}}}
            """
        let state = try JiraWebhookDecoder().fragment(of: body)
        #expect(state.fields.summary?.value.hasSuffix("…") == true)
        #expect(state.fields.sprints?.value.count == 2)
        #expect(!state.comments.isEmpty && !state.changes.isEmpty)
        let longest = Self.texts(in: state).map(\.utf8.count).max() ?? 0
        #expect((TextLimit.text.bytes - 3...TextLimit.text.bytes).contains(longest))
        #expect(Self.texts(in: state.fields.summary as Any).allSatisfy { $0.utf8.count <= TextLimit.line.bytes })
        let fields = Mirror(reflecting: state.fields).children.filter { $0.label != "description" }
        #expect(fields.flatMap { Self.texts(in: $0.value) }.allSatisfy { $0.utf8.count <= TextLimit.line.bytes })
    }

    /// Every text within a value.
    private static func texts(in value: Any) -> [String] {
        if let text = value as? String { return [text] }
        return Mirror(reflecting: value).children.flatMap { texts(in: $0.value) }
    }

    /// A random text of exactly so many bytes, of characters of one to 25 bytes.
    private static func text(of bytes: Int, using random: inout SeededGenerator) -> String {
        let characters = ["a", "é", "e\u{301}", "한", "😀", "👨‍👩‍👧‍👦", "🇩🇪", " ", "ß"]
        var (text, count) = ("", 0)
        while count < bytes {
            let next = characters.randomElement(using: &random) ?? "a"
            let character = count + next.utf8.count <= bytes ? next : "a"
            text += character
            count += character.utf8.count
        }
        return text
    }
}
