public import Domain
import Foundation

/// Sends one message to a channel that says that it is a test, at once and past the outbox: who asked for it waits for what
/// becomes of it.
public struct ChannelTest: Sendable {
    /// What became of it.
    public struct Result: Sendable, Hashable {
        /// The mail address; nil where the channel itself is the recipient.
        public var recipient: String?
        /// How the one attempt ended.
        public var attempt: DeliveryAttempt
    }

    /// All recipients of a channel together.
    private static let longest = Duration.seconds(50)
    /// Recipients that are tried at the same time.
    private static let concurrency = 4

    private let sinks: [AlertChannel.Kind: any AlertSink]
    private let recipients: MailRecipients?
    private let now: @Sendable () -> Timestamp
    private let pause = ChannelPause()

    /// - Parameters:
    ///   - sinks: a kind that is missing cannot be delivered on this host, and the result says so.
    ///   - recipients: which mail addresses a test may go to; nil for all.
    public init(
        sinks: [AlertChannel.Kind: any AlertSink], recipients: MailRecipients? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.sinks = sinks
        self.recipients = recipients
        self.now = now
    }

    /// Tries each recipient once; nil where the channel was tested within the last ten seconds.
    ///
    /// - Parameters:
    ///   - channel: with its `target` in clear.
    ///   - tenantID: whose it is.
    ///   - siteURL: the tenant's Jira, which the message names.
    public func run(_ channel: AlertChannel, of tenantID: TenantID, siteURL: String) async -> [Result]? {
        guard pause.begin(channel.id, at: now()) else { return nil }
        guard let sink = sinks[channel.kind] else {
            let reason = "this host has no way to deliver over \(channel.kind.rawValue)"
            return [Result(recipient: nil, attempt: .permanent(reason: reason))]
        }
        let message = AlertMessage(
            Alert(
                id: UUID(), tenantID: tenantID, event: .raised, band: .low,
                headline: "This is a test of the alert channel “\(channel.name)”", createdAt: now(),
                subject: .test(TestAlert(channel: channel.name, siteURL: siteURL))))
        guard let recipients = sink.recipients(of: channel) else {
            return [Result(recipient: nil, attempt: await attempt(message, channel, by: sink))]
        }
        return await recipients.concurrentMap(atMost: Self.concurrency) { recipient in
            if let obstacle = await obstacle(to: recipient, of: channel, tenantID) {
                return Result(recipient: recipient, attempt: obstacle)
            }
            var one = channel
            one.target = recipient
            return Result(recipient: recipient, attempt: await attempt(message, one, by: sink))
        }
    }

    /// A test is no way to write to somebody who has not agreed.
    private func obstacle(
        to address: String, of channel: AlertChannel, _ tenantID: TenantID
    ) async -> DeliveryAttempt? {
        guard let recipients, channel.kind == .email else { return nil }
        do {
            switch try await recipients.standing(of: address, on: channel, of: tenantID) {
            case .admitted: return nil
            case .waiting: return .permanent(reason: "the address is not confirmed yet")
            case .unsubscribed: return .permanent(reason: "the recipient has unsubscribed")
            case .sealed: return .permanent(reason: "the address cannot be decrypted with the configured keys")
            }
        } catch {
            return .transient(reason: "the settings of the recipient cannot be read", retryAfterSeconds: nil)
        }
    }

    private func attempt(
        _ message: AlertMessage, _ channel: AlertChannel, by sink: any AlertSink
    ) async -> DeliveryAttempt {
        let now = now()
        let attempt = await Deadline.within(min(sink.longestDelivery, Self.longest)) {
            await sink.deliver(message, to: channel, now: now)
        }
        return attempt ?? .transient(reason: "the channel did not answer in time", retryAfterSeconds: nil)
    }
}
