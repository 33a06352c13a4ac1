import Domain
import Foundation

/// Webhooks of one issue after another, as a site sends them: each states the issue as it is then.
struct JiraStory {
    private(set) var bodies: [String] = []
    private var changelog = 100
    var clock: Timestamp

    init(start: Timestamp) { clock = start }

    static let ada = #"{"accountId": "ada", "displayName": "Ada Nowak", "accountType": "atlassian"}"#
    static let robot = #"{"accountId": "robot", "displayName": "Automation for Jira", "accountType": "app"}"#

    static func status(_ id: Int, _ name: String, _ category: String) -> String {
        #"{"id": "\#(id)", "name": "\#(name)", "statusCategory": {"key": "\#(category)"}}"#
    }
    static let toDo = status(1, "To Do", "new")
    static let doing = status(3, "In Progress", "indeterminate")

    /// A whole issue. `fields` are members of `issue.fields` as JSON, each after a comma; `items` those of the change log.
    mutating func issue(
        _ number: Int, key: String, event: String = "jira:issue_updated", created: Timestamp, fields: String = "",
        items: String? = nil, by user: String = ada
    ) {
        changelog += 1
        let log = items.map { #", "changelog": {"id": "\#(changelog)", "items": [\#($0)]}"# } ?? ""
        append(
            #"{"timestamp": \#(clock.milliseconds), "webhookEvent": "\#(event)", "user": \#(user)\#(log), "issue": {"id":"#
                + #" "\#(10_000 + number)", "key": "\#(key)", "fields": {"summary": "Story \#(number)", "created": "\#(created)","#
                + #" "updated": "\#(clock)", "priority": {"name": "Medium"}, "assignee": \#(Self.ada)\#(fields)}}}"#)
    }

    /// A comment, with the few fields of its issue that such webhooks carry.
    mutating func comment(
        _ id: Int, on number: Int, key: String, _ text: String, thin: String = "", by author: String = ada,
        more: String = ""
    ) {
        append(
            #"{"timestamp": \#(clock.milliseconds), "webhookEvent": "comment_created", "comment": {"id": "\#(id)", "author":"#
                + #" \#(author), "body": "\#(text)", "created": "\#(clock)", "updated": "\#(clock)"\#(more)}, "issue": {"id":"#
                + #" "\#(10_000 + number)", "key": "\#(key)", "fields": {"summary": "Story \#(number)"\#(thin)}}}"#)
    }

    mutating func append(_ body: String) { bodies.append(body) }

    mutating func pass(days: Int = 0, seconds: Int64 = 0) { clock = clock.adding(days: days).adding(seconds: seconds) }

    /// One item of a change log.
    static func item(
        _ field: String, _ from: String, _ fromString: String, _ to: String, _ toString: String
    ) -> String {
        #"{"field": "\#(field)", "from": "\#(from)", "fromString": "\#(fromString)", "to": "\#(to)", "toString": "\#(toString)"}"#
    }
}
