import Domain
import Foundation
import WorkLoop

/// When a failed delivery is tried again: exponential back-off with jitter, never before the receiver's Retry-After.
public struct RetryPolicy: Sendable, Hashable {
    /// Deliveries tried before giving up.
    public var attemptLimit: Int
    /// The pause after the first failure, in seconds; it doubles with each further one.
    public var firstPauseSeconds: Int64
    /// The longest pause of our own choosing, in seconds.
    public var longestPauseSeconds: Int64

    /// With the defaults, a channel that stays down is given up after about eight hours.
    public init(attemptLimit: Int = 12, firstPauseSeconds: Int64 = 15, longestPauseSeconds: Int64 = 3600) {
        self.attemptLimit = attemptLimit
        self.firstPauseSeconds = firstPauseSeconds
        self.longestPauseSeconds = longestPauseSeconds
    }

    /// What follows a failure.
    ///
    /// - Parameters:
    ///   - item: the delivery, with the attempts made before the one that just failed.
    ///   - retryAfterSeconds: what the receiver asked for; at most a day of it is believed.
    func outcome(
        after reason: String, of item: OutboxItem, retryAfterSeconds: Int64?, now: Timestamp
    ) -> DeliveryOutcome {
        outcome(
            after: reason, attemptsBefore: item.attempts, id: item.id, retryAfterSeconds: retryAfterSeconds, now: now)
    }

    /// As the other, for what is no notification.
    ///
    /// - Parameters:
    ///   - attempts: those before the one that just failed.
    ///   - id: spreads the pauses.
    func outcome(
        after reason: String, attemptsBefore attempts: Int, id: UUID, retryAfterSeconds: Int64?, now: Timestamp
    ) -> DeliveryOutcome {
        let attempt = attempts + 1
        guard attempt < attemptLimit else { return .dead(reason: "gave up after \(attempt) attempts: \(reason)") }
        // Up to a quarter more, the same for the same delivery and attempt, so that a receiver that has recovered does
        // not get all that waits for it at once.
        let backoff = Backoff(
            first: .seconds(firstPauseSeconds), cap: .seconds(longestPauseSeconds), jitter: .added(0.25))
        let spread = id.uuid.0 ^ UInt8(truncatingIfNeeded: attempt &* 97)
        let pause = backoff.delay(afterFailures: attempt, random: Double(spread) / 256).components.seconds
        return .retry(at: now.adding(seconds: max(pause, min(retryAfterSeconds ?? 0, 86_400))), reason: reason)
    }
}
