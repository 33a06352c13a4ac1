import Domain
import Logging
import ServiceLifecycle
import Store
import Synchronization
import WorkLoop

/// Removes what the retention policy no longer keeps: after the start and then once a day, in batches with pauses, so that
/// webhooks are stored in between.
///
/// Like every worker it takes no input and may be killed at any instant: the next pass finds what is left.
struct Housekeeper: Service {
    let store: RiskStore
    let policy: RetentionPolicy
    /// The model that reads comments now.
    let currentModel: @Sendable () -> String
    /// Nil while the clock is not trusted: then nothing is removed.
    let now: @Sendable () -> Timestamp?
    let logger: Logger

    /// From the start of one pass to that of the next; after a failure sooner.
    private static let daySeconds: Int64 = 86_400
    private static let retrySeconds: Int64 = 600
    /// How often it looks for erasures of people that a request or a process left unfinished.
    private static let erasureInterval = Duration.seconds(60)

    /// Works until graceful shutdown, which ends a pass after the batch in flight.
    func run() async throws {
        let nextAt = Mutex<Timestamp?>(nil)
        let lookedAt = Mutex<ContinuousClock.Instant?>(nil)
        await WorkLoop.run(every: .seconds(5), nudges: Nudge().stream) {
            guard let startedAt = now() else { return }
            if lookedAt.withLock({ $0.map { .now - $0 > Self.erasureInterval } ?? true }) {
                await finishErasures()
                lookedAt.withLock { $0 = .now }
            }
            // Also when the clock was set back.
            let waiting = nextAt.withLock { ($0 ?? startedAt).milliseconds - startedAt.milliseconds }
            guard waiting <= 0 || waiting > Self.daySeconds * 1000 else { return }
            let pauseSeconds = await pass(at: startedAt) ? Self.daySeconds : Self.retrySeconds
            nextAt.withLock { $0 = startedAt.adding(seconds: pauseSeconds) }
        }
    }

    /// Goes on with erasures that a request or a process left behind.
    private func finishErasures() async {
        do {
            let clock = BatchClock()
            _ = try await store.continueErasures {
                await clock.rest()
                return !Task.isShuttingDownGracefully && !Task.isCancelled
            }
        } catch {
            logger.error("failed to continue the erasure of a person", metadata: ["error": "\(error)"])
        }
    }

    /// One pass over everything; false when it failed.
    private func pass(at startedAt: Timestamp) async -> Bool {
        do {
            let clock = BatchClock()
            let outcome = try await store.removeExpired(policy, currentModel: currentModel(), now: startedAt) {
                await clock.rest()
                // Expired is judged by the instant of the start, and that by a clock that was trusted then.
                return now() != nil && !Task.isShuttingDownGracefully && !Task.isCancelled
            }
            let counts = outcome.removed.map { ($0.key.rawValue, Logger.MetadataValue.stringConvertible($0.value)) }
            if !counts.isEmpty {
                logger.notice("retention pass finished", metadata: Dictionary(uniqueKeysWithValues: counts))
            }
            for tenant in outcome.keptTenants {
                logger.warning(
                    "tenant not deleted: its subscription renews itself; end it at Stripe",
                    metadata: ["tenant": "\(tenant)"])
            }
            // What was left because the clock is doubted follows soon after the doubt.
            return now() != nil
        } catch {
            logger.error("retention pass failed; retrying later", metadata: ["error": "\(error)"])
            return false
        }
    }
}

/// Waits after each batch for as long as the batch took: half of the disk's time is always left to others.
private actor BatchClock {
    private var resumedAt = ContinuousClock.now

    func rest() async {
        let worked = ContinuousClock.now - resumedAt
        // Fails only when cancelled, which ends the pass.
        try? await Task.sleep(for: min(worked, .seconds(1)))
        resumedAt = .now
    }
}
