public import Domain
import Foundation
public import Logging
import Metrics
public import ServiceLifecycle
import Synchronization
import WorkLoop

/// Takes due issues off the queue, folds their new events, scores them, and commits everything in one transaction. Tenants
/// take turns: what one has waiting does not delay another's (P11).
///
/// Work is rows: the rescorer takes no input, only wake-ups, and may be killed at any time. A claim's lease runs
/// out and it is claimed again; nothing is applied twice, because events are marked in the transaction that
/// applies them (P1, P2).
public struct Rescorer: Service {
    /// Reads a stored webhook as a small state of one issue: `JiraWebhookDecoder.fragment`. Pure.
    ///
    /// `fields` says which custom fields hold what; nil for those that are configured. `own` says what consilod itself has
    /// written; nil for what the fields say of it. Throws, with a reason that people can act on, when the body cannot be
    /// understood.
    public typealias ReadEvent =
        @Sendable (
            _ body: [UInt8], _ issueID: IssueID, _ fields: CustomFields?, _ own: OwnWrites?
        ) throws -> IssueState

    /// Decides which alerts a new analysis raises or clears: `AlertPlanner.decide`. Pure: the same arguments give the
    /// same decision.
    public typealias DecideAlerts =
        @Sendable (
            _ tenantID: TenantID, _ siteURL: String, _ issue: Issue, _ analysis: Analysis, _ previous: Analysis?,
            _ forecast: IssueForecast?, _ recentScores: [ScorePoint], _ rules: [AlertRule], _ states: [AlertState],
            _ now: Timestamp
        ) -> AlertDecision

    /// Makes the forecast of an open issue as of `now` by a basis: `IssueForecaster.forecast`; nil where there is nothing to
    /// make it of. With `isExplained` each number has its parts.
    public typealias MakeForecast =
        @Sendable (
            _ past: IssuePast, _ sprints: [SprintRecord], _ statuses: StatusCatalog, _ tenantID: TenantID,
            _ basis: ForecastBasisID, _ isExplained: Bool, _ now: Timestamp
        ) async throws -> IssueForecast?

    /// Adds the notifications that carry the decision's alerts to the tenant's channels: `AlertRouter.route`. Pure.
    public typealias RouteAlerts =
        @Sendable (_ decision: inout AlertDecision, _ routing: AlertRouting, _ now: Timestamp) -> Void

    /// How much is worked on at a time and for how long it waits, with the defaults of the daemon.
    public struct Options: Sendable {
        /// Issues of a tenant worked on at the same time. Half as many again are kept for other tenants.
        public var concurrency = 4
        /// Issues claimed at once.
        public var batchSize = 32
        /// How long a claim is exclusive, unless it is renewed: the work of a node that died waits as long.
        public var leaseSeconds: Int64 = 30
        /// An issue whose newest event is younger than this is scored as of now and may raise alerts.
        public var liveWindowSeconds: Int64 = 900
        /// After a tenant's late events, how long to wait for more before its issues are looked at as of now.
        public var settleSeconds: Int64 = 10
        /// Failed attempts before an issue is parked.
        public var attemptLimit = 8
        /// Whether Jira can be asked for an issue of which webhooks alone have told.
        public var completesIssues = false
        /// How long an issue of which only thin webhooks have told waits for a whole one before it is scored all the same.
        public var thinWaitSeconds: Int64 = 900

        public init() {}
    }

    let store: any RescoreStore
    let analyst: IssueAnalyst
    let readEvent: ReadEvent
    let decideAlerts: DecideAlerts
    let routeAlerts: RouteAlerts
    let makeForecast: MakeForecast
    let options: Options
    private let nudges: AsyncStream<Void>
    let now: @Sendable () -> Timestamp
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    private let onLoop: @Sendable () -> Void
    private let onAlerts: @Sendable () -> Void
    private let metrics: ScoringMetrics
    let logger: Logger
    private let held: HeldClaims
    /// Wakes the loop when more is to be claimed.
    private let wakeUp = Nudge()
    /// How long an issue may be worked on before that counts as no progress.
    private static let longestWork = Duration.seconds(30)

    /// - Parameters:
    ///   - nudges: wakes the rescorer at once; it also looks once a second.
    ///   - executor: where an issue of a tenant is worked on that is large; nil for where everything runs.
    ///   - onLoop: called on every turn of the loop, also an idle one: the watchdog's proof of life.
    ///   - onAlerts: called after alerts were committed to the outbox.
    ///   - metrics: what is counted.
    public init(
        store: any RescoreStore, analyst: IssueAnalyst, readEvent: @escaping ReadEvent,
        decideAlerts: @escaping DecideAlerts, routeAlerts: @escaping RouteAlerts,
        makeForecast: @escaping MakeForecast = { _, _, _, _, _, _, _ in nil }, options: Options = Options(),
        nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil },
        onLoop: @escaping @Sendable () -> Void, onAlerts: @escaping @Sendable () -> Void,
        metrics: ScoringMetrics = ScoringMetrics(), logger: Logger
    ) {
        self.store = store
        self.analyst = analyst
        self.readEvent = readEvent
        self.decideAlerts = decideAlerts
        self.routeAlerts = routeAlerts
        self.makeForecast = makeForecast
        self.options = options
        self.nudges = nudges
        self.now = now
        self.executor = executor
        self.onLoop = onLoop
        self.onAlerts = onAlerts
        self.metrics = metrics
        self.logger = logger
        held = HeldClaims(
            HeldClaims.Limits(
                perTenant: options.concurrency, total: options.concurrency + (options.concurrency + 1) / 2,
                waitingPerTenant: options.concurrency, waiting: options.batchSize * 8))
    }

    /// Works until graceful shutdown; what is claimed by then is finished, the rest waits in the store.
    public func run() async throws {
        await queueStaleAnalyses()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await renewLeases() }
            await withDiscardingTaskGroup { workers in
                await WorkLoop.run(nudges: nudges, wakeUp.stream) {
                    // Work that has taken very long does not count as a sign of life.
                    if !held.isWorking(since: .now - Self.longestWork) { onLoop() }
                    await claim { workers.addTask { await work() } }
                }
            }
            group.cancelAll()
        }
    }

    /// Analyses made by other rules or another model are stale: queues exactly those again, behind all other
    /// work, the riskiest first. A failure is logged; the next start looks again.
    public func queueStaleAnalyses() async {
        do {
            let count = try await store.enqueueStale(keeping: analyst.engine, now: now())
            if count > 0 { logger.notice("rules or model changed; rescoring", metadata: ["issues": "\(count)"]) }
        } catch {
            logger.error("failed to read the stale analyses", metadata: ["error": "\(error)"])
        }
    }

    /// Claims what is due until enough waits here or shutdown has begun, and begins work on it.
    private func claim(beginning beginWorker: () -> Void) async {
        while !Task.isShuttingDownGracefully, let turns = held.turns {
            let claims: [IssueClaim]
            do {
                let now = now()
                claims = try await store.claimIssues(
                    limit: options.batchSize, turns: turns, now: now,
                    leaseUntil: now.adding(seconds: options.leaseSeconds))
            } catch {
                logger.error("failed to claim issues to score", metadata: ["error": "\(error)"])
                return
            }
            for _ in 0..<held.add(claims) { beginWorker() }
            // Where turns were not needed, fewer than asked for are all that is due.
            guard !claims.isEmpty, !turns.full.isEmpty || claims.count >= options.batchSize else { return }
        }
    }

    /// Works on one claim after the other, until none may be worked on.
    private func work() async {
        var done: IssueClaim?
        while true {
            let turn = held.next(after: done)
            if turn.isMoreWanted { wakeUp() }
            guard let claim = turn.claim else { return }
            await work(on: claim)
            onLoop()
            done = claim
        }
    }

    /// Keeps the leases of what is claimed for as long as it takes: a model may read for minutes.
    private func renewLeases() async {
        // Cancellation is the only way this sleep fails, and ends the renewal.
        while (try? await Task.sleep(for: .seconds(options.leaseSeconds) / 3)) != nil {
            let claims = held.all
            guard !claims.isEmpty else { continue }
            do {
                try await store.renewLeases(of: claims, until: now().adding(seconds: options.leaseSeconds))
            } catch {
                // Tried again in time for two more attempts; after that somebody else may take the work.
                logger.warning("failed to renew leases", metadata: ["error": "\(error)"])
            }
        }
    }

    private func work(on claim: IssueClaim) async {
        let began = ContinuousClock.now
        do {
            guard let work = try await store.loadWork(for: claim) else { return }
            let now = now()
            // A look as of now waits until the late events of its tenant are in: half a replay is no present.
            if work.pending.isEmpty, let lateUntil = work.tenant.lateUntil, lateUntil > now {
                try await store.postpone(claim, until: lateUntil, now: now)
                return
            }
            // Other issues may share texts with this one: they get its readings until these are committed.
            let result = try await analyst.sharedReadings.withHold { hold in
                // Nothing but the processor's time: what it computes and when is the same anywhere.
                let result = try await withTaskExecutorPreference(work.isLarge ? executor(claim.tenantID) : nil) {
                    try await rescore(work, issueID: claim.issueID, hold: hold)
                }
                try await store.commit(result, for: claim)
                return result
            }
            if result.analysis != nil { metrics.scored(in: .now - began) }
            report(result, tenantID: claim.tenantID)
            if !result.decision.alerts.isEmpty { onAlerts() }
        } catch let error as StorageError where error.code == .stale {
            logger.debug("lease lost on an issue", metadata: metadata(of: claim))
        } catch {
            await giveBack(claim, because: error)
        }
    }

    /// Between the attempts to score an issue.
    private static let backoff = Backoff(first: .seconds(10), cap: .seconds(1280))
    /// How long an issue waits for a store that cannot be written.
    private static let storePauseSeconds: Int64 = 10

    private func giveBack(_ claim: IssueClaim, because error: any Error) async {
        metrics.failures.increment()
        let attempt = claim.attempts + 1
        let now = now()
        // A store that cannot be written is not the issue's failure: a full disk must not park it.
        let isOutage = (error as? StorageError)?.code == .unavailable
        let isLast = attempt >= options.attemptLimit && !isOutage
        let backOffSeconds =
            isOutage ? Self.storePauseSeconds : Self.backoff.delay(afterFailures: attempt).components.seconds
        var metadata = metadata(of: claim)
        metadata["error"] = "\(error)"
        metadata["attempt"] = "\(attempt)"
        logger.log(
            level: isLast ? .error : .warning,
            isLast
                ? "issue parked after repeated failures" : "could not score an issue; retrying",
            metadata: metadata)
        do {
            try await store.fail(
                claim, error: "\(error)", retryAt: isLast ? nil : now.adding(seconds: backOffSeconds), now: now)
        } catch {
            // The lease runs out by itself, and the issue is claimed again.
            logger.error("could not return an issue to the queue", metadata: ["error": "\(error)"])
        }
    }

    private func report(_ result: RescoreResult, tenantID: TenantID) {
        for (event, reason) in result.rejectedEvents {
            logger.warning(
                "webhook rejected",
                metadata: [
                    "tenant": "\(tenantID)", "issue": "\(result.state.id)", "event": "\(event)", "reason": "\(reason)",
                ])
        }
        guard let analysis = result.analysis else { return }
        logger.debug(
            "scored",
            metadata: [
                "tenant": "\(tenantID)", "issue": "\(analysis.issueKey)", "score": "\(analysis.riskScore)",
                "events": "\(result.appliedEvents.count)",
            ])
    }

    private func metadata(of claim: IssueClaim) -> Logger.Metadata {
        ["tenant": "\(claim.tenantID)", "issue": "\(claim.issueID)"]
    }
}
