/// Exponential back-off: the delay before the next attempt grows by a factor with each failure, up to a cap.
public struct Backoff: Sendable, Hashable {
    /// What is added to, or taken from, the delay, so that many that failed together do not come back together.
    public enum Jitter: Sendable, Hashable {
        case none
        /// Up to this fraction of the delay is added.
        case added(Double)
        /// Anything from nothing up to the delay ("full jitter").
        case full
    }

    /// The delay after the first failure.
    public var first: Duration
    /// By which the delay grows with each further failure.
    public var factor: Int
    /// The longest delay, before jitter is added.
    public var cap: Duration
    /// How delays are spread.
    public var jitter: Jitter

    public init(first: Duration, cap: Duration, factor: Int = 2, jitter: Jitter = .none) {
        self.first = first
        self.cap = cap
        self.factor = factor
        self.jitter = jitter
    }

    /// How long to wait after so many failures in a row.
    ///
    /// - Parameters:
    ///   - failures: 1 for the first; less counts as 1.
    ///   - random: from 0 up to 1, without 1; the seed of the jitter. The same number gives the same delay.
    public func delay(afterFailures failures: Int, random: Double = 0) -> Duration {
        var (delay, left) = (first, failures - 1)
        while left > 0, delay < cap {
            delay *= factor
            left -= 1
        }
        delay = min(delay, cap)
        switch jitter {
        case .none: return delay
        case .added(let fraction): return delay * (1 + fraction * random)
        case .full: return delay * random
        }
    }
}
