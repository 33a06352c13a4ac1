public import Domain
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Gives the client of a tenant.
public protocol JiraConnecting: Sendable {
    /// The client of a tenant, the same one for as long as its access and its custom fields do not change; nil
    /// when the tenant is gone.
    ///
    /// Throws an error for people where the token cannot be opened.
    func client(for tenantID: TenantID) async throws -> JiraClient?
}

/// Keeps the picture of every tenant the same as Jira's: fetches whole what webhooks told in part, looks now and then for
/// what they did not tell at all, and works backfills off.
///
/// Work is rows, as everywhere: it may be killed at any instant, and any number of nodes share the tenants.
public struct JiraSynchronizer: Service {
    public struct Options: Sendable {
        /// How often Jira is asked for what has changed, in seconds.
        public var sweepSeconds: Int64 = 600
        /// How far a sweep looks back behind the one before, in seconds: Jira's search lags behind its issues.
        public var overlapSeconds: Int64 = 1800
        /// How often Jira is asked for all issues there are, in seconds.
        public var fullSweepSeconds: Int64 = 86_400
        /// How long a webhook may be on its way before what it tells counts as missed, in seconds.
        public var graceSeconds: Int64 = 120
        /// Tenants looked after at the same time.
        public var concurrency = 4
        /// How long a claim is nobody else's, unless it is renewed, in seconds.
        public var leaseSeconds: Int64 = 60
        /// Failed attempts at one issue before it is given up.
        public var attemptLimit = 5

        public init() {}
    }

    private let store: any SyncStore
    private let connections: any JiraConnecting
    private let options: Options
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let onEvents: @Sendable () -> Void
    private let decisionOnStop: @Sendable (TenantID, String) async throws -> AlertDecision
    private let onAlert: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - nudges: wakes it at once; it also looks once a second.
    ///   - onEvents: called when something was put into the inbox.
    ///   - decisionOnStop: decides which alerts are raised when a tenant's calls are stopped, for the reason that it is
    ///     given; they are committed with the stop or not at all.
    ///   - onAlert: called when they were raised.
    public init(
        store: any SyncStore, connections: any JiraConnecting, options: Options = Options(),
        nudges: AsyncStream<Void>, now: @escaping @Sendable () -> Timestamp,
        onEvents: @escaping @Sendable () -> Void,
        decisionOnStop: @escaping @Sendable (TenantID, String) async throws -> AlertDecision,
        onAlert: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.store = store
        self.connections = connections
        self.options = options
        self.nudges = nudges
        self.now = now
        self.onEvents = onEvents
        self.decisionOnStop = decisionOnStop
        self.onAlert = onAlert
        self.logger = logger
    }

    /// Works until graceful shutdown; a call in hand is broken off, for what it asks waits in the store.
    public func run() async throws {
        let wakeUps = (0..<options.concurrency).map { _ in Nudge() }
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                // Each goes its own way: a Jira that does not answer keeps nobody else's waiting.
                for wakeUp in wakeUps {
                    group.addTask { await WorkLoop.run(nudges: wakeUp.stream) { await workOff() } }
                }
                for await _ in nudges { for wakeUp in wakeUps { wakeUp() } }
                await group.waitForAll()
            }
        }
    }

    /// Looks after one tenant after the other until none is due.
    private func workOff() async {
        while !Task.isCancelled {
            do {
                let now = now()
                let claim = try await store.claimSync(now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
                guard let claim else { return }
                await lookAfter(claim)
            } catch {
                return logger.error("cannot look which tenant's Jira to ask", metadata: ["error": "\(error)"])
            }
        }
    }

    private func lookAfter(_ claim: SyncClaim) async {
        var calls = 0
        do {
            guard let client = try await connections.client(for: claim.tenantID) else {
                return try await store.release(
                    claim, dueAt: now().adding(seconds: options.fullSweepSeconds), calls: 0, error: nil,
                    complaint: nil)
            }
            // Whether calls are stopped stands in the store, and there they are not.
            await client.budget.resume()
            let before = await client.budget.callCount
            let outcome: Result<TenantVisit.Outcome, any Error>
            do { outcome = .success(try await visit(claim, with: client)) } catch { outcome = .failure(error) }
            calls = await client.budget.callCount - before
            let visited = try outcome.get()
            try await store.release(
                claim, dueAt: visited.nextAt, calls: calls, error: nil, complaint: visited.complaint)
        } catch let error as JiraError where error.endsAccess {
            await stop(claim, because: error, calls: calls)
        } catch let error as StorageError where error.code == .stale {
            logger.debug("the lease on a tenant was lost", metadata: ["tenant": "\(claim.tenantID)"])
        } catch {
            await putOff(claim, because: error, calls: calls)
        }
    }

    /// Visits a tenant and keeps its lease for as long as it takes, which with a slow Jira may be minutes. Throws
    /// `StorageError(.stale)`, and ends the visit, when the lease is lost.
    private func visit(_ claim: SyncClaim, with client: JiraClient) async throws -> TenantVisit.Outcome {
        try await withThrowingTaskGroup(of: TenantVisit.Outcome?.self) { group in
            group.addTask {
                try await TenantVisit(
                    claim: claim, client: client, store: store, options: options, now: now, onEvents: onEvents,
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
            "Jira refuses the tenant's account; no more calls are made until it is changed",
            metadata: ["tenant": "\(claim.tenantID)", "error": "\(reason)"])
        do {
            let decision = try await decisionOnStop(claim.tenantID, reason)
            try await store.stop(claim, reason: reason, raising: decision, calls: calls, now: now())
            onAlert()
        } catch let error as StorageError where error.code == .stale {
            // The access was changed meanwhile: the refusal was of the one before.
        } catch {
            // The lease runs out by itself, and the next attempt is refused as this one was.
            logger.error("cannot note that Jira refuses the account", metadata: ["error": "\(error)"])
        }
    }

    /// The longest pause after failures, in seconds.
    private static let longestPause: Int64 = 900

    private func putOff(_ claim: SyncClaim, because error: any Error, calls: Int) async {
        // Broken off at the end, and the next to look goes on with it.
        let isBrokenOff = error as? JiraError == .cancelled || error is CancellationError
        var seconds = isBrokenOff ? 0 : min(Int64(15) << min(claim.attempts, 10), Self.longestPause)
        if case .rateLimited(let until)? = error as? JiraError {
            seconds = max(1, (until.milliseconds - now().milliseconds + 999) / 1000)
        }
        logger.log(
            level: isBrokenOff ? .debug : .warning,
            "cannot ask Jira now; trying again later",
            metadata: [
                "tenant": "\(claim.tenantID)", "error": "\(error)", "seconds": "\(seconds)",
                "attempt": "\(claim.attempts + 1)",
            ])
        do {
            try await store.release(
                claim, dueAt: now().adding(seconds: seconds), calls: calls, error: isBrokenOff ? nil : "\(error)",
                complaint: nil)
        } catch {
            // The lease runs out by itself.
            logger.error("cannot put a tenant's calls off", metadata: ["error": "\(error)"])
        }
    }
}

extension JiraError {
    /// Whether other calls may have an answer all the same.
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
