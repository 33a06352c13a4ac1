public import Domain
import Foundation

/// A webhook that consilod sends itself through its own public address, to see whether one arrives. It concerns no
/// issue.
public struct WebhookPing: Sendable {
    /// Its `webhookEvent`: a name of consilod's own, as those of ``FetchedEvent``.
    public static let event = "consilod:test"

    /// What its delivery is known by (`X-Atlassian-Webhook-Identifier`).
    public let deliveryID: String
    /// JSON in UTF-8.
    public let body: [UInt8]

    /// - Parameter now: the instant that it says it was sent at.
    public init(now: Timestamp) {
        deliveryID = "\(Self.event):\(UUID().canonicalText)"
        body = Array(#"{"timestamp":\#(now.milliseconds),"webhookEvent":"\#(Self.event)"}"#.utf8)
    }
}
