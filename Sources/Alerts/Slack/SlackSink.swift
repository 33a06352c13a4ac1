public import Domain
import Foundation
public import Outbound

/// Delivers alerts to a Slack incoming webhook, or to what speaks its language (Mattermost, Rocket.Chat, Discord's
/// `/slack`).
public struct SlackSink: AlertSink {
    private let channel: HTTPChannel

    /// A delivery takes 20 s at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    public init(client: OutboundClient) { channel = HTTPChannel(client: client) }

    init(client: OutboundClient, timeout: Duration) { channel = HTTPChannel(client: client, timeout: timeout) }

    /// The lookup of the host's name, the answer's head, and its body.
    public var longestDelivery: Duration { channel.longestDelivery }

    /// One message a second (https://api.slack.com/docs/rate-limits).
    public var pace: Duration? { .seconds(1) }

    /// The host of the webhook's address.
    public func peer(of channel: AlertChannel) -> String { HTTPChannel.host(of: channel.target) }

    /// Posts the message to `channel.target`, an http or https URL. Transient for 408, 429, 5xx and where no answer comes;
    /// permanent for any other refusal and for an address that must not be called. A 2xx whose body says that
    /// the message was not taken is a failure.
    public func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        let body: Data
        let reader = SlackReader(of: peer(of: channel))
        do { body = try SlackMessage.render(message, for: reader) } catch { return .permanent(reason: "\(error)") }
        return await self.channel.post(body, to: channel.target, now: now, outcome: Self.outcome)
    }

    private static func outcome(of answer: HTTPChannel.Answer) -> DeliveryAttempt {
        let meaning = SlackError.meaning(of: answer.text)
        guard (200..<300).contains(answer.status), SlackError.isFailure(answer.text) else {
            return answer.outcome(meaning: meaning)
        }
        let reason = "the channel answered \(answer.status)" + (meaning.map { " (\($0))" } ?? "")
        if SlackError.isTransient(answer.text) {
            return .transient(reason: reason, retryAfterSeconds: answer.retryAfterSeconds)
        }
        return .permanent(reason: meaning == nil ? reason + " but did not take the message" : reason)
    }
}
