public import Domain
import Foundation
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Claims due notifications from the outbox, sends them over their channel, and records how each ended (P7).
///
/// Like every worker it takes no input, only wake-ups; at shutdown the delivery in flight is finished, the rest stays in
/// the outbox. A delivery whose outcome could not be recorded is sent again: at least once.
public struct AlertDeliverer: Service {
    /// Deliveries claimed at once.
    private static let batchSize = 8
    /// Longer than a whole batch on one hanging channel may take (20 s each), so that none is sent twice.
    private static let leaseSeconds: Int64 = 300
    /// How long a delivery waits whose channel cannot be decrypted.
    private static let sealedPauseSeconds: Int64 = 60

    private let outbox: any AlertOutbox
    private let openTarget: @Sendable (String) throws -> String
    private let sinks: [AlertChannel.Kind: any AlertSink]
    private let retry: RetryPolicy
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let onLoop: @Sendable () -> Void
    private let metrics: DeliveryMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - openTarget: decrypts a channel's target, which the outbox holds encrypted. A delivery whose target it cannot
    ///     open waits for the key: `/health` says so, and a channel that is entered again is opened by the present one.
    ///   - sinks: a kind that is missing here cannot be delivered on this host, and its alerts say so.
    ///   - nudges: wakes the deliverer at once; it also looks once a second.
    ///   - onLoop: called on every turn of the loop, also an idle one: the watchdog's proof of life.
    ///   - metrics: what is counted.
    public init(
        outbox: any AlertOutbox, openTarget: @escaping @Sendable (String) throws -> String,
        sinks: [AlertChannel.Kind: any AlertSink], retry: RetryPolicy, nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp, onLoop: @escaping @Sendable () -> Void,
        metrics: DeliveryMetrics = DeliveryMetrics(), logger: Logger
    ) {
        self.outbox = outbox
        self.openTarget = openTarget
        self.sinks = sinks
        self.retry = retry
        self.nudges = nudges
        self.now = now
        self.onLoop = onLoop
        self.metrics = metrics
        self.logger = logger
    }

    /// Works until graceful shutdown.
    public func run() async throws {
        await WorkLoop.run(nudges: nudges) {
            onLoop()
            await workOffOutbox()
        }
    }

    private func workOffOutbox() async {
        while !Task.isShuttingDownGracefully {
            let items: [OutboxItem]
            do {
                let now = now()
                items = try await outbox.claimDeliveries(
                    limit: Self.batchSize, now: now, leaseUntil: now.adding(seconds: Self.leaseSeconds))
            } catch {
                logger.error("failed to claim notifications", metadata: ["error": "\(error)"])
                return
            }
            guard !items.isEmpty else { return }
            await withTaskGroup(of: Void.self) { group in
                for items in Dictionary(grouping: items, by: \.channel.id).values {
                    group.addTask { await deliver(items) }
                }
            }
        }
    }

    /// The deliveries of one channel, one after the other and no faster than Slack allows: one message a second
    /// (api.slack.com/docs/rate-limits). On shutdown the one in flight is finished and the rest released; also when one
    /// has to be retried, so that a failing channel makes the others wait for one attempt at most.
    private func deliver(_ items: [OutboxItem]) async {
        for (index, item) in items.enumerated() {
            if index > 0 {
                // Fails only when cancelled, that is when shutdown takes too long.
                try? await Task.sleep(for: .seconds(1))
            }
            guard !Task.isShuttingDownGracefully, !Task.isCancelled else {
                await release(Array(items[index...]))
                return
            }
            onLoop()
            switch await deliver(item) {
            case .delivered, .dead: continue
            case .retry, .postponed:
                await release(Array(items[(index + 1)...]))
                return
            }
        }
    }

    private func release(_ items: [OutboxItem]) async {
        guard !items.isEmpty else { return }
        do {
            try await outbox.release(items)
        } catch {
            logger.error(
                "failed to release notifications; they are claimed again when their lease ends",
                metadata: ["error": "\(error)"])
        }
    }

    private func deliver(_ item: OutboxItem) async -> DeliveryOutcome {
        let outcome = await attempt(item)
        metrics.count(outcome, over: item.channel.kind)
        let metadata = metadata(of: item)
        switch outcome {
        case .delivered: logger.info("alert delivered", metadata: metadata)
        case .retry(let at, let reason):
            logger.warning(
                "delivery failed; retrying",
                metadata: metadata.merging(["reason": "\(reason)", "at": "\(at)"]) { $1 })
        case .postponed(let until, let reason):
            logger.error(
                "delivery put off", metadata: metadata.merging(["reason": "\(reason)", "until": "\(until)"]) { $1 })
        case .dead(let reason):
            logger.error(
                "delivery failed for good; moved to the dead letters",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
        do {
            try await outbox.record(outcome, for: item, now: now())
        } catch {
            logger.error(
                "failed to record a delivery; it will be sent again",
                metadata: metadata.merging(["error": "\(error)"]) { $1 })
        }
        return outcome
    }

    private func metadata(of item: OutboxItem) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "delivery": "\(item.id)", "channel": "\(item.channel.id)",
            "alert": "\(item.alerts.map { "\($0.id)" }.joined(separator: " "))",
        ]
        if let alert = item.alerts.first { metadata["tenant"] = "\(alert.tenantID)" }
        let issues = item.alerts.compactMap(\.issue?.issueKey.rawValue)
        if !issues.isEmpty { metadata["issue"] = "\(issues.joined(separator: " "))" }
        return metadata
    }

    private func attempt(_ item: OutboxItem) async -> DeliveryOutcome {
        var channel = item.channel
        do {
            channel.target = try openTarget(channel.target)
        } catch {
            // Unavailable, not absent: the key may come back.
            return .postponed(
                until: now().adding(seconds: Self.sealedPauseSeconds),
                reason: "the channel's address cannot be decrypted with the configured keys")
        }
        guard let sink = sinks[item.channel.kind] else {
            return .dead(reason: "\(item.channel.kind.rawValue) is not configured on this host")
        }
        guard item.channel.isEnabled else { return .dead(reason: "the channel is disabled") }
        // Only the end of the daemon in the middle of attempts leads here: otherwise the last one's failure says so.
        guard item.attempts < retry.attemptLimit else {
            return .dead(reason: "gave up after \(item.attempts) attempts, the last of which had no outcome")
        }
        // One alert a notification, until sinks can put several into a message.
        for alert in item.alerts {
            let shown = channel.showsRestricted ? alert : alert.forEverybody
            switch await sink.deliver(shown, to: channel, now: now()) {
            case .accepted: continue
            case .transient(let reason, let retryAfterSeconds):
                return retry.outcome(after: reason, of: item, retryAfterSeconds: retryAfterSeconds, now: now())
            case .permanent(let reason): return .dead(reason: reason)
            }
        }
        return .delivered
    }
}
