import Domain
import FinBERT
import Foundation
import Glibc
import QueryAPI
import Store
import Synchronization

/// `/metrics`: counters since the start, and the present state. No metric names a tenant: what one does is private (P8),
/// and a host may have many.
final class DaemonMetrics: MetricsReporting {
    /// What the HTTP server and the ingest endpoint hold now, and may hold at most.
    struct Load: Sendable {
        var connections: @Sendable () -> Int
        var connectionLimit: Int
        /// Of webhook bodies.
        var bytesInHand: @Sendable () -> Int
        var bytesInHandLimit: Int
    }

    private let registry: PrometheusRegistry
    private let node: StoreNode
    private let clock: TrustedClock
    private let model: ModelHost
    /// The folder of the SQLite store; nil on PostgreSQL.
    private let storeFolder: String?
    private let load: Load
    private let missed: Mutex<GrowingTallies>

    /// - Parameters:
    ///   - tallies: the results of Jira calls before the start.
    ///   - storeFolder: where the SQLite store is; nil on PostgreSQL.
    init(
        registry: PrometheusRegistry, node: StoreNode, clock: TrustedClock, model: ModelHost, tallies: JiraTallies,
        storeFolder: String?, load: Load
    ) {
        self.registry = registry
        self.node = node
        self.clock = clock
        self.model = model
        self.storeFolder = storeFolder
        self.load = load
        missed = Mutex(GrowingTallies(last: tallies))
    }

    /// The backend with the buckets of ``MetricDescription/all``.
    static func makeRegistry() -> PrometheusRegistry {
        PrometheusRegistry { MetricDescription.all[$0]?.buckets ?? [] }
    }

    func exposition(of health: HealthReport) -> String {
        var exposition = Exposition()
        for (name, labels, series) in registry.series { exposition.add(name, labels, series) }
        addState(of: health, to: &exposition)
        if let figures = health.figures { add(figures, to: &exposition) }
        addLoad(to: &exposition)
        addModel(to: &exposition)
        addDisk(to: &exposition)
        ProcessFigures.add(to: &exposition, startedAt: Double(node.startedAt.milliseconds) / 1000)
        return exposition.text(described: MetricDescription.all)
    }

    private func addState(of health: HealthReport, to exposition: inout Exposition) {
        exposition.add("consilod_build_info", [("version", node.version)], 1)
        exposition.add(
            "consilod_engine_info", [("scorer", health.engine.scorer), ("model", health.engine.model)], 1)
        for (name, component) in health.components {
            for state in [HealthReport.Status.healthy, .degraded, .unhealthy] {
                exposition.add(
                    "consilod_component_state", [("component", name), ("state", state.rawValue)],
                    component.status == state ? 1 : 0)
            }
        }
        exposition.add("consilod_store_nodes", [], health.nodes)
    }

    private func add(_ figures: StoreFigures, to exposition: inout Exposition) {
        let now = clock.now
        func age(of instant: Timestamp?) -> Double {
            max(0, Double(now.milliseconds - (instant ?? now).milliseconds) / 1000)
        }
        exposition.add("consilod_inbox_pending_events", [], figures.pendingEvents)
        exposition.add("consilod_inbox_rejected_events", [], figures.rejectedEvents)
        exposition.add("consilod_inbox_oldest_pending_age_seconds", [], age(of: figures.oldestPendingAt))
        if let last = figures.lastEventAt {
            exposition.add("consilod_inbox_last_event_timestamp_seconds", [], Double(last.milliseconds) / 1000)
        }
        exposition.add("consilod_queue_due_issues", [], figures.dueIssues)
        exposition.add("consilod_queue_parked_issues", [], figures.parkedIssues)
        exposition.add("consilod_queue_oldest_due_age_seconds", [], age(of: figures.oldestDueAt))
        exposition.add("consilod_alert_deliveries_queued", [], figures.queuedDeliveries)
        exposition.add("consilod_alert_dead_letters", [], figures.deadDeliveries)
        exposition.add("consilod_account_mails_queued", [], figures.accountMails.queued)
        exposition.add("consilod_account_mails_dead", [], figures.accountMails.dead)
        exposition.add("consilod_forecast_active_models", [], figures.forecasts.activeModels)
        exposition.add("consilod_forecast_stepped_down_tenants", [], figures.forecasts.steppedDown)
        exposition.add("consilod_forecast_failing_tenants", [], figures.forecasts.failing)
        exposition.add("consilod_forecast_failing_refreshes", [], figures.forecasts.failingRefreshes)
        exposition.add("consilod_forecast_backtests_waiting", [], figures.forecasts.waitingBacktests)
        exposition.add("consilod_jira_stopped_tenants", [], figures.jira.stoppedTenants)
        exposition.add("consilod_jira_fetches_waiting", [], figures.jira.waiting)
        exposition.add("consilod_jira_fetches_parked", [], figures.jira.unavailable)
        let grown = missed.withLock { $0.grow(to: figures.jira) }
        exposition.add("consilod_jira_missed_issues_total", [], grown.missed)
        exposition.add("consilod_jira_healed_issues_total", [], grown.healed)
        exposition.add("consilod_jira_deleted_issues_total", [], grown.deleted)
        exposition.add("consilod_jira_hidden_issues_total", [], grown.hidden)
    }

    private func addLoad(to exposition: inout Exposition) {
        exposition.add("consilod_http_connections", [], load.connections())
        exposition.add("consilod_http_connections_max", [], load.connectionLimit)
        exposition.add("consilod_webhook_bytes_in_hand", [], load.bytesInHand())
        exposition.add("consilod_webhook_bytes_in_hand_max", [], load.bytesInHandLimit)
    }

    private func addModel(to exposition: inout Exposition) {
        let statistics = model.statistics
        exposition.add("consilod_model_enabled", [], model.isEnabled ? 1 : 0)
        exposition.add("consilod_model_loaded", [], statistics == nil ? 0 : 1)
        exposition.add("consilod_model_windows_read_total", [], statistics?.sequences ?? 0)
        exposition.add("consilod_model_batches_total", [], statistics?.batches ?? 0)
    }

    private func addDisk(to exposition: inout Exposition) {
        var disk = statvfs()
        guard let storeFolder, statvfs(storeFolder, &disk) == 0 else { return }
        let blockBytes = Double(disk.f_frsize)
        exposition.add("consilod_store_disk_available_bytes", [], Double(disk.f_bavail) * blockBytes)
        exposition.add("consilod_store_disk_size_bytes", [], Double(disk.f_blocks) * blockBytes)
    }
}

/// Makes counters of the sums over the existing tenants, which fall when a tenant is removed. A counter that fell would be
/// taken for one that was reset, and all of it for new.
struct GrowingTallies {
    private var last: JiraTallies
    private var grown = JiraTallies()

    init(last: JiraTallies) { self.last = last }

    /// What was added since the beginning.
    mutating func grow(to sums: JiraTallies) -> JiraTallies {
        for tally in [\JiraTallies.missed, \.healed, \.deleted, \.hidden] as [WritableKeyPath<JiraTallies, Int>] {
            grown[keyPath: tally] += max(0, sums[keyPath: tally] - last[keyPath: tally])
        }
        last = sums
        return grown
    }
}
