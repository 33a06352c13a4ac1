import Domain

/// A stored webhook, without its body.
struct WebhookEventView: Encodable, Sendable {
    var id: Int64
    var deliveryID: String
    var event: String
    var issueID: Nullable<IssueID>
    var state: WebhookEventState
    /// Why it was rejected.
    var error: Nullable<String>
    var receivedAt: Timestamp

    init(_ record: WebhookEventRecord) {
        self.id = record.id
        self.deliveryID = record.deliveryID
        self.event = record.event
        self.issueID = Nullable(record.issueID)
        self.state = record.state
        self.error = Nullable(record.error)
        self.receivedAt = record.receivedAt
    }
}

/// How many rejected webhooks were accepted on retry.
struct RetriedEventsView: Encodable, Sendable {
    var retried: Int
}
