public import Domain
import Foundation
import WorkLoop

/// What one tenant's calls to Jira may cost: how many at a time, how fast, how often again, and whether at all.
///
/// All calls of a tenant go through one budget, also those of different tasks. It obeys what Jira says of its limits, waits longer
/// and longer (at random, up to a bound: "full jitter") before it repeats a call that failed, and after a 401 or 403
/// lets nothing through until ``resume()``: a dead token that is tried again and again can lock the account.
public actor JiraBudget {
    /// The bounds.
    public struct Limits: Sendable, Hashable {
        /// Calls at a time.
        public var concurrency: Int
        /// How often a call is made at most, the first time included.
        public var attempts: Int
        /// The bound of the random wait before the second attempt; it doubles with each further one.
        public var firstDelay: Duration
        /// The bound of that bound.
        public var longestDelay: Duration
        /// How long a call waits at most because Jira asks for it (429); beyond that it fails with `.rateLimited`.
        public var longestWait: Duration

        public init(
            concurrency: Int = 4, attempts: Int = 5, firstDelay: Duration = .milliseconds(500),
            longestDelay: Duration = .seconds(30), longestWait: Duration = .seconds(60)
        ) {
            self.concurrency = concurrency
            self.attempts = attempts
            self.firstDelay = firstDelay
            self.longestDelay = longestDelay
            self.longestWait = longestWait
        }
    }

    /// Time and chance, so that tests can set them.
    public struct Context: Sendable {
        /// The wall clock.
        public var now: @Sendable () -> Timestamp
        /// Waits; throws when the task is cancelled.
        public var sleep: @Sendable (Duration) async throws -> Void
        /// A number from 0 up to 1, without 1.
        public var random: @Sendable () -> Double

        public init(
            now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void,
            random: @escaping @Sendable () -> Double
        ) {
            self.now = now
            self.sleep = sleep
            self.random = random
        }

        /// The system's.
        public static let system = Context(
            now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
            sleep: { try await Task.sleep(for: $0) },
            random: { Double.random(in: 0..<1) })
    }

    /// HTTP requests made so far for the tenant, failed ones and the search for the gateway included.
    public private(set) var callCount = 0
    /// Why the tenant's calls have stopped: `.unauthorized`, `.forbidden` or `.scopeMissing`; nil while they go through.
    public private(set) var stoppedBecause: JiraError?
    /// Until when Jira asks to be left alone (429); nil where it does not.
    public var quietUntil: Timestamp? { quiet.flatMap { $0 > context.now() ? $0 : nil } }

    nonisolated let context: Context
    private let limits: Limits
    private let backoff: Backoff
    private let gate: ConcurrencyGate
    private var quiet: Timestamp?
    /// The earliest start of the next call while calls are spread out, because Jira says that few are left.
    private var nextStart: Timestamp?
    private var spread: (gap: Int64, until: Timestamp)?

    public init(limits: Limits = Limits(), context: Context = .system) {
        self.limits = limits
        self.context = context
        backoff = Backoff(first: limits.firstDelay, cap: limits.longestDelay, jitter: .full)
        gate = ConcurrencyGate(width: limits.concurrency)
    }

    /// Lets calls through again, after the token was changed or a permission given.
    public func resume() { stoppedBecause = nil }

    /// Stops all calls with `reason`, as after a 401: for a tenant that is known to be refused from before a restart.
    public func stop(because reason: JiraError) { stoppedBecause = reason }

    /// What a kind of call allows.
    struct RetryBehavior: Sendable {
        /// Whether it may be repeated where it is not known if Jira has carried it out.
        var isRepeatable = true
        /// Whether a missing permission or scope says that the account is no good for anything that consilod does.
        var stopsWhenForbidden = true
    }

    /// How one attempt ended.
    struct Attempt<Answer: Sendable>: Sendable {
        var result: Result<Answer, JiraError>
        /// HTTP requests that it took.
        var requests = 1
        var limits = RateLimitHeaders()
    }

    /// Makes a call, when it is its turn, and again while that may help.
    func perform<Answer: Sendable>(
        _ behavior: RetryBehavior = RetryBehavior(), _ attempt: @Sendable () async -> Attempt<Answer>
    ) async throws(JiraError) -> Answer {
        if let stoppedBecause { throw stoppedBecause }
        guard await gate.enter() else { throw .cancelled }
        defer { gate.leave() }
        var number = 0
        while true {
            try await waitForTurn()
            let ended = await attempt()
            number += 1
            callCount += ended.requests
            note(ended.limits)
            switch ended.result {
            case .success(let answer): return answer
            case .failure(let error):
                if error.endsAccess, error == .unauthorized || behavior.stopsWhenForbidden { stoppedBecause = error }
                guard number < limits.attempts, Self.mayHelp(repeating: error, behavior) else { throw error }
                // A 429 that names its end is waited for in `waitForTurn`, by all calls of the tenant.
                if ended.limits.quietUntil == nil {
                    try await sleep(backoff.delay(afterFailures: number, random: context.random()))
                }
            }
        }
    }

    private static func mayHelp(repeating error: JiraError, _ behavior: RetryBehavior) -> Bool {
        switch error {
        case .rateLimited: true
        case .unavailable: behavior.isRepeatable
        default: false
        }
    }

    /// Waits until Jira is ready for a call, at most as long as the limits say.
    private func waitForTurn() async throws(JiraError) {
        while true {
            if let stoppedBecause { throw stoppedBecause }
            let now = context.now()
            if let quiet, quiet > now {
                guard Duration.milliseconds(quiet.milliseconds - now.milliseconds) <= limits.longestWait else {
                    throw .rateLimited(until: quiet)
                }
                // Not all at the same moment.
                let jitter = Int64(context.random() * 250)
                try await sleep(.milliseconds(quiet.milliseconds - now.milliseconds + jitter))
                continue
            }
            guard let spread, spread.until > now else { return }
            let start = max(now, nextStart ?? now)
            nextStart = start.adding(milliseconds: spread.gap)
            if start > now { try await sleep(.milliseconds(start.milliseconds - now.milliseconds)) }
            if let stoppedBecause { throw stoppedBecause }
            return
        }
    }

    /// Near the limit the calls that are left are spread over the time that is left.
    private func note(_ headers: RateLimitHeaders) {
        let now = context.now()
        if let until = headers.quietUntil, until > quiet ?? now { quiet = until }
        if headers.isNearLimit {
            let reset = headers.reset ?? now.adding(seconds: 10)
            let left = max(1, min(headers.remaining ?? 10, 1000))
            let gap = (reset.milliseconds - now.milliseconds) / left
            spread = (min(max(gap, 100), 5000), reset)
        } else if spread.map({ $0.until <= now }) == true {
            (spread, nextStart) = (nil, nil)
        }
    }

    private func sleep(_ duration: Duration) async throws(JiraError) {
        do {
            try await context.sleep(duration)
        } catch {
            throw .cancelled
        }
    }
}
