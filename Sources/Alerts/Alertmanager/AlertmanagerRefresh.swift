public import Domain
import Foundation
public import Logging
public import ServiceLifecycle

/// Sends what is raised to each Alertmanager again, every few minutes: it forgets an alert at its end, and all of them when it
/// is restarted. What is no longer raised ends there by itself.
///
/// Any number of nodes may do the same: an alert that is sent twice is one.
public struct AlertmanagerRefresh: Service {
    /// How often; well within ``AlertmanagerAlert/lifetimeSeconds``.
    static let interval = Duration.seconds(5 * 60)
    /// Most alerts of a channel, the newest first, and how many of them go in one request.
    static let alertLimit = 1000
    static let portion = 100
    /// Channels that are sent to at the same time.
    private static let concurrency = 4

    private let outbox: any AlertOutbox
    private let targets: SealedTargets
    private let sink: AlertmanagerSink
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter openTarget: decrypts a channel's target. A channel whose target it cannot open is left out.
    public init(
        outbox: any AlertOutbox, sink: AlertmanagerSink, openTarget: @escaping @Sendable (String) throws -> String,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.outbox = outbox
        // Seals nothing.
        targets = SealedTargets(open: openTarget, seal: { $0 })
        self.sink = sink
        self.now = now
        self.logger = logger
    }

    /// Works until graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            // Cancellation is the only way this sleep fails.
            while (try? await Task.sleep(for: Self.interval)) != nil { await refresh() }
        }
    }

    /// Sends everything that is raised once.
    func refresh() async {
        let channels: [AlertChannel]
        do {
            channels = try await outbox.enabledChannels(of: .alertmanager)
        } catch {
            logger.error("failed to read the channels of Alertmanager", metadata: ["error": "\(error)"])
            return
        }
        _ = await channels.concurrentMap(atMost: Self.concurrency) { await refresh($0) }
    }

    private func refresh(_ sealed: AlertChannel) async {
        let now = now()
        guard sealed.quietHours?.end(of: .high, at: now) == nil, let channel = targets.opened(sealed) else { return }
        do {
            let firing = try await outbox.firingAlerts(on: channel.id, limit: Self.alertLimit)
            let alerts = channel.showsRestricted ? firing.map(\.forPrivileged) : firing.map(\.forEverybody)
            for start in stride(from: 0, to: alerts.count, by: Self.portion) {
                let some = Array(alerts[start..<min(start + Self.portion, alerts.count)])
                let attempt = await sink.send(some, to: channel, now: now)
                guard attempt != .accepted else { continue }
                logger.warning(
                    "failed to refresh alerts",
                    metadata: ["channel": "\(channel.id.canonicalText)", "outcome": "\(attempt)"])
                // Tried again in the next round, in time for three more.
                return
            }
        } catch {
            logger.error("failed to read the raised alerts of a channel", metadata: ["error": "\(error)"])
        }
    }
}
