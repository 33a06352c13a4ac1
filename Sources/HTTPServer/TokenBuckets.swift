/// Token buckets, one for each key, by the generic cell rate algorithm (ITU-T I.371): all that is kept of a bucket is the
/// instant at which it will be full again.
///
/// Any stretch of time of length `t` sees at most `burst + t × perSecond` tokens of a key granted. The memory is bounded:
/// a bucket that is full is not kept, and beyond `capacity` the one that is nearest to full is forgotten, which gives its
/// key at most what it would have had a little later.
public struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    /// What became of a request for a token.
    public enum Decision: Equatable, Sendable {
        /// A token was taken; `refusedBefore` is the number of refusals since the last one.
        case granted(refusedBefore: Int)
        /// The bucket is empty; the next token is there after `retryAfter`.
        case refused(retryAfter: Duration)
    }

    private struct Bucket {
        var fullAt: ContinuousClock.Instant
        var refused = 0
    }

    private let interval: Duration
    private let burst: Int
    private let capacity: Int
    private var buckets: [Key: Bucket] = [:]

    /// - Parameters:
    ///   - interval: the time in which a token comes back; more than zero.
    ///   - burst: what a full bucket holds; at least 1.
    ///   - capacity: most keys remembered; at least 1.
    public init(interval: Duration, burst: Int, capacity: Int = 4096) {
        self.interval = interval
        self.burst = burst
        self.capacity = capacity
    }

    /// Keys remembered now.
    var count: Int { buckets.count }

    /// Takes a token of a key. `now` must not go back, or at least counts as no later than before.
    public mutating func take(_ key: Key, at now: ContinuousClock.Instant) -> Decision {
        if var bucket = buckets[key] {
            let wait = now.duration(to: max(bucket.fullAt, now)) - interval * (burst - 1)
            if wait > .zero {
                bucket.refused += 1
                buckets[key] = bucket
                return .refused(retryAfter: wait)
            }
            buckets[key] = Bucket(fullAt: max(bucket.fullAt, now) + interval)
            return .granted(refusedBefore: bucket.refused)
        }
        makeRoom(at: now)
        buckets[key] = Bucket(fullAt: now + interval)
        return .granted(refusedBefore: 0)
    }

    /// How long until a key has a token; nil where it has one now. Takes none.
    public func wait(_ key: Key, at now: ContinuousClock.Instant) -> Duration? {
        guard let bucket = buckets[key] else { return nil }
        let wait = now.duration(to: max(bucket.fullAt, now)) - interval * (burst - 1)
        return wait > .zero ? wait : nil
    }

    private mutating func makeRoom(at now: ContinuousClock.Instant) {
        guard buckets.count >= capacity else { return }
        buckets = buckets.filter { $0.value.fullAt > now }
        guard buckets.count >= capacity, let fullest = buckets.min(by: { $0.value.fullAt < $1.value.fullAt }) else {
            return
        }
        buckets[fullest.key] = nil
    }
}
