import WorkLoop

/// When a request is tried again.
struct RetrySchedule {
    /// How often in a row is tried, at most.
    static let attemptLimit = 6
    /// A name that cannot be resolved is rarely found later.
    static let unresolvedLimit = 2
    /// The longest pause that a server may ask for; one that wants more is given up.
    static let longestPause = Duration.seconds(600)

    private static let backoff = Backoff(first: .seconds(1), cap: longestPause)

    private var failures = 0
    private var unresolved = 0

    /// The pause before the next attempt; nil to give up. The pauses double from 1 s, and are never shorter than what
    /// the server asked for.
    mutating func pause(after failure: AttemptFailure) -> Duration? {
        failures += 1
        if failure.kind == .unresolved { unresolved += 1 }
        guard failures < Self.attemptLimit, unresolved < Self.unresolvedLimit else { return nil }
        let pause = max(Self.backoff.delay(afterFailures: failures), failure.retryAfter ?? .zero)
        return pause <= Self.longestPause ? pause : nil
    }
}
