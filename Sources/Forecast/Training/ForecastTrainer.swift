public import Domain
import Foundation
public import Logging
public import ServiceLifecycle
import Synchronization
public import WorkLoop

/// Learns from each tenant's history, once across the nodes: daily what forecasts rest on, weekly a model, and the
/// backtests that people ask for.
///
/// Like every worker it takes no input and may be killed at any instant: a claim's lease runs out, and the work is done
/// again from the start. The processor's time is spent on a thread of its own, one tenant at a time.
public struct ForecastTrainer: Service {
    /// Makes the past of an issue of what is stored: `RiskScorer.history`. Pure; nil while too little is known of it.
    public typealias ReadPast = @Sendable (_ stored: StoredIssueHistory, _ statuses: StatusCatalog) -> IssuePast?

    /// How long it holds on to what, with the defaults of the daemon.
    public struct Options: Sendable {
        /// How long a claim is exclusive, unless it is renewed.
        public var leaseSeconds: Int64 = 60
        /// From the end of one training to the next.
        public var intervalSeconds: Int64 = 86_400
        /// Issues that are read at a time.
        public var pageSize = 200
        /// Backtests of one request that come to no end before it is given up.
        public var attemptLimit = 3

        public init() {}
    }

    let store: any TrainingStore
    let readPast: ReadPast
    let options: Options
    let thread: BackgroundThread
    let prior: ForecastModel?
    private let nudges: AsyncStream<Void>
    let now: @Sendable () -> Timestamp
    private let onBasisChanged: @Sendable (TenantID) async -> Void
    private let metrics: TrainingMetrics
    let logger: Logger
    private let stop = StopSign()

    /// - Parameters:
    ///   - prior: what training goes on from; nil: each tenant begins with nothing.
    ///   - nudges: wakes it at once; it also looks every five seconds.
    ///   - onBasisChanged: called after what a tenant's forecasts rest on was stored.
    public init(
        store: any TrainingStore, readPast: @escaping ReadPast, options: Options = Options(),
        thread: BackgroundThread, prior: ForecastModel?, nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp,
        onBasisChanged: @escaping @Sendable (TenantID) async -> Void = { _ in },
        metrics: TrainingMetrics = TrainingMetrics(), logger: Logger
    ) {
        self.store = store
        self.readPast = readPast
        self.options = options
        self.thread = thread
        self.prior = prior
        self.nudges = nudges
        self.now = now
        self.onBasisChanged = onBasisChanged
        self.metrics = metrics
        self.logger = logger
    }

    /// Works until graceful shutdown, which ends a training after the step in flight; another node takes it up.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await WorkLoop.run(every: .seconds(5), nudges: nudges) { await workOff() }
        } onGracefulShutdown: {
            stop.set()
        }
    }

    private func workOff() async {
        while !stop.isSet, !Task.isCancelled {
            // Somebody waits for a backtest.
            if await backtestNext() { continue }
            guard await trainNext() else { return }
        }
    }

    // MARK: Trainings

    /// Between the attempts to train a tenant.
    private static let backoff = Backoff(first: .seconds(300), cap: .seconds(21_600), factor: 4)
    /// How long a training waits for a store that cannot be written.
    private static let storePauseSeconds: Int64 = 60

    /// Trains the tenant that is due first; false when none is.
    private func trainNext() async -> Bool {
        let claim: TrainingClaim?
        do {
            let now = now()
            claim = try await store.claimTraining(now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
        } catch {
            logger.error("failed to read the due trainings", metadata: ["error": "\(error)"])
            return false
        }
        guard let claim else { return false }
        let began = ContinuousClock.now
        do {
            let outcome = try await holding({ try await store.renew(claim, until: $0) }) {
                try await train(claim)
            }
            try await store.release(
                claim, dueAt: now().adding(seconds: options.intervalSeconds), error: nil, now: now())
            metrics.trained(outcome, in: .now - began)
            logger.log(
                level: outcome == .basis ? .debug : .notice, "training finished",
                metadata: [
                    "tenant": "\(claim.tenantID)", "reason": "\(claim.reason.rawValue)",
                    "outcome": "\(outcome.rawValue)", "seconds": "\((.now - began).components.seconds)",
                ])
            await onBasisChanged(claim.tenantID)
        } catch {
            return await giveUp(claim, because: error)
        }
        return true
    }

    private func train(_ claim: TrainingClaim) async throws -> TenantTraining.Outcome {
        let now = now()
        let histories = try await histories(of: claim.tenantID)
        let run = TrainingRun(histories, now: now, prior: prior) { [stop] in try stop.check() }
        return try await TenantTraining(
            claim: claim, store: store, now: now, run: run, thread: thread, logger: logger
        ).work()
    }

    /// False when there is nothing more to do now.
    private func giveUp(_ claim: TrainingClaim, because error: any Error) async -> Bool {
        let now = now()
        do {
            if stop.isSet || error is CancellationError {
                try await store.giveBack(claim, now: now)
                return false
            }
            if (error as? StorageError)?.code == .stale {
                logger.notice("the lease on a training was lost", metadata: ["tenant": "\(claim.tenantID)"])
                return true
            }
            metrics.failed()
            logger.error(
                "training failed; retrying later",
                metadata: ["tenant": "\(claim.tenantID)", "error": "\(error)", "attempt": "\(claim.attempts + 1)"])
            let isOutage = (error as? StorageError)?.code == .unavailable
            let pause =
                isOutage
                ? Self.storePauseSeconds : Self.backoff.delay(afterFailures: claim.attempts + 1).components.seconds
            try await store.release(claim, dueAt: now.adding(seconds: pause), error: "\(error)", now: now)
            return !isOutage
        } catch {
            // The lease runs out by itself, and the training is claimed again.
            logger.error("failed to release a training", metadata: ["error": "\(error)"])
            return false
        }
    }

    // MARK: Backtests

    /// Runs the backtest that has waited longest; false when none waits.
    private func backtestNext() async -> Bool {
        let claim: BacktestClaim?
        do {
            let now = now()
            claim = try await store.claimBacktest(now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
        } catch {
            logger.error("failed to read the requested backtests", metadata: ["error": "\(error)"])
            return false
        }
        guard let claim else { return false }
        do {
            guard claim.attempts < options.attemptLimit else {
                try await finish(claim, error: "the backtest was interrupted \(claim.attempts) times")
                return true
            }
            let step = Mutex((done: 0, total: 0))
            let report = try await holding({
                let (done, total) = step.withLock { $0 }
                try await store.renew(claim, done: done, total: total, until: $0)
            }) {
                try await backtest(claim) { done, total in step.withLock { $0 = (done, total) } }
            }
            let total = report.request.cuts
            try await store.renew(claim, done: total, total: total, until: now().adding(seconds: options.leaseSeconds))
            try await store.finish(claim, result: try report.stored(), error: nil, now: now())
            metrics.backtested(isDone: true)
        } catch {
            return await giveUp(claim, because: error)
        }
        return true
    }

    private func backtest(
        _ claim: BacktestClaim, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> BacktestReport {
        let request = try BacktestRequest(stored: claim.options)
        progress(0, request.cuts)
        let histories = try await histories(of: claim.tenantID)
        let scores = RankingScore.ofProfiles(try await store.pastScores(claim.tenantID))
        let run = TrainingRun(histories, now: now(), prior: prior) { [stop] in try stop.check() }
        return try await thread.run { [stop] in
            try run.backtest(request, scores: scores) { done, total in
                progress(done, total)
                try stop.check()
            }
        }
    }

    private func finish(_ claim: BacktestClaim, error: String) async throws {
        metrics.backtested(isDone: false)
        try await store.finish(claim, result: nil, error: error, now: now())
    }

    /// False when there is nothing more to do now.
    private func giveUp(_ claim: BacktestClaim, because error: any Error) async -> Bool {
        do {
            let code = (error as? StorageError)?.code
            if stop.isSet || error is CancellationError || code == .unavailable {
                try await store.release(claim)
                return false
            }
            guard code != .stale else { return true }
            logger.error(
                "backtest failed", metadata: ["tenant": "\(claim.tenantID)", "error": "\(error)"])
            try await finish(claim, error: "\(error)")
            return true
        } catch {
            // The lease runs out by itself, and the backtest is claimed again.
            logger.error("failed to release a backtest", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Throws `CancellationError` once the daemon is to stop.
    func checkStop() throws { try stop.check() }

    // MARK: Leases

    /// Does the work, and renews the lease for as long as it takes. A lease that was lost ends the work.
    private func holding<Value: Sendable>(
        _ renew: @escaping @Sendable (Timestamp) async throws -> Void,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                // Cancellation is the only way this sleep fails, and ends the renewal.
                while (try? await Task.sleep(for: min(.seconds(options.leaseSeconds) / 4, .seconds(2)))) != nil {
                    do {
                        try await renew(now().adding(seconds: options.leaseSeconds))
                    } catch let error as StorageError where error.code != .stale {
                        // Tried again in time; after that somebody else may take the work.
                        logger.warning("failed to renew a lease", metadata: ["error": "\(error)"])
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

/// Says to work on other threads that it is to end.
final class StopSign: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .relaxed) }

    func set() { state.store(true, ordering: .relaxed) }

    /// Throws `CancellationError` once it is set.
    func check() throws { if isSet { throw CancellationError() } }
}
