import Domain
import Logging
import ServiceLifecycle
import Store
import Synchronization
import WorkLoop

/// Logs when the host's clock loses or regains trust, and when the time goes back repairs what was written of the future.
struct ClockWatch: Service {
    private struct Seen {
        var doubt: ClockJudge.Doubt?
        var at: Timestamp
        /// Whether the store has still to be repaired.
        var isRepairDue = false
    }

    let clock: TrustedClock
    let store: RiskStore
    let wakeUps: WakeUps
    let logger: Logger

    func run() async throws {
        let seen = Mutex(Seen(doubt: nil, at: clock.now))
        await WorkLoop.run(nudges: Nudge().stream) {
            let (doubt, now) = (clock.doubt, clock.now)
            let before = seen.withLock { seen in
                defer {
                    let wentBack = now < seen.at.adding(seconds: -ClockJudge.stepSeconds)
                    seen = Seen(doubt: doubt, at: now, isRepairDue: seen.isRepairDue || wentBack)
                }
                return seen
            }
            if doubt != before.doubt { log(doubt) }
            guard seen.withLock({ $0.isRepairDue }) else { return }
            if await Self.repair(store, now: now, isSuspected: true, logger) {
                seen.withLock { $0.isRepairDue = false }
                wakeUps.issues()
                wakeUps.alerts()
                wakeUps.jira()
            }
        }
    }

    private func log(_ doubt: ClockJudge.Doubt?) {
        guard let doubt else { return logger.notice("clock trusted again") }
        logger.error(
            "clock not trusted; nothing is deleted until it is",
            metadata: [
                "reason": "\(doubt)", "time_used": "\(clock.now)", "remedy": "consilod store confirm-clock",
            ])
    }

    /// Brings back what a wrong clock has written; false when the store failed, which the caller tries again.
    static func repair(_ store: RiskStore, now: Timestamp, isSuspected: Bool, _ logger: Logger) async -> Bool {
        do {
            let count = try await store.bringBackFutureInstants(now: now, isSuspected: isSuspected)
            if count > 0 {
                logger.warning("instants in the future set to now", metadata: ["rows": "\(count)"])
            }
            return true
        } catch {
            logger.error("failed to set instants in the future to now", metadata: ["error": "\(error)"])
            return false
        }
    }
}
