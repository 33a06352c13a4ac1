public import Domain
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Keeps the stored issues of every tenant in sync with Jira: fetches complete issues where webhooks carried only a part,
/// sweeps for what no webhook carried, and works through backfills.
///
/// Work is rows, as everywhere: it may be killed at any instant, and any number of nodes share the tenants.
public struct JiraSynchronizer: Service {
    /// How often and how far it looks, with the defaults of the daemon.
    public struct Options: Sendable {
        /// Time between sweeps for changed issues, in seconds.
        public var sweepSeconds: Int64 = 600
        /// How far a sweep looks back behind the one before, in seconds: Jira's search lags behind its issues.
        public var overlapSeconds: Int64 = 1800
        /// Time between full sweeps over all issues, in seconds.
        public var fullSweepSeconds: Int64 = 86_400
        /// How long a webhook may be in flight before its change counts as missed, in seconds.
        public var graceSeconds: Int64 = 120
        /// Tenants synced at the same time.
        public var concurrency = 4
        /// Lease of a claim, renewed while it is worked on, in seconds.
        public var leaseSeconds: Int64 = 60
        /// Failed attempts at one issue before it is given up.
        public var attemptLimit = 5

        public init() {}
    }

    private let store: any SyncStore
    private let connections: JiraConnections
    private let options: Options
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let decisionOnStop: @Sendable (TenantID, String) async throws -> AlertDecision
    private let wakeUps: WakeUps
    private let logger: Logger

    /// - Parameters:
    ///   - nudges: wakes it at once; it also looks once a second.
    ///   - decisionOnStop: decides which alerts are raised when a tenant's calls are stopped, for the reason that it is
    ///     given; they are committed with the stop or not at all.
    ///   - wakeUps: called when events were stored in the inbox, and when the alerts were raised.
    public init(
        store: any SyncStore, connections: JiraConnections, options: Options = Options(),
        nudges: AsyncStream<Void>, now: @escaping @Sendable () -> Timestamp,
        decisionOnStop: @escaping @Sendable (TenantID, String) async throws -> AlertDecision,
        wakeUps: WakeUps, logger: Logger
    ) {
        self.store = store
        self.connections = connections
        self.options = options
        self.nudges = nudges
        self.now = now
        self.decisionOnStop = decisionOnStop
        self.wakeUps = wakeUps
        self.logger = logger
    }

    /// Works until graceful shutdown; a call in flight is cancelled, for its work is in the store.
    public func run() async throws {
        await IndependentLoops.run(options.concurrency, nudges: nudges) { await workOff() }
    }

    /// Syncs one tenant after the other until no more are due.
    private func workOff() async {
        while !Task.isCancelled {
            do {
                let now = now()
                let claim = try await store.claimSync(now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
                guard let claim else { return }
                await sync(claim)
            } catch {
                return logger.error("cannot claim a tenant to sync", metadata: ["error": "\(error)"])
            }
        }
    }

    private func sync(_ claim: SyncClaim) async {
        var calls = 0
        do {
            guard let client = try await connections.client(for: claim.tenantID) else {
                return try await store.release(
                    claim, dueAt: now().adding(seconds: options.fullSweepSeconds), calls: 0, error: nil,
                    sweepError: nil)
            }
            // The store says whether calls are stopped, and they are not.
            await client.budget.resume()
            let before = await client.budget.callCount
            let outcome: Result<TenantVisit.Outcome, any Error>
            do { outcome = .success(try await visit(claim, with: client)) } catch { outcome = .failure(error) }
            calls = await client.budget.callCount - before
            let visited = try outcome.get()
            try await store.release(
                claim, dueAt: visited.nextAt, calls: calls, error: nil, sweepError: visited.sweepError)
        } catch let error as JiraError where error.endsAccess {
            await stop(claim, because: error, calls: calls)
        } catch let error as StorageError where error.code == .stale {
            logger.debug("lost the lease on a tenant", metadata: ["tenant": "\(claim.tenantID)"])
        } catch {
            await deferSync(claim, because: error, calls: calls)
        }
    }

    /// Visits a tenant and keeps its lease for as long as it takes, which with a slow Jira may be minutes. Throws
    /// `StorageError(.stale)`, and ends the visit, when the lease is lost.
    private func visit(_ claim: SyncClaim, with client: JiraClient) async throws -> TenantVisit.Outcome {
        try await withThrowingTaskGroup(of: TenantVisit.Outcome?.self) { group in
            group.addTask {
                try await TenantVisit(
                    claim: claim, client: client, store: store, options: options, now: now, onEvents: wakeUps.issues,
                    logger: logger
                ).run()
            }
            group.addTask {
                // Cancellation is the only way this sleep fails, and ends the renewal.
                while (try? await Task.sleep(for: .seconds(options.leaseSeconds) / 3)) != nil {
                    do {
                        try await store.renew(claim, until: now().adding(seconds: options.leaseSeconds))
                    } catch let error as StorageError where error.code == .unavailable {
                        // Tried again in time for two more attempts.
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            return .init(nextAt: now())
        }
    }

    private func stop(_ claim: SyncClaim, because error: JiraError, calls: Int) async {
        let reason = "\(error)"
        logger.error(
            "Jira refuses the account; calls stopped until it is changed",
            metadata: ["tenant": "\(claim.tenantID)", "error": "\(reason)"])
        do {
            let decision = try await decisionOnStop(claim.tenantID, reason)
            try await store.stop(claim, reason: reason, raising: decision, calls: calls, now: now())
            wakeUps.alerts()
        } catch let error as StorageError where error.code == .stale {
            // The account was changed meanwhile: the refusal was of the earlier one.
        } catch {
            // The lease expires, and the next attempt is refused as this one was.
            logger.error("failed to store that Jira refuses the account", metadata: ["error": "\(error)"])
        }
    }

    /// Between the attempts to sync a tenant.
    private static let backoff = Backoff(first: .seconds(15), cap: .seconds(900))

    private func deferSync(_ claim: SyncClaim, because error: any Error, calls: Int) async {
        // Cancelled at shutdown; the next claim continues.
        let isCancelled = error as? JiraError == .cancelled || error is CancellationError
        var seconds = isCancelled ? 0 : Self.backoff.delay(afterFailures: claim.attempts + 1).components.seconds
        if case .rateLimited(let until)? = error as? JiraError {
            seconds = max(1, (until.milliseconds - now().milliseconds + 999) / 1000)
        }
        logger.log(
            level: isCancelled ? .debug : .warning,
            "sync failed; retrying later",
            metadata: [
                "tenant": "\(claim.tenantID)", "error": "\(error)", "seconds": "\(seconds)",
                "attempt": "\(claim.attempts + 1)",
            ])
        do {
            try await store.release(
                claim, dueAt: now().adding(seconds: seconds), calls: calls, error: isCancelled ? nil : "\(error)",
                sweepError: nil)
        } catch {
            // The lease expires.
            logger.error("cannot defer a tenant's sync", metadata: ["error": "\(error)"])
        }
    }
}

extension JiraError {
    /// Whether other calls may succeed all the same.
    var isOfOneCall: Bool {
        switch self {
        case .notFound, .gone, .malformedAnswer, .badRequest: true
        default: false
        }
    }

    /// Whether one of the issues that were asked for may be the cause, and not Jira as a whole.
    var mayBeOneIssues: Bool {
        if case .unavailable = self { return true }
        return isOfOneCall
    }
}
