import Crypto
public import Domain
import Foundation
public import Outbound

/// Delivers alerts as signed JSON to a server of the tenant's (Standard Webhooks).
public struct WebhookSink: AlertSink {
    private let channel: HTTPChannel

    /// A delivery takes 20 s at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    public init(client: OutboundClient) { channel = HTTPChannel(client: client) }

    /// A new secret for a channel: `whsec_` and the base64 of 32 random bytes.
    public static func newSecret() -> String { StandardWebhookSignature.newSecret() }

    /// The lookup of the host's name, the answer's head, and its body.
    public var longestDelivery: Duration { channel.longestDelivery }

    /// One message at a time, so that they come in order.
    public var pace: Duration? { .milliseconds(100) }

    /// The host of the address.
    public func peer(of channel: AlertChannel) -> String {
        HTTPChannel.host(of: WebhookTarget.url(of: .webhook, target: channel.target))
    }

    /// Posts the message to the address of `channel.target`, a ``Domain/WebhookTarget``. Any answer but 2xx is a failure;
    /// only 410, with which a receiver says that it wants no more, and a redirect are permanent ones.
    public func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        guard let target = WebhookTarget(target: channel.target) else {
            return .permanent(reason: "the channel's address and secret cannot be read: enter them again")
        }
        let body: Data
        do { body = try WebhookPayload.render(message) } catch { return .permanent(reason: "\(error)") }
        let headers = StandardWebhookSignature.headers(
            id: Self.id(of: message), now: now, body: body, secrets: target.secrets(at: now))
        guard let headers else { return .permanent(reason: "the channel's secret is not of the form whsec_…") }
        return await self.channel.post(body, to: target.url, headers: headers, now: now, outcome: Self.outcome)
    }

    private static func outcome(of answer: HTTPChannel.Answer) -> DeliveryAttempt {
        guard (400..<500).contains(answer.status), answer.status != 410 else { return answer.outcome() }
        return .transient(
            reason: "the channel answered \(answer.status)", retryAfterSeconds: answer.retryAfterSeconds)
    }

    /// The same for each attempt at the same alerts.
    private static func id(of message: AlertMessage) -> String {
        let names = message.alerts.map(\.id.canonicalText).sorted().joined(separator: " ")
        let digest = SHA256.hash(data: Data("\(message.count) \(names)".utf8))
        return "msg_" + digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
