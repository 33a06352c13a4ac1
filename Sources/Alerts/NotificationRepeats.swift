import Domain
import Logging

/// Sends notifications again whose alerts still hold, once on all nodes: what a route calls `repeat_interval`.
struct NotificationRepeats: Sendable {
    /// Notifications looked at in one turn of the loop.
    private static let batchSize = 20

    let outbox: any AlertOutbox
    let router: AlertRouter
    let logger: Logger

    /// Looks at the notifications whose repetition is due at `now`. Whether there were any.
    @discardableResult func run(now: Timestamp) async -> Bool {
        do {
            let due = try await outbox.dueRepeats(now: now, limit: Self.batchSize)
            for one in due { try await look(at: one, now: now) }
            return !due.isEmpty
        } catch {
            logger.error("failed to repeat notifications; retrying", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func look(at due: DueRepeat, now: Timestamp) async throws {
        // One that its channel does not have yet is not repeated, and looked at again.
        guard !due.isWaiting else { return try await outbox.putOff(due, until: next(due, now)) }
        let holding = try await outbox.holdingAlerts(of: due)
        guard !holding.isEmpty else { return try await outbox.putOff(due, until: nil) }
        let routing = try await outbox.alertRouting(due.tenantID, now: now)
        guard let notification = router.repetition(of: due, holding, by: routing, now: now) else {
            return try await outbox.putOff(due, until: next(due, now))
        }
        guard try await outbox.sendAgain(due, notification) else { return }
        logger.info(
            "notification repeated",
            metadata: [
                "tenant": "\(due.tenantID)", "channel": "\(due.channelID)", "group": "\(due.groupKey)",
                "alerts": "\(notification.alertIDs.count)",
            ])
    }

    private func next(_ due: DueRepeat, _ now: Timestamp) -> Timestamp { now.adding(seconds: Int64(due.interval)) }
}
