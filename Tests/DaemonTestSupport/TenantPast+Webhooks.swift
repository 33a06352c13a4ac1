import Domain
import Foundation
import TestSupport

extension TenantPast {
    /// The webhooks that Jira Cloud would have sent of it, in the order of time, one body a line.
    var webhooks: String {
        let events = issues.flatMap { issue -> [(at: Timestamp, body: String)] in
            let created = (issue.created, body(of: issue, at: issue.created, event: "jira:issue_created"))
            guard let done = issue.changes.first else { return [created] }
            return [created, (done.at, body(of: issue, at: done.at, event: "jira:issue_updated", change: done))]
        }
        return events.sorted { ($0.at, $0.body) < ($1.at, $1.body) }.map(\.body).joined(separator: "\n") + "\n"
    }

    private func body(of issue: Issue, at: Timestamp, event: String, change: Change? = nil) -> String {
        func person(_ person: Person?) -> String {
            #"{"accountId": "\#(person?.id ?? "")", "displayName": "\#(person?.displayName ?? "")"}"#
        }
        let (id, name, category) = change == nil ? ("1", "To Do", "new") : ("6", "Done", "done")
        let log = """
            , "changelog": {"id": "\(issue.id)", "items": [{"field": "status", "fieldtype": "jira",
             "fieldId": "status", "from": "1", "fromString": "To Do", "to": "6", "toString": "Done"}]}
            """
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "\(event)", "user": \(person(issue.assignee)),
             "issue": {"id": "\(issue.id)", "key": "\(issue.key)", "fields": {
              "summary": "\(issue.summary)", "description": null, "issuetype": {"name": "Story"},
              "project": {"id": "1", "key": "PAY", "name": "Payments"},
              "priority": {"id": "2", "name": "\(issue.priority ?? "")"},
              "status": {"id": "\(id)", "name": "\(name)", "statusCategory": {"id": 4, "key": "\(category)"}},
              "created": "\(issue.created)", "updated": "\(at)", "duedate": null,
              "assignee": \(person(issue.assignee)), "reporter": \(person(issue.reporter)),
              "labels": [], "issuelinks": []}}\(change == nil ? "" : log)}
            """.replacing("\n", with: "")
    }
}
