import Domain
import Foundation
import JiraCloud
import TestSupport
import Testing

/// What bodies may hold that no Jira sends, or only a broken one.
@Suite struct HostileBodyTests {
    private let decoder = JiraWebhookDecoder()

    private func summary(_ bytes: some Sequence<UInt8>) throws -> String? {
        let body = Array(#"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "fields": {"summary": ""#.utf8)
        return try decoder.fragment(of: body + Array(bytes) + Array(#""}}}"#.utf8), for: "1").fields.summary?.value
    }

    // MARK: Texts

    @Test(arguments: [
        (#"a\u0000b"#, "a\u{FFFD}b"), (#"\u0000\u0000"#, "\u{FFFD}\u{FFFD}"), (#"\\u0000"#, #"\u0000"#),
        (#"\\\u0000"#, "\\\u{FFFD}"), (#"\ud83d\ude00"#, "😀"), (#"\uD83D\uDE00\u0000"#, "😀\u{FFFD}"),
        (#"cut \ud83d"#, "cut \u{FFFD}"), (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\ude00!"#, "\u{FFFD}!"),
        (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), (#"\"\u00e9"#, "\"é"),
    ])
    func whatNoTextCanHoldBecomesTheReplacementCharacter(json: String, text: String) throws {
        #expect(try summary(json.utf8) == text)
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xC3]] as [[UInt8]])
    func bytesThatAreNoUTF8BecomeTheReplacementCharacter(bytes: [UInt8]) throws {
        let text = try #require(try summary(Array("a".utf8) + bytes + Array(#"\u0000b é"#.utf8)))
        #expect(text.hasPrefix("a\u{FFFD}") && text.hasSuffix("\u{FFFD}b é"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" || "ab é".unicodeScalars.contains($0) })
    }

    @Test func nullCharactersReachNoPartOfAnIssue() throws {
        let body = """
            {"webhookEvent": "jira:issue_updated", "timestamp": 1, "user": {"accountId": "u\\u0000"},
             "changelog": {"id": "9\\u0000", "items": [{"field": "st\\u0000", "toString": "x\\u0000"}]},
             "issue": {"id": "1\\u0000", "key": "ENG\\u0000-7", "fields": {"summary": "\\u0000", "labels": ["\\u0000"],
              "project": {"key": "\\u0000", "name": "\\u0000"}, "description": {"type": "doc", "content": [
               {"type": "paragraph", "content": [{"type": "text", "text": "\\u0000"}]}]}}}}
            """
        guard case .issues(let ids) = try decoder.routing(of: body), let id = ids.first else {
            Issue.record("not routed")
            return
        }
        let state = try decoder.fragment(of: body, for: id)
        #expect(!"\(state)".contains("\0"))
        #expect(state.fields.key?.value == "ENG\u{FFFD}-7")
    }

    @Test func onlyUTF8IsJSON() {
        let text = #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "key": "a\u0000"}}"#
        let encodings: [String.Encoding] = [
            .utf16LittleEndian, .utf16BigEndian, .utf16, .utf32LittleEndian, .utf32BigEndian, .utf32,
        ]
        for encoding in encodings {
            let body = text.data(using: encoding).map { Array($0) } ?? []
            let error = #expect(throws: JiraPayloadError.self) { try decoder.envelope(of: body) }
            #expect(error?.code == .notJSON, "\(encoding)")
        }
        #expect(throws: JiraPayloadError.self) { try decoder.envelope(of: Array("\(text)\0".utf8)) }
    }

    // MARK: Shapes

    @Test func theFirstOfMembersOfTheSameNameCounts() throws {
        let body = """
            {"webhookEvent": "jira:issue_updated", "webhookEvent": "jira:issue_deleted",
             "issue": {"id": "1", "id": "2", "fields": {"summary": "one", "summary": "two"}}, "issue": {"id": "3"}}
            """
        #expect(try decoder.routing(of: body) == .issues(["1"]))
        let state = try decoder.fragment(of: body, for: "1")
        #expect(state.fields.summary?.value == "one")
        #expect(!state.isDeleted)
    }

    /// Of the kind that decodes by recursion. A stack that is too small for it would end the process.
    @Test func documentsAreReadAtTheDeepestNesting() async throws {
        func body(nodes: Int) -> String {
            let open = String(repeating: #"{"type":"x","content":["#, count: nodes)
            return #"{"issue":{"id":"1","fields":{"summary":"s","description":"# + open
                + #"{"type":"text","text":"deep"}"# + String(repeating: "]}", count: nodes) + "}}}"
        }
        // Three objects around the document, its innermost node, and two levels for each other one.
        let fitting = (256 - 4) / 2
        // On a thread of the cooperative pool, as the rescorer does it.
        let text = try await Task.detached { [decoder] in
            try decoder.fragment(of: body(nodes: fitting), for: "1").fields.description?.value
        }.value
        #expect(text == "deep")
        guard case .rejected(let reason) = try decoder.routing(of: body(nodes: fitting + 1)) else {
            Issue.record("not rejected")
            return
        }
        #expect(reason == "values nest too deeply: in more than 256 levels")
    }

    @Test func moreValuesThanAnyWebhookHasAreRejectedWithTheReason() throws {
        let body = #"{"issue": {"id": "1"}, "x": ["# + String(repeating: "[],", count: 500_000) + "[]]}"
        #expect(try decoder.routing(of: body) == .rejected(reason: "there are more than 1000000 values"))
        #expect(throws: JiraPayloadError.self) { try decoder.routing(of: String(body.dropLast())) }
    }

    @Test(arguments: [
        "1e308", "-1e308", "1e999", "-1e999", "0.1e-999", "123456789012345678901234567890", "-0", "1e18",
        String(repeating: "9", count: 100_000),
    ])
    func numbersOfAnySizeAreReadOrLeftOut(number: String) throws {
        let body = """
            {"timestamp": \(number), "webhookEvent": "jira:issue_updated", "changelog": {"id": \(number), "items": []},
             "issue": {"id": "1", "fields": {"summary": "s", "customfield_10016": \(number), "created": \(number)}}}
            """
        let state = try decoder.fragment(of: body, for: "1")
        #expect(state.fields.summary?.value == "s")
        #expect(state.fields.storyPoints?.value.map(\.isFinite) != false)
    }

    // MARK: Identifiers

    private static let long = String(repeating: "9", count: 256)

    @Test(arguments: [
        (#"{"issue": {"id": "\#(long)"}}"#, "issue.id"),
        (#"{"issue": {"id": 1, "key": "\#(long)"}}"#, "issue.key"),
        (#"{"webhookEvent": "comment_created", "comment": {"id": "\#(long)"}, "issue": {"id": 1}}"#, "comment.id"),
        (#"{"webhookEvent": "comment_created", "comment": {"id": 1}, "issue": {"id": "\#(long)"}}"#, "issue.id"),
        (
            #"{"webhookEvent": "comment_created", "comment": {"id": 1}, "issue": {"id": 1, "key": "\#(long)"}}"#,
            "issue.key"
        ),
        (#"{"webhookEvent": "worklog_created", "worklog": {"issueId": "\#(long)"}}"#, "worklog.issueId"),
        (#"{"webhookEvent": "sprint_started", "sprint": {"id": "\#(long)"}}"#, "sprint.id"),
        (#"{"webhookEvent": "\#(long)", "issue": {"id": 1}}"#, "webhookEvent"),
    ])
    func anIdentifierTooLongToBeIndexedIsRejectedWithTheReason(body: String, name: String) throws {
        let envelope = try decoder.envelope(of: Array(body.utf8))
        #expect(envelope.routing == .rejected(reason: "\(name) is longer than 255 bytes"))
        #expect(envelope.event.utf8.count <= 255)
        #expect(throws: JiraPayloadError.self) { try decoder.fragment(of: body, for: "1") }
    }

    @Test func otherIdentifiersThatAreTooLongAreLeftOut() throws {
        let long = Self.long
        let body = """
            {"timestamp": 5, "webhookEvent": "jira:issue_updated", "user": {"accountId": "\(long)"},
             "changelog": {"id": "\(long)", "items": [{"field": "status", "to": "3"}, {"field": "\(long)"}]},
             "issue": {"id": "1", "key": "ENG-7", "fields": {"project": {"key": "\(long)", "name": "Engine"},
              "assignee": {"accountId": "\(long)"}, "comment": {"comments": [{"id": "\(long)"}, {"id": "2"}]},
              "customfield_10020": [{"id": "\(long)", "state": "active"},
                "com.atlassian.greenhopper.service.sprint.Sprint@1[id=\(long),state=ACTIVE]"],
              "issuelinks": [{"id": "\(long)", "type": {}, "outwardIssue": {"id": "2"}}]}}}
            """
        let state = try decoder.fragment(of: body, for: "1")
        #expect(state.fields.projectKey == nil && state.fields.projectName?.value == "Engine")
        #expect(state.fields.assignee == nil && state.fields.sprints?.value == [] && state.fields.links?.value == [])
        #expect(state.comments.keys.sorted() == ["2"])
        #expect(state.changes.keys.map(\.rawValue) == ["t5/0/status"])
        #expect(!"\(state)".contains(long))
    }

    @Test func identifiersOfFullLengthAreTaken() throws {
        let id = String(repeating: "i", count: 255)
        #expect(try decoder.routing(of: #"{"issue": {"id": "\#(id)", "key": "\#(id)"}}"#) == .issues([IssueID(id)]))
    }
}
