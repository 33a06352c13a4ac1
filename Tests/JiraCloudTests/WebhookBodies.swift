import Domain
import JiraCloud

/// Self-written webhook bodies in the shapes of Jira Cloud and Jira Server.
enum WebhookBody {
    static let sentAt = Timestamp(milliseconds: 1_790_000_000_000)

    /// A full issue event of Jira Cloud; `fields` and `rest` are JSON members to add.
    static func issue(_ event: String, fields: String = "", rest: String = "") -> String {
        """
        {"timestamp": 1790000000000, "webhookEvent": "\(event)",
         "user": {"accountId": "u-ada", "displayName": "Ada", "timeZone": "Europe/London"},
         "issue": {"id": "10100", "key": "ENG-7", "fields": {
           "summary": "Login fails", "updated": "2026-09-21T13:33:19.000+0000" \(fields)}} \(rest)}
        """
    }

    /// A comment event of Jira Cloud, with its thin issue.
    static func comment(_ event: String, comment: String = #""body": "Waiting for the vendor""#) -> String {
        """
        {"timestamp": 1790000000000, "webhookEvent": "\(event)",
         "comment": {"id": "501", "author": {"accountId": "u-bo", "displayName": "Bo"}, \(comment),
           "created": "2026-09-20T10:00:00.000+0200", "updated": "2026-09-21T10:00:00.000+0200"},
         "issue": {"id": "10100", "key": "ENG-7", "fields": {"summary": "Login fails",
           "status": {"name": "Open", "statusCategory": {"key": "new"}}, "assignee": null}}}
        """
    }

    static func issueLink(_ event: String, type: String) -> String {
        """
        {"timestamp": 1790000000000, "webhookEvent": "\(event)",
         "issueLink": {"id": 77, "sourceIssueId": 10100, "destinationIssueId": 10200, "issueLinkType": \(type)}}
        """
    }

    static let blocks = #"{"id": 1, "name": "Blocks", "outwardName": "blocks", "inwardName": "is blocked by"}"#
}

extension JiraWebhookDecoder {
    func routing(of body: String) throws -> WebhookDelivery.Routing { try envelope(of: Array(body.utf8)).routing }

    func fragment(of body: String, for issueID: IssueID = "10100") throws -> IssueState {
        try fragment(of: Array(body.utf8), for: issueID)
    }
}
