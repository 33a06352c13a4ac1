/// One verified webhook as it is kept in the inbox, before anything is made of it.
public struct WebhookDelivery: Sendable, Hashable {
    /// What ingest could tell from the envelope.
    public enum Routing: Sendable, Hashable {
        /// Concerns these issues (one, or both ends of a link); to be folded into each.
        case issues([IssueID])
        /// A sprint's own state; kept in the sprint table at once.
        case sprint(Sprint, deleted: Bool)
        /// A known kind of event that has no bearing on risk.
        case ignored
        /// Verified, but not understood; kept with the reason, for people to look at.
        case rejected(reason: String)
    }

    public var tenantID: TenantID
    /// `X-Atlassian-Webhook-Identifier`, the same across Jira's retries; where the header is missing,
    /// `sha256:<hex of the body>`. Unique per tenant (P2).
    public var deliveryID: String
    public var receivedAt: Timestamp
    /// `webhookEvent` of the body, empty where there is none.
    public var event: String
    /// The body's own `timestamp`.
    public var sentAt: Timestamp?
    /// How often Jira had tried before: `X-Atlassian-Webhook-Retry`.
    public var retryCount: Int
    public var routing: Routing
    /// The raw body, exactly as signed.
    public var body: [UInt8]

    public init(
        tenantID: TenantID, deliveryID: String, receivedAt: Timestamp, event: String, sentAt: Timestamp?,
        retryCount: Int = 0, routing: Routing, body: [UInt8]
    ) {
        self.tenantID = tenantID
        self.deliveryID = deliveryID
        self.receivedAt = receivedAt
        self.event = event
        self.sentAt = sentAt
        self.retryCount = retryCount
        self.routing = routing
        self.body = body
    }
}

/// What can be told of a webhook before anything is made of it.
public struct WebhookRoute: Sendable, Hashable {
    /// `webhookEvent` of the body, empty where there is none.
    public var event: String
    /// The body's own `timestamp`.
    public var sentAt: Timestamp?
    public var routing: WebhookDelivery.Routing

    public init(event: String, sentAt: Timestamp?, routing: WebhookDelivery.Routing) {
        self.event = event
        self.sentAt = sentAt
        self.routing = routing
    }
}

/// What became of a delivery offered to the inbox. Both mean that it is on disk.
public enum InboxOutcome: Sendable, Hashable {
    case stored
    /// The same delivery was stored before.
    case duplicate
}
