import Domain
import Foundation
import TestSupport
import Testing

@testable import JiraCloud

/// The door reads only the outline of a body; it must tell what the whole body tells.
@Suite struct OutlineTests {
    private func envelope(_ body: [UInt8], isOutline: Bool) throws -> WebhookEnvelope {
        try JSONDecoder().decode(WebhookEnvelope.self, from: PreparedBody(body, isOutline: isOutline).data)
    }

    private func agree(_ body: [UInt8]) throws -> Bool {
        let (outline, whole) = (try envelope(body, isOutline: true), try envelope(body, isOutline: false))
        return (outline.event, outline.sentAt, outline.routing) == (whole.event, whole.sentAt, whole.routing)
    }

    /// A random JSON value; at its first levels with the names that matter.
    private func value(_ depth: Int, _ random: inout SeededGenerator) -> String {
        let names = ["id", "key", "issue", "comment", "self", "fields", "issueId", "webhookEvent", "x{\\\"y", "a]b"]
        switch Int.random(in: depth > 5 ? 3...6 : 0...6, using: &random) {
        case 0, 1:
            let count = Int.random(in: 0...4, using: &random)
            let members = (0..<count).map { _ in
                "\"\(names.randomElement(using: &random) ?? "")\": \(value(depth + 1, &random))"
            }
            return "{\(members.joined(separator: ", "))}"
        case 2:
            return
                "[\((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth + 1, &random) }.joined(separator: ","))]"
        case 3:
            return
                "\"\(["10042", "a \\\" b", "}{][", "\\\\", "https://x/issue/7/comment/8"].randomElement(using: &random) ?? "")\""
        case 4: return "\(Int.random(in: 0...99_999, using: &random))"
        case 5: return "null"
        default: return "true"
        }
    }

    @Test func tellsOfRandomBodiesWhatTheWholeBodyTells() throws {
        let events = [
            "jira:issue_updated", "comment_created", "worklog_updated", "issuelink_created", "sprint_started", "other",
        ]
        for seed in 0..<3000 {
            var random = SeededGenerator(seed: UInt64(seed))
            let event = events.randomElement(using: &random) ?? ""
            let members = ["issue", "comment", "worklog", "issueLink", "sprint", "user"].map {
                "\"\($0)\": \(value(1, &random))"
            }
            let body =
                "{\"webhookEvent\": \"\(event)\", \"timestamp\": 1760000000000, \(members.joined(separator: ", "))}"
            #expect(try agree(Array(body.utf8)), "\(body)")
        }
    }

    @Test(.enabled(if: SharedData.isAvailable, "the recorded webhooks are not on this machine"))
    func tellsOfRecordedBodiesWhatTheWholeBodyTells() throws {
        let folder = try #require(SharedData.folder).appendingPathComponent("webhooks")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".json") {
            #expect(try agree(Array(try Data(contentsOf: folder.appendingPathComponent(file)))), "\(file)")
        }
    }

    @Test func leavesOutWhatStandsDeepInside() throws {
        let body = #"{"issue": {"id": "1", "fields": {"summary": "}\"]", "a": [1, {"b": 2}]}, "key": "P-1"}}"#
        let outline = try PreparedBody(Array(body.utf8), isOutline: true).data
        #expect(String(decoding: outline, as: UTF8.self) == #"{"issue": {"id": "1", "fields": null, "key": "P-1"}}"#)
    }

    @Test func ofABodyThatEndsInTheMiddleNothingIsLeftOut() throws {
        let body = Array(#"{"issue": {"id": "1", "fields": {"summary": "x"}"#.utf8)
        #expect(try PreparedBody(body, isOutline: true).data == Data(body))
    }
}
