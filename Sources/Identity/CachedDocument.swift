import Domain

/// How a document of a provider is kept.
public struct CachePolicy: Sendable, Hashable {
    /// For how long it is used without asking again, in seconds.
    public var maximumAgeSeconds: Int64
    /// For how long it is used while the provider cannot be asked, in seconds since it was fetched.
    public var keepSeconds: Int64
    /// The shortest time between two fetches because a document lacks something, in seconds.
    public var refetchSeconds: Int64
    /// The shortest time between a fetch that failed and the next, in seconds.
    public var retrySeconds: Int64

    /// An hour, a day, 30 seconds, 5 seconds.
    public static let standard = CachePolicy()

    public init(
        maximumAgeSeconds: Int64 = 3600, keepSeconds: Int64 = 86_400, refetchSeconds: Int64 = 30,
        retrySeconds: Int64 = 5
    ) {
        self.maximumAgeSeconds = maximumAgeSeconds
        self.keepSeconds = keepSeconds
        self.refetchSeconds = refetchSeconds
        self.retrySeconds = retrySeconds
    }
}

/// A document of a provider, in memory, fetched when it is asked for. There is one fetch at a time; callers that come
/// meanwhile wait for it.
actor CachedDocument<Value: Sendable> {
    typealias Fetch = @Sendable () async throws(ProviderFailure) -> Value

    private let policy: CachePolicy
    private let now: @Sendable () -> Timestamp
    private let fetch: Fetch

    private var kept: (value: Value, fetchedAt: Timestamp)?
    private var failure: ProviderFailure?
    /// The newest fetch began then, and no other begins for a while.
    private var fetchedLast: Timestamp?
    private var pauseSeconds: Int64 = 0
    private var isFetching = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(policy: CachePolicy, now: @escaping @Sendable () -> Timestamp, fetch: @escaping Fetch) {
        self.policy = policy
        self.now = now
        self.fetch = fetch
    }

    /// The document.
    ///
    /// - Parameter suffices: whether it has what the caller needs. If not, it is fetched again, unless that was done a moment
    ///   ago; what is returned then may still not suffice.
    /// - Throws: the newest failure, where no document is kept that is new enough.
    func value(_ suffices: @Sendable (Value) -> Bool = { _ in true }) async throws(ProviderFailure) -> Value {
        // Once more after a fetch for others, which was perhaps interrupted.
        for _ in 0..<2 {
            if let kept, age(of: kept.fetchedAt) < policy.maximumAgeSeconds, suffices(kept.value) { return kept.value }
            guard mayFetch else { break }
            await refresh()
        }
        if let kept, age(of: kept.fetchedAt) < policy.keepSeconds { return kept.value }
        throw failure ?? .interrupted
    }

    private var mayFetch: Bool {
        guard let fetchedLast, !isFetching else { return true }
        return age(of: fetchedLast) >= pauseSeconds
    }

    /// Seconds. An instant in the future, as after a clock was set back, is long ago.
    private func age(of instant: Timestamp) -> Int64 {
        let milliseconds = now().milliseconds - instant.milliseconds
        return milliseconds < 0 ? .max : milliseconds / 1000
    }

    /// Fetches, or waits for the fetch that is in flight.
    private func refresh() async {
        if isFetching {
            await withCheckedContinuation { waiting.append($0) }
            return
        }
        isFetching = true
        fetchedLast = now()
        do throws(ProviderFailure) {
            let value = try await fetch()
            kept = (value, now())
            failure = nil
            pauseSeconds = policy.refetchSeconds
        } catch {
            failure = error
            // The caller went away: others need not wait long.
            pauseSeconds = error == .interrupted ? min(1, policy.retrySeconds) : policy.retrySeconds
        }
        isFetching = false
        let waiters = waiting
        waiting = []
        for waiter in waiters { waiter.resume() }
    }
}
