import Domain
import Foundation

/// Self-written webhooks of a small project, as Jira Cloud sends them.
struct WebhookStream {
    private(set) var bodies: [String] = []
    private var clock: Timestamp

    /// - Parameter start: the instant of the first event.
    init(start: Timestamp) { clock = start }

    /// An issue with a number of comments, each a minute after the one before.
    mutating func addIssue(_ number: Int, comments: [String] = [], status: String = "In Progress") {
        let created = clock
        append(event: "jira:issue_created", number: number, created: created, status: "To Do", extra: nil)
        if status != "To Do" {
            append(
                event: "jira:issue_updated", number: number, created: created, status: status,
                extra: """
                    "changelog": {"id": "\(number * 1000)", "items": [{"field": "status", "fieldtype": "jira",
                     "fieldId": "status", "from": "1", "fromString": "To Do", "to": "3", "toString": "\(status)"}]}
                    """)
        }
        for (index, text) in comments.enumerated() { addComment(to: number, id: number * 100 + index, text: text) }
    }

    mutating func addComment(to number: Int, id: Int, text: String) {
        clock = clock.adding(seconds: 60)
        bodies.append(
            compact(
                """
                {"timestamp": \(clock.milliseconds), "webhookEvent": "comment_created",
                 "comment": {"id": "\(id)", "author": \(Self.person), "body": \(quoted(text)),
                  "created": "\(clock)", "updated": "\(clock)", "jsdPublic": true},
                 "issue": {"id": "\(10_000 + number)", "key": "PAY-\(number)", "fields": {
                  "summary": "Payment story \(number)", "issuetype": {"name": "Story"},
                  "project": {"id": "1", "key": "PAY", "name": "Payments"}, "assignee": \(Self.person),
                  "priority": {"id": "2", "name": "High"}}}}
                """))
    }

    private mutating func append(event: String, number: Int, created: Timestamp, status: String, extra: String?) {
        clock = clock.adding(seconds: 60)
        let category = ["To Do": "new", "Done": "done"][status] ?? "indeterminate"
        bodies.append(
            compact(
                """
                {"timestamp": \(clock.milliseconds), "webhookEvent": "\(event)", "user": \(Self.person),
                 "issue": {"id": "\(10_000 + number)", "key": "PAY-\(number)", "fields": {
                  "summary": "Payment story \(number)", "description": null, "issuetype": {"name": "Story"},
                  "project": {"id": "1", "key": "PAY", "name": "Payments"}, "priority": {"id": "2", "name": "High"},
                  "status": {"id": "3", "name": "\(status)", "statusCategory": {"id": 4, "key": "\(category)"}},
                  "created": "\(created)", "updated": "\(clock)", "duedate": null, "assignee": \(Self.person),
                  "labels": [], "issuelinks": []}}\(extra.map { ", \($0)" } ?? "")}
                """))
    }

    /// Writes the bodies as NDJSON.
    func write(to file: URL) throws {
        try (bodies.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    private static let person = #"{"accountId": "712020:ada", "displayName": "Ada Nowak", "timeZone": "Europe/Warsaw"}"#

    private func quoted(_ text: String) -> String {
        String(decoding: (try? CanonicalJSON.encode(text)) ?? Data(), as: UTF8.self)
    }

    private func compact(_ text: String) -> String { text.replacing("\n", with: " ") }
}
