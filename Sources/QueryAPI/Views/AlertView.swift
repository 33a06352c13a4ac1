import Domain
import Foundation

/// An alert and its delivery on each channel.
struct AlertView: Encodable, Sendable {
    struct Delivery: Encodable, Sendable {
        var id: String
        var channelId: String
        var channelName: String
        var channelKind: Nullable<AlertChannel.Kind>
        var state: AlertRecord.Delivery.State
        var attempts: Int
        var lastError: Nullable<String>
        var nextAttemptAt: Nullable<Timestamp>
        var deliveredAt: Nullable<Timestamp>

        init(_ delivery: AlertRecord.Delivery) {
            self.id = delivery.id.canonicalText
            self.channelId = delivery.channelID.canonicalText
            self.channelName = delivery.channelName
            self.channelKind = Nullable(delivery.channelKind)
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
    var changes: [Alert.FactorChange]
    var factors: [Factor]
    var remedies: [Alert.Remedy]
    var model: String
    var createdAt: Timestamp
    var deliveries: [Delivery]

    init(_ record: AlertRecord) {
        let alert = record.alert
        self.id = alert.id.canonicalText
        self.ruleId = alert.ruleID.canonicalText
        self.ruleName = alert.ruleName
        self.kind = alert.kind
        self.event = alert.event
        self.issueKey = alert.issueKey
        self.projectKey = alert.projectKey
        self.summary = alert.summary
        self.status = alert.status
        self.assignee = alert.assignee
        self.issueUrl = alert.issueURL
        self.score = alert.score
        self.previousScore = Nullable(alert.previousScore)
        self.band = alert.band
        self.headline = alert.headline
        self.changes = alert.changes
        self.factors = alert.factors
        self.remedies = alert.remedies
        self.model = alert.model
        self.createdAt = alert.createdAt
        self.deliveries = record.deliveries.map(Delivery.init)
    }
}
