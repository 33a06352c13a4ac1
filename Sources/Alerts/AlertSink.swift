public import Domain

/// Carries alerts over one kind of channel.
public protocol AlertSink: Sendable {
    /// Tries once to deliver `alert`; how long that may take is the sink's own limit.
    ///
    /// - Parameters:
    ///   - channel: where to; its `target` is in clear, a secret that must not appear in the answer.
    ///   - now: what the clock says, for dates in the message and in the receiver's answer.
    func deliver(_ alert: Alert, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt
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
