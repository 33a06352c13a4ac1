import Domain
import Foundation
import TestSupport

/// The webhooks that a simulated Jira would send of its issues, as thin as those of Jira Cloud.
enum SimulatedWebhook {
    /// `jira:issue_updated` for one entry of an issue's changelog; nil where there is no such entry.
    static func change(_ entry: String, of id: IssueID, in jira: SimulatedJira) -> String? {
        guard var issue = jira.document(of: id),
            let history = issue["changelog"]?["histories"]?.elements.first(where: { $0["id"]?.text == entry }),
            let fields = issue["fields"], let at = history["created"]?.text.flatMap({ Timestamp($0) })
        else { return nil }
        issue["changelog"] = nil
        issue["fields"] = .object(fields.members.filter { $0.0 != "comment" })
        return text([
            ("timestamp", .number("\(at.milliseconds)")), ("webhookEvent", "jira:issue_updated"),
            ("user", history["author"] ?? .null), ("issue", issue),
            ("changelog", .object([("id", .string(entry)), ("items", history["items"] ?? .array([]))])),
        ])
    }

    /// `comment_created`, with no more of the issue than Jira Cloud tells; nil where there is no such comment.
    static func comment(_ comment: String, on id: IssueID, of jira: SimulatedJira) -> String? {
        guard let issue = jira.document(of: id), let fields = issue["fields"],
            let told = fields["comment"]?["comments"]?.elements.first(where: { $0["id"]?.text == comment }),
            let at = told["created"]?.text.flatMap({ Timestamp($0) })
        else { return nil }
        let thin: Set = ["summary", "issuetype", "project", "assignee", "priority", "status"]
        return text([
            ("timestamp", .number("\(at.milliseconds)")), ("webhookEvent", "comment_created"), ("comment", told),
            (
                "issue",
                .object([
                    ("id", issue["id"] ?? .null), ("key", issue["key"] ?? .null),
                    ("fields", .object(fields.members.filter { thin.contains($0.0) })),
                ])
            ),
        ])
    }

    private static func text(_ members: [(String, JSON)]) -> String {
        String(decoding: JSON.object(members).bytes, as: UTF8.self)
    }
}
