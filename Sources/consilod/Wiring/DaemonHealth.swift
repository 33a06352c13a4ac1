import Domain
import QueryAPI
import Store

/// The state of every part, as `/health`, STATUS and the watchdog tell it (P10).
struct DaemonHealth: HealthReporting {
    let store: RiskStore
    let progress: ProgressBoard
    let model: ModelHost
    /// The rules and the model at work now.
    let engine: @Sendable () -> EngineIdentity
    let mailIsConfigured: Bool
    /// How long a worker may go without a turn of its loop.
    let stallLimit: Duration

    func health() async -> HealthReport {
        var components: [String: HealthReport.Component] = [:]
        var figures: StoreFigures?
        do {
            try await store.checkWritable()
            figures = try await store.figures(now: .now)
            components["store"] = .init(status: .healthy, detail: "SQLite takes and syncs commits")
        } catch {
            components["store"] = .init(status: .unhealthy, detail: "\(error)")
        }
        let stalled = progress.stalled(for: stallLimit)
        for worker in ProgressBoard.Worker.allCases {
            components[worker.rawValue] =
                stalled.contains(worker)
                ? .init(status: .unhealthy, detail: "has not advanced for \(stallLimit)")
                : .init(status: .healthy, detail: "advancing")
        }
        if !stalled.contains(.rescorer), let parked = figures?.parkedIssues, parked > 0 {
            components["rescorer"] = .init(status: .degraded, detail: "\(parked) issues were set aside after failures")
        }
        if !stalled.contains(.alerts), let dead = figures?.deadDeliveries, dead > 0 {
            components["alerts"] = .init(status: .degraded, detail: "\(dead) alert deliveries are dead letters")
        }
        components["model"] = model.component
        components["mail"] = .init(
            status: .healthy, detail: mailIsConfigured ? "configured" : "not configured; email channels cannot deliver")
        let worst = components.values.map(\.status)
        return HealthReport(
            status: worst.contains(.unhealthy) ? .unhealthy : worst.contains(.degraded) ? .degraded : .healthy,
            components: components, figures: figures, engine: engine())
    }
}
