import Domain

/// A stored webhook, without its body.
struct WebhookEventView: Encodable, Sendable {
    var id: Int64
    var deliveryId: String
    var event: String
    var issueId: Nullable<IssueID>
    var state: WebhookEventState
    /// Why it was rejected.
    var error: Nullable<String>
    var receivedAt: Timestamp

    init(_ record: WebhookEventRecord) {
        self.id = record.id
        self.deliveryId = record.deliveryID
        self.event = record.event
        self.issueId = Nullable(record.issueID)
        self.state = record.state
        self.error = Nullable(record.error)
        self.receivedAt = record.receivedAt
    }
}

/// How many webhooks went back to be read again.
struct RetriedEventsView: Encodable, Sendable {
    var retried: Int
}
