public import Domain

/// Carries messages over one kind of channel.
public protocol AlertSink: Sendable {
    /// What an attempt may take; after it the deliverer waits no longer, whatever the sink does.
    var longestDelivery: Duration { get }

    /// After which a delivery takes no one's place but its tenant's: its peer works on it, and on others as well. Nil where a
    /// delivery under way counts for its peer as long as it lasts.
    var slowAfter: Duration? { get }

    /// The time between two messages to one channel, of which then one at a time is under way; nil where several may be.
    var pace: Duration? { get }

    /// Who is called for a channel, as its host, so that one that does not answer takes a few attempts at once at most.
    ///
    /// - Parameter channel: with its `target` in clear.
    func peer(of channel: AlertChannel) -> String

    /// The recipients of a channel, each of which gets a delivery of its own; nil where the channel itself is the only one.
    ///
    /// - Parameter channel: with its `target` in clear.
    func recipients(of channel: AlertChannel) -> [String]?

    /// Tries once to deliver `message`. Ends soon when its task is cancelled.
    ///
    /// - Parameters:
    ///   - channel: where to; its `target` is in clear, a secret that must not appear in the answer. Where the sink names
    ///     recipients, it is one of them.
    ///   - now: what the clock says, for dates in the message and in the receiver's answer.
    func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt
}

extension AlertSink {
    /// Nil: a host that does not answer one message does not answer another.
    public var slowAfter: Duration? { nil }

    /// Nil: the channel is one place.
    public func recipients(of channel: AlertChannel) -> [String]? { nil }
}

/// How one attempt at a delivery ended. Reasons are one plain line for the operator and hold no secret.
public enum DeliveryAttempt: Sendable, Hashable {
    /// The receiver has taken the message over.
    case accepted
    /// It may work later; the receiver may have said how many seconds to wait.
    case transient(reason: String, retryAfterSeconds: Int64?)
    /// It will not work until somebody changes the channel or the receiver.
    case permanent(reason: String)
}
