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
        /// What it is about; the others are missing, and for a test all are.
        var issue: IssueData?
        var access: AccessData?
        var digest: DigestPayload?
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
        /// For an alert of a rule on the forecast; missing for others.
        var forecast: ForecastData?
    }

    /// The answer of the forecast that the rule is about, as in `GET /api/issues`.
    struct ForecastData: Encodable {
        var question: ForecastQuestion
        var deadline: Timestamp
        var percent: Int?
        var sentence: String
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
        /// Whether the channel had its alerts before, and they still hold.
        var isRepeat: Bool
        /// Of each issue and rule the newest.
        var alerts: [AlertData]
        /// Pages for people; missing where there is nothing to do, or this host has no public address.
        var links: LinkData?
    }

    struct LinkData: Encodable {
        var acknowledge: String?
        var snooze: String?
    }

    /// `alerts.raised` or, where nothing in it is raised, `alerts.resolved`; `alerts.test` for a test and `digest` for a digest.
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
            switch message.lead.kind {
            case .test: "alerts.test"
            case .digest: "digest"
            default: message.isResolved ? "alerts.resolved" : "alerts.raised"
            }
        timestamp = message.alerts.map(\.createdAt).max() ?? message.lead.createdAt
        data = MessageData(
            tenantId: "\(message.lead.tenantID)", headline: words.headline, url: words.url, alertCount: message.count,
            isRepeat: message.isRepeat, alerts: message.alerts.map(AlertData.init),
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
                factors: issue.factors, remedies: issue.remedies, model: issue.model,
                forecast: issue.forecast.map {
                    WebhookPayload.ForecastData(
                        question: $0.question, deadline: $0.deadline, percent: $0.percent, sentence: $0.sentence)
                })
        case .access(let access):
            self.access = WebhookPayload.AccessData(siteUrl: access.siteURL, reason: access.reason, steps: access.steps)
        case .digest(let digest): self.digest = DigestPayload(digest)
        case .test: break
        }
    }
}
