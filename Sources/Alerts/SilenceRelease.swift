import Domain
import Logging

/// Sends what ended silences kept back, where it still holds: once on all nodes.
struct SilenceRelease: Sendable {
    /// Silences looked at in one turn of the loop.
    private static let batchSize = 20

    let outbox: any AlertOutbox
    let router: AlertRouter
    let logger: Logger

    /// Looks at the silences that have ended at `now`. Whether there were any.
    func run(now: Timestamp) async -> Bool {
        do {
            let ended = try await outbox.endedSilences(now: now, limit: Self.batchSize)
            for silence in ended { try await release(silence, now: now) }
            return !ended.isEmpty
        } catch {
            logger.error("failed to send alerts after their silence ended; retrying", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func release(_ silence: EndedSilence, now: Timestamp) async throws {
        var decision = AlertDecision(alerts: try await outbox.heldAlerts(of: silence))
        if !decision.alerts.isEmpty {
            router.route(&decision, by: try await outbox.alertRouting(silence.tenantID, now: now), now: now)
        }
        guard try await outbox.release(silence, decision, now: now), !decision.alerts.isEmpty else { return }
        logger.info(
            "silence ended",
            metadata: [
                "silence": "\(silence.id)", "tenant": "\(silence.tenantID)",
                "alerts": "\(decision.alerts.count - decision.silenced.count)",
            ])
    }
}
