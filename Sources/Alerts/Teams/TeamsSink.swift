public import Domain
import Foundation
public import Outbound

/// Delivers alerts to a workflow of Microsoft Teams that posts the card it receives ("When a Teams webhook request is
/// received").
public struct TeamsSink: AlertSink {
    private let channel: HTTPChannel

    /// A delivery takes 20 s at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    public init(client: OutboundClient) { channel = HTTPChannel(client: client) }

    /// The lookup of the host's name, the answer's head, and its body.
    public var longestDelivery: Duration { channel.longestDelivery }

    /// One message a second: Teams takes four, of all that post there.
    public var pace: Duration? { .seconds(1) }

    /// The host of the workflow's address.
    public func peer(of channel: AlertChannel) -> String { HTTPChannel.host(of: channel.target) }

    /// Posts the message to `channel.target`, an http or https URL. Transient for 408, 429, 5xx and where no answer comes;
    /// permanent for any other refusal. A workflow answers 202 before it posts, so what goes wrong in it is seen there alone.
    public func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        let body: Data
        do { body = try TeamsCard.render(message) } catch { return .permanent(reason: "\(error)") }
        return await self.channel.post(body, to: channel.target, now: now) { $0.outcome() }
    }
}
