import Domain
import Logging
import ServiceLifecycle
import Store
import Synchronization
import WorkLoop

/// Removes what the policy no longer keeps: after the start and then once a day, in portions with pauses, so that
/// webhooks are taken in between.
///
/// Like every worker it takes no input and may be killed at any instant: what is left is found again.
struct Housekeeper: Service {
    let store: RiskStore
    let policy: RetentionPolicy
    /// The model that reads comments now.
    let currentModel: @Sendable () -> String
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// From the start of one pass to that of the next; after a failure sooner.
    private static let daySeconds: Int64 = 86_400
    private static let retrySeconds: Int64 = 600

    /// Works until graceful shutdown, which ends a pass after the portion in hand.
    func run() async throws {
        let nextAt = Mutex(now())
        await WorkLoop.run(nudges: Nudge().stream) {
            // Also when the clock was set back.
            let startedAt = now()
            let waiting = nextAt.withLock { $0.milliseconds - startedAt.milliseconds }
            guard waiting <= 0 || waiting > Self.daySeconds * 1000 else { return }
            let pauseSeconds = await pass() ? Self.daySeconds : Self.retrySeconds
            nextAt.withLock { $0 = startedAt.adding(seconds: pauseSeconds) }
        }
    }

    /// One pass over everything; false when it failed.
    private func pass() async -> Bool {
        do {
            let clock = PortionClock()
            let outcome = try await store.removeExpired(policy, currentModel: currentModel(), now: now()) {
                await clock.rest()
                return !Task.isShuttingDownGracefully && !Task.isCancelled
            }
            let counts = outcome.removed.map { ($0.key.rawValue, Logger.MetadataValue.stringConvertible($0.value)) }
            if !counts.isEmpty {
                logger.notice("removed what had expired", metadata: Dictionary(uniqueKeysWithValues: counts))
            }
            return true
        } catch {
            logger.error("cannot remove what has expired; trying again later", metadata: ["error": "\(error)"])
            return false
        }
    }
}

/// Lets as much time pass after each portion as the portion took: half of the disk's time is always for others.
private actor PortionClock {
    private var resumedAt = ContinuousClock.now

    func rest() async {
        let worked = ContinuousClock.now - resumedAt
        // Fails only when cancelled, which ends the pass.
        try? await Task.sleep(for: min(worked, .seconds(1)))
        resumedAt = .now
    }
}
