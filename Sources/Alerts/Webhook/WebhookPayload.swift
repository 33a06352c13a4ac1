import Domain
import Foundation

/// A message as the JSON of a `webhook` channel: `type`, `timestamp` and `data`, as Standard Webhooks asks for. The fields of
/// an alert are named as in `GET /api/alerts`.
struct WebhookPayload: Encodable {
    struct AlertData: Encodable {
        var id: String
        var kind: Alert.Kind
        var event: Alert.Event
        var band: RiskBand
        var headline: String
        var createdAt: Timestamp
        /// What it is about; the other one is missing, and for a test both are.
        var issue: IssueData?
        var access: AccessData?
    }

    struct IssueData: Encodable {
        var ruleId: String
        var ruleName: String
        var issueKey: IssueKey
        var projectKey: String
        var summary: String
        var status: String
        var assignee: String
        var issueUrl: String
        var score: Int
        var previousScore: Int?
        var changes: [IssueAlert.FactorChange]
        var factors: [Factor]
        var remedies: [IssueAlert.Remedy]
        var model: String
    }

    struct AccessData: Encodable {
        var siteUrl: String
        var reason: String
        var steps: [String]
    }

    struct MessageData: Encodable {
        var tenantId: String
        var headline: String
        var url: String
        /// The alerts that the message stands for, those that a later one of the same rule and issue replaces among them.
        var alertCount: Int
        /// Of each issue and rule the newest.
        var alerts: [AlertData]
        /// Pages for people; missing where there is nothing to do, or this host has no public address.
        var links: LinkData?
    }

    struct LinkData: Encodable {
        var acknowledge: String?
        var snooze: String?
    }

    /// `alerts.raised` or, where nothing in it is raised, `alerts.resolved`; `alerts.test` for a test.
    var type: String
    var timestamp: Timestamp
    var data: MessageData

    /// The body to post. The same message gives the same bytes. Throws only what `JSONEncoder` throws.
    static func render(_ message: AlertMessage) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(WebhookPayload(message))
    }

    init(_ message: AlertMessage) {
        let words = AlertText(message)
        type =
            message.lead.kind == .test ? "alerts.test" : message.isResolved ? "alerts.resolved" : "alerts.raised"
        timestamp = message.alerts.map(\.createdAt).max() ?? message.lead.createdAt
        data = MessageData(
            tenantId: "\(message.lead.tenantID)", headline: words.headline, url: words.url, alertCount: message.count,
            alerts: message.alerts.map(AlertData.init),
            links: message.links.actions.isEmpty
                ? nil : LinkData(acknowledge: message.links.acknowledge, snooze: message.links.snooze))
    }
}

extension WebhookPayload.AlertData {
    init(_ alert: Alert) {
        id = alert.id.canonicalText
        kind = alert.kind
        event = alert.event
        band = alert.band
        headline = alert.headline
        createdAt = alert.createdAt
        switch alert.subject {
        case .issue(let issue):
            self.issue = WebhookPayload.IssueData(
                ruleId: issue.ruleID.canonicalText, ruleName: issue.ruleName, issueKey: issue.issueKey,
                projectKey: issue.projectKey, summary: issue.summary, status: issue.status, assignee: issue.assignee,
                issueUrl: issue.url, score: issue.score, previousScore: issue.previousScore, changes: issue.changes,
                factors: issue.factors, remedies: issue.remedies, model: issue.model)
        case .access(let access):
            self.access = WebhookPayload.AccessData(siteUrl: access.siteURL, reason: access.reason, steps: access.steps)
        case .test: break
        }
    }
}
