import Domain
import Foundation
import TestSupport
import Testing

@testable import JiraCloud

/// The door reads most envelopes without decoding them; it must tell what decoding tells.
@Suite struct PlainEnvelopeTests {
    private func decoded(_ body: [UInt8]) -> WebhookEnvelope? {
        try? JSONDecoder().decode(WebhookEnvelope.self, from: PreparedBody(body).data)
    }

    private enum Reading { case plain, leftToDecoding, unlikeDecoding }

    private func reading(_ body: [UInt8]) -> Reading {
        guard let plain = PlainEnvelope(body) else { return .leftToDecoding }
        guard let decoded = decoded(body) else { return .unlikeDecoding }
        let routing = WebhookDelivery.Routing.issues([plain.issueID])
        return (plain.event, plain.sentAt, routing) == (decoded.event, decoded.sentAt, decoded.routing)
            ? .plain : .unlikeDecoding
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
                "\"\(["10042", "", "a \\\" b", "}{][", "\\\\", "é", "https://x/issue/7/comment/8"].randomElement(using: &random) ?? "")\""
        case 4: return ["0", "99", "-7", "1.5", "2e3", "123456789012345678901"].randomElement(using: &random) ?? "1"
        case 5: return "null"
        default: return "true"
        }
    }

    /// A body that is mostly as Jira writes it.
    private func body(_ random: inout SeededGenerator) -> String {
        func usually(_ member: String, _ random: inout SeededGenerator, or name: String) -> String? {
            switch Int.random(in: 0...9, using: &random) {
            case 0: "\"\(name)\": \(value(1, &random))"
            case 1: nil
            default: member
            }
        }
        let event = ["jira:issue_updated", "comment_created", "worklog_updated", "sprint_started", ""].randomElement(
            using: &random)
        let issue = [
            usually("\"id\": \"10042\"", &random, or: "id"), usually("\"key\": \"PAY-7\"", &random, or: "key"),
            "\"fields\": \(value(2, &random))",
        ].compactMap(\.self).shuffled(using: &random).joined(separator: ", ")
        return "{"
            + [
                usually("\"webhookEvent\": \"\(event ?? "")\"", &random, or: "webhookEvent"),
                usually("\"timestamp\": 1760000000000", &random, or: "timestamp"),
                usually("\"issue\": {\(issue)}", &random, or: "issue"),
                usually("\"comment\": {\"id\": 7, \"body\": \(value(2, &random))}", &random, or: "comment"),
                "\"user\": \(value(1, &random))",
            ].compactMap(\.self).shuffled(using: &random).joined(separator: ", ") + "}"
    }

    @Test func tellsOfRandomBodiesWhatDecodingTells() throws {
        var plain = 0
        for seed in 0..<5000 {
            var random = SeededGenerator(seed: UInt64(seed))
            let body = body(&random)
            let reading = reading(Array(body.utf8))
            try #require(reading != .unlikeDecoding, "\(body)")
            if reading == .plain { plain += 1 }
        }
        // Else nothing was compared.
        #expect(plain > 500)
    }

    @Test func tellsOfDamagedBodiesWhatDecodingTells() throws {
        var plain = 0
        for seed in 0..<5000 {
            var random = SeededGenerator(seed: UInt64(seed))
            var body = Array(WebhookBody.comment("comment_updated").utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: body[at] = UInt8.random(in: 0...255, using: &random)
                case 1: body.remove(at: at)
                default: body.insert(Array("\"\\{}[],:0e-.\0\u{1}n".utf8).randomElement(using: &random) ?? 0, at: at)
                }
            }
            let reading = reading(body)
            try #require(reading != .unlikeDecoding, "\(String(decoding: body, as: UTF8.self))")
            if reading == .plain { plain += 1 }
        }
        #expect(plain > 500)
    }

    @Test(.enabled(if: SharedData.isAvailable, "the recorded webhooks are not on this machine"))
    func tellsOfRecordedBodiesWhatDecodingTells() throws {
        let folder = try #require(SharedData.folder).appendingPathComponent("webhooks")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".json") {
            let body = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
            // Jira Server names a comment's issue in the comment's address only.
            let isOfOneIssue =
                decoded(body)?.routing.isOfOneIssue == true
                && String(decoding: body, as: UTF8.self).contains(#""issue":"#)
            #expect(reading(body) == (isOfOneIssue ? .plain : .leftToDecoding), "\(file)")
        }
    }

    @Test(arguments: [
        // Escapes where it matters, also in a name.
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1\u0030"}}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"\u0069d": "9", "id": "1"}}"#,
        #"{"webhookEvent": "jira:issue_updated", "iss\u0075e": {"id": "9"}, "issue": {"id": "1"}}"#,
        // Twice there.
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "id": "2"}}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "issue": {"id": "2"}}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "issue": null}"#,
        // The comment cannot be named.
        #"{"webhookEvent": "comment_created", "comment": {"body": "x"}, "issue": {"id": "1"}}"#,
        // Of another shape.
        #"{"webhookEvent": "jira:issue_updated", "issue": [{"id": "1"}]}"#,
        #"[{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}}]"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"fields": {"id": "1"}}}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}} x"#,
        // No JSON.
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "x": -true}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "x": 1.null}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "x": 1etrue}"#,
        #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "x": "\q5}"#,
        "{\"webhookEvent\": \"jira:issue_updated\", \"issue\": {\"id\": \"1\05}}",
        "{\"webhookEvent\": \"jira:issue_updated\", \"issue\": {\"id\": \"1\0\"}}",
    ])
    func leavesWhatIsUnusualToDecoding(body: String) { #expect(PlainEnvelope(Array(body.utf8)) == nil) }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func leavesWhatNestsTooDeeplyToDecoding(opening: String, closing: String) {
        func body(_ levels: Int, _ innermost: String) -> [UInt8] {
            // The body itself is one level, and so is the innermost.
            let value =
                String(repeating: opening, count: levels - 2) + innermost
                + String(repeating: closing, count: levels - 2)
            return Array(#"{"webhookEvent": "jira:issue_updated", "issue": {"id": "1"}, "x": \#(value)}"#.utf8)
        }
        for innermost in ["[]", "{}", "[1]"] {
            #expect(reading(body(PreparedBody.deepest, innermost)) == .plain)
            #expect(PlainEnvelope(body(PreparedBody.deepest + 1, innermost)) == nil)
        }
    }
}

extension WebhookDelivery.Routing {
    fileprivate var isOfOneIssue: Bool { if case .issues(let ids) = self { ids.count == 1 } else { false } }
}
