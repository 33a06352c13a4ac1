public import Foundation

/// One verified webhook as stored in the inbox, not yet decoded.
public struct WebhookDelivery: Sendable, Hashable {
    /// What the envelope says that the webhook concerns.
    public enum Routing: Sendable, Hashable {
        /// Concerns these issues (one, or both ends of a link); to be folded into each.
        case issues([IssueID])
        /// A sprint's own state; written to the sprint table at once.
        case sprint(Sprint, deleted: Bool)
        /// A project's own state; written to the project table at once. `toldAt` is the delivery's time.
        case project(id: String, key: String, isGone: Bool)
        /// A known kind of event that has no bearing on risk.
        case ignored
        /// Verified, but not understood; stored with the reason.
        case rejected(reason: String)
    }

    /// How the ids of deliveries begin that Jira Automation sent. Jira's own webhooks have names of Jira's.
    public static let automationPrefix = "automation:"

    /// The tenant that it was sent to and signed for.
    public var tenantID: TenantID
    /// `X-Atlassian-Webhook-Identifier`, the same across Jira's retries; where the header is missing,
    /// `sha256:<hex of the body>`, behind ``automationPrefix`` for a request of Jira Automation. Unique per tenant (P2).
    public var deliveryID: String
    /// When its request arrived.
    public var receivedAt: Timestamp
    /// `webhookEvent` of the body; empty if it is missing.
    public var event: String
    /// The body's own `timestamp`.
    public var sentAt: Timestamp?
    /// How often Jira had tried before: `X-Atlassian-Webhook-Retry`.
    public var retryCount: Int
    /// What it concerns.
    public var routing: Routing
    /// The raw body, exactly as signed.
    public var body: [UInt8]
    /// The body in the form in which the inbox stores it, once that is made of it; the inbox makes it where it is nil.
    public var storedBody: [UInt8]?
    /// Names the pieces in which the inbox has stored ``storedBody`` already; nil where the body goes into the delivery's row.
    public var piecesID: UUID?

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

/// What the envelope of a webhook says.
public struct WebhookRoute: Sendable, Hashable {
    /// `webhookEvent` of the body; empty if it is missing.
    public var event: String
    /// The body's own `timestamp`.
    public var sentAt: Timestamp?
    /// What it concerns.
    public var routing: WebhookDelivery.Routing

    public init(event: String, sentAt: Timestamp?, routing: WebhookDelivery.Routing) {
        self.event = event
        self.sentAt = sentAt
        self.routing = routing
    }
}

/// The outcome of appending a delivery to the inbox. In both cases it is on disk.
public enum InboxOutcome: Sendable, Hashable {
    case stored
    /// The same delivery was stored before.
    case duplicate
}
