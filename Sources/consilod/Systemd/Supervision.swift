import Domain
import Logging
import QueryAPI
import ServiceLifecycle
import Synchronization

/// Keeps systemd informed: STATUS with real figures, and watchdog pings only while the workers advance. A store that fails
/// (a full disk, a database that is down) is no reason for a restart, which would repair nothing: Jira gets 503 and
/// retries, and so does the daemon.
struct Supervision: Service {
    let health: DaemonHealth
    let notifier: SystemdNotifier
    /// Yields once the listener accepts: nothing is sent to systemd before READY.
    let listening: AsyncStream<Void>
    let logger: Logger

    func run() async throws {
        for await _ in listening.cancelOnGracefulShutdown() { break }
        // systemd's own advice: twice as often as it asks for.
        let interval = notifier.watchdogInterval.map { $0 / 2 } ?? .seconds(5)
        let lastAnswer = LastAnswer()
        // Apart: a store that does not answer takes its time to fail, and the watchdog must not wait for it.
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Logged when it changes: a full disk must not fill the log.
                var storeStatus: HealthReport.Status? = .healthy
                for await _ in TickSequence(every: interval).cancelOnGracefulShutdown() {
                    let report = await health.health()
                    // Also for an error: only a store that never answers is what a restart may repair.
                    lastAnswer.record()
                    let status = Self.statusLine(report)
                    notifier.status(status)
                    guard report.components["store"]?.status != storeStatus else { continue }
                    storeStatus = report.components["store"]?.status
                    logger.log(
                        level: storeStatus == .healthy ? .notice : .critical,
                        storeStatus == .healthy ? "store is writable" : "store is not writable",
                        metadata: ["status": "\(status)"])
                }
            }
            group.addTask {
                for await _ in TickSequence(every: interval).cancelOnGracefulShutdown() {
                    pingWatchdog(silence: lastAnswer.age)
                }
            }
        }
    }

    /// - Parameter silence: how long ago the store last answered, if only with an error.
    private func pingWatchdog(silence: Duration) {
        var stalled = health.progress.stalled(for: health.stallLimit).map(\.rawValue)
        if silence > health.stallLimit { stalled.append("store") }
        guard stalled.isEmpty else {
            logger.error(
                "worker stalled; withholding watchdog ping", metadata: ["parts": "\(stalled.joined(separator: ", "))"])
            return
        }
        notifier.watchdog()
    }

    /// `healthy; 0 webhooks and 0 issues waiting, 0 alerts queued, last webhook …, model wordlist-2`.
    static func statusLine(_ report: HealthReport) -> String {
        var parts = [report.status.rawValue]
        if let figures = report.figures {
            parts.append("\(figures.pendingEvents) webhooks and \(figures.dueIssues) issues waiting")
            parts.append("\(figures.queuedDeliveries) alerts queued, \(figures.deadDeliveries) dead")
            if figures.rejectedEvents > 0 { parts.append("\(figures.rejectedEvents) webhooks not understood") }
            if figures.parkedIssues > 0 { parts.append("\(figures.parkedIssues) issues parked") }
            parts.append(figures.lastEventAt.map { "last webhook \($0)" } ?? "no webhook yet")
        }
        for (name, component) in report.components.sorted(by: { $0.key < $1.key })
        where component.status == .unhealthy || [.clockDoubted, .secretsUnreadable].contains(component.reason) {
            parts.append("\(name): \(component.detail)")
        }
        parts.append("model \(report.engine.model)")
        return parts.joined(separator: "; ")
    }
}

/// When the store last answered.
private final class LastAnswer: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var age: Duration { .now - instant.withLock { $0 } }
    func record() { instant.withLock { $0 = .now } }
}

/// A tick at once and then every `interval`, until the task is cancelled.
private struct TickSequence: AsyncSequence, Sendable {
    let interval: Duration
    init(every interval: Duration) { self.interval = interval }

    struct Iterator: AsyncIteratorProtocol {
        let interval: Duration
        var isFirst = true

        mutating func next() async -> Void? {
            guard !Task.isCancelled else { return nil }
            if isFirst {
                isFirst = false
                return ()
            }
            // Cancellation is the only way this sleep fails, and ends the sequence.
            return (try? await Task.sleep(for: interval)).map { _ in () }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(interval: interval) }
}
