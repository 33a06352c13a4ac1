public import Domain
import Foundation
public import Outbound

/// Hands alerts to a Prometheus Alertmanager, whose routes and silences then apply. What stays raised is sent again by
/// ``AlertmanagerRefresh``.
public struct AlertmanagerSink: AlertSink {
    private let channel: HTTPChannel

    /// A delivery takes 20 s at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    public init(client: OutboundClient) { channel = HTTPChannel(client: client) }

    /// The lookup of the host's name, the answer's head, and its body.
    public var longestDelivery: Duration { channel.longestDelivery }

    /// One message at a time, so that an alert is raised before it is resolved.
    public var pace: Duration? { .milliseconds(100) }

    /// The host of the address.
    public func peer(of channel: AlertChannel) -> String { HTTPChannel.host(of: channel.target) }

    /// Posts the message's alerts to `channel.target`, the address of an Alertmanager without `/api/v2/alerts`. Transient for
    /// 408, 429, 5xx and where no answer comes; permanent for any other refusal.
    public func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        await send(message.alerts, to: channel, now: now)
    }

    /// The same for alerts that are no message.
    func send(_ alerts: [Alert], to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        let body: Data
        do { body = try AlertmanagerAlert.render(alerts, now: now) } catch { return .permanent(reason: "\(error)") }
        var target = channel.target.trimmingCharacters(in: .whitespacesAndNewlines)
        while target.hasSuffix("/") { target.removeLast() }
        return await self.channel.post(body, to: target + "/api/v2/alerts", now: now) { $0.outcome() }
    }
}
