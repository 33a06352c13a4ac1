import Domain
import Foundation

/// An alert and its delivery on each channel.
struct AlertView: Encodable, Sendable {
    struct Delivery: Encodable, Sendable {
        var id: String
        var channelId: String
        var channelName: String
        var channelKind: Nullable<AlertChannel.Kind>
        var recipient: Nullable<String>
        var state: AlertRecord.Delivery.State
        var attempts: Int
        var lastError: Nullable<String>
        var nextAttemptAt: Nullable<Timestamp>
        var deliveredAt: Nullable<Timestamp>

        /// - Parameter open: decrypts a recipient; nil where no key does.
        init(_ delivery: AlertRecord.Delivery, open: (String) -> String?) {
            self.id = delivery.id.canonicalText
            self.channelId = delivery.channelID.canonicalText
            self.channelName = delivery.channelName
            self.channelKind = Nullable(delivery.channelKind)
            self.recipient = Nullable(delivery.recipient.flatMap(open))
            self.state = delivery.state
            self.attempts = delivery.attempts
            self.lastError = Nullable(delivery.lastError)
            self.nextAttemptAt = Nullable(delivery.nextAttemptAt)
            self.deliveredAt = Nullable(delivery.deliveredAt)
        }
    }

    var id: String
    var ruleId: String
    var ruleName: String
    var kind: Alert.Kind
    var event: Alert.Event
    var issueKey: IssueKey
    var projectKey: String
    var summary: String
    var status: String
    var assignee: String
    var issueUrl: String
    var score: Int
    var previousScore: Nullable<Int>
    var band: RiskBand
    var headline: String
    var changes: [IssueAlert.FactorChange]
    var factors: [Factor]
    var remedies: [IssueAlert.Remedy]
    var model: String
    var createdAt: Timestamp
    var silenceId: Nullable<String>
    var acknowledgedAt: Nullable<Timestamp>
    var acknowledgedBy: Nullable<String>
    var deliveries: [Delivery]

    /// - Parameter open: decrypts a recipient; nil where no key does.
    init(_ record: AlertRecord, open: (String) -> String?) {
        let alert = record.alert
        let issue = alert.issue ?? Self.withoutIssue(alert)
        self.id = alert.id.canonicalText
        self.ruleId = issue.ruleID.canonicalText
        self.ruleName = issue.ruleName
        self.kind = alert.kind
        self.event = alert.event
        self.issueKey = issue.issueKey
        self.projectKey = issue.projectKey
        self.summary = issue.summary
        self.status = issue.status
        self.assignee = issue.assignee
        self.issueUrl = issue.url
        self.score = issue.score
        self.previousScore = Nullable(issue.previousScore)
        self.band = alert.band
        self.headline = alert.headline
        self.changes = issue.changes
        self.factors = issue.factors
        self.remedies = issue.remedies
        self.model = issue.model
        self.createdAt = alert.createdAt
        self.silenceId = Nullable(record.silenceID?.canonicalText)
        self.acknowledgedAt = Nullable(record.acknowledgedAt)
        self.acknowledgedBy = Nullable(record.acknowledgedBy)
        self.deliveries = record.deliveries.map { Delivery($0, open: open) }
    }

    /// The fields of an issue as the API answers them for an alert of something else.
    private static func withoutIssue(_ alert: Alert) -> IssueAlert {
        var fields = IssueAlert(
            ruleID: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), ruleName: "", ruleKind: .threshold,
            issueID: "-", issueKey: "-", projectKey: "-", summary: "", status: "", assignee: "-", url: alert.url,
            score: 0, previousScore: nil, changes: [], factors: [], remedies: [], model: "-")
        switch alert.subject {
        case .issue: break
        case .access(let access):
            fields.ruleName = "Access to Jira"
            fields.summary = access.siteURL
            fields.status = access.reason
            fields.remedies = access.steps.map { IssueAlert.Remedy(action: $0, points: 0) }
        case .test(let test): fields.summary = test.siteURL
        case .digest(let digest):
            fields.ruleName = "Digest"
            fields.summary = digest.siteURL
        }
        return fields
    }
}

/// Who takes care of an alert, and since when.
struct AcknowledgementView: Encodable, Sendable {
    var id: String
    var acknowledgedAt: Timestamp
    var acknowledgedBy: String

    init(_ acknowledgement: Acknowledgement, of alertID: UUID) {
        self.id = alertID.canonicalText
        self.acknowledgedAt = acknowledgement.at
        self.acknowledgedBy = acknowledgement.by
    }
}
