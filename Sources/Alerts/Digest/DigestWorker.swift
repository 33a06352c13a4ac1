public import Domain
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Queues the digests that are due, each once on all nodes: a channel's turn is leased, and its next instant is stored with the
/// notification.
///
/// After a time in which no node ran there is one digest, for the newest instant that was missed, from the end of the last
/// one's period on.
public struct DigestWorker: Service {
    /// How long a claim is exclusive. One that takes longer may be made twice, and is queued once.
    private static let leaseSeconds: Int64 = 120
    /// After a failure.
    private static let retrySeconds: Int64 = 300

    private let store: any DigestStore
    private let composer: DigestComposer
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    private let onAlerts: @Sendable () -> Void
    private let logger: Logger
    private let planner = DigestPlanner()

    /// - Parameters:
    ///   - composer: puts the digests together.
    ///   - nudges: wakes it at once; it also looks every five seconds.
    ///   - now: the trusted clock.
    ///   - executor: where digests are put together; nil for where everything runs.
    ///   - onAlerts: called after a notification was queued.
    public init(
        store: any DigestStore, composer: DigestComposer, nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil },
        onAlerts: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.store = store
        self.composer = composer
        self.nudges = nudges
        self.now = now
        self.executor = executor
        self.onAlerts = onAlerts
        self.logger = logger
    }

    /// Works until graceful shutdown.
    public func run() async throws {
        await WorkLoop.run(every: .seconds(5), nudges: nudges) {
            while !Task.isShuttingDownGracefully, await workOnNext() {}
        }
    }

    /// Works on the next channel that has something due; false when none has, or the store failed.
    func workOnNext() async -> Bool {
        let claim: DigestClaim
        do {
            let now = now()
            let next = try await store.claimDigest(now: now, leaseUntil: now.adding(seconds: Self.leaseSeconds))
            guard let next else { return false }
            claim = next
        } catch {
            logger.error("failed to read the due digests", metadata: ["error": "\(error)"])
            return false
        }
        do {
            try await work(on: claim)
        } catch is CancellationError {
            // The daemon ends; the next one makes it.
            await giveBack(claim, after: 0)
            return false
        } catch {
            logger.error(
                "could not make a digest; retrying later", metadata: metadata(of: claim, ["error": "\(error)"]))
            await giveBack(claim, after: Self.retrySeconds)
        }
        return true
    }

    /// The host does not know the time zone, as after its time zone data were removed.
    private struct UnknownTimeZone: Error, CustomStringConvertible {
        var description: String { "the time zone of the digest is not known on this host" }
    }

    private func work(on claim: DigestClaim) async throws {
        let now = now()
        guard let schedule = claim.channel.digest, let next = schedule.next(after: now),
            let due = schedule.last(notAfter: now)
        else { throw UnknownTimeZone() }
        // The first instant of a new schedule lies ahead. So does that of one whose last digest a wrong clock has queued.
        let isNew = claim.dueAt == nil
        guard !isNew, claim.coveredUntil.map({ $0 < due }) ?? true else {
            _ = try await store.finish(
                claim, nextDueAt: next, coveredUntil: claim.coveredUntil, AlertDecision())
            return
        }
        let request = DigestRequest(
            tenantID: claim.tenantID, siteURL: claim.siteURL, projectKeys: schedule.projectKeys,
            every: schedule.every, timeZone: schedule.timeZone,
            from: Self.beginning(of: schedule, due: due, after: claim.coveredUntil), to: due, asOf: now)
        // No daemon waits for scorecards at its end.
        let content = try await cancelWhenGracefulShutdown { [composer, executor] in
            try await withTaskExecutorPreference(executor(claim.tenantID)) {
                try await composer.content(request)
            }
        }
        let isSent = !content.isEmpty || schedule.saysWhenEmpty
        let decision =
            isSent ? planner.decide(content, for: claim.channel, of: claim.tenantID) : AlertDecision()
        guard try await store.finish(claim, nextDueAt: next, coveredUntil: due, decision) else {
            logger.debug("lease lost on a digest", metadata: metadata(of: claim))
            return
        }
        if isSent { onAlerts() }
        logger.info(
            isSent ? "digest queued" : "digest left out: nothing to report",
            metadata: metadata(of: claim, ["due": "\(due)"]))
    }

    /// Where the last digest ended, at most as far back as the history is looked at; for the first one, the instant before.
    static func beginning(of schedule: DigestSchedule, due: Timestamp, after covered: Timestamp?) -> Timestamp {
        let usual = schedule.last(notAfter: due.adding(milliseconds: -1)) ?? due.adding(days: -1)
        return max(covered ?? usual, due.adding(days: -Analysis.lookBackDays))
    }

    private func giveBack(_ claim: DigestClaim, after seconds: Int64) async {
        do {
            try await store.fail(claim, retryAt: now().adding(seconds: seconds))
        } catch {
            // The lease runs out by itself.
            logger.error("failed to release a digest", metadata: ["error": "\(error)"])
        }
    }

    private func metadata(of claim: DigestClaim, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        ["tenant": "\(claim.tenantID)", "channel": "\(claim.channel.id)"].merging(more) { $1 }
    }
}
