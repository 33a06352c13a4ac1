import Domain
import QueryAPI
import Store

/// The state of every part, as `/health`, STATUS and the watchdog tell it (P10).
struct DaemonHealth: HealthReporting {
    let store: RiskStore
    /// This process.
    let node: StoreNode
    let progress: ProgressBoard
    let model: ModelHost
    /// The rules and the model at work now.
    let engine: @Sendable () -> EngineIdentity
    let mailIsConfigured: Bool
    let asksJira: Bool
    /// How long what webhooks missed may go without being looked for, in seconds.
    let sweepOverdueSeconds: Int64
    /// How long a worker may go without a turn of its loop.
    let stallLimit: Duration

    func health() async -> HealthReport {
        var components: [String: HealthReport.Component] = [:]
        var (figures, nodes): (StoreFigures?, Int?)
        do {
            let alive = try await store.heartbeat(of: node, now: .now)
            nodes = alive
            let others = store.signals == nil ? "" : "; \(alive) \(alive == 1 ? "node works" : "nodes work") on it"
            components["store"] = .init(
                status: .healthy, detail: "\(store.engineName) takes and syncs commits\(others)")
        } catch {
            components["store"] = .init(status: .unhealthy, detail: "\(error)")
        }
        // A file can be read also when nothing can be written; a server that does not answer is not asked twice.
        if components["store"]?.status == .healthy || store.signals == nil {
            do {
                figures = try await store.figures(now: .now)
            } catch {
                components["store"] = .init(status: .unhealthy, detail: "\(error)")
            }
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
        if asksJira, components["store"]?.status == .healthy {
            components["jira"] = await jira()
        } else if !asksJira {
            components["jira"] = .init(status: .healthy, detail: "not asked; jira.enabled is false")
        }
        components["model"] = model.component
        components["mail"] = .init(
            status: .healthy, detail: mailIsConfigured ? "configured" : "not configured; email channels cannot deliver")
        let worst = components.values.map(\.status)
        return HealthReport(
            status: worst.contains(.unhealthy) ? .unhealthy : worst.contains(.degraded) ? .degraded : .healthy,
            components: components, figures: figures, engine: engine(), nodes: nodes)
    }

    private func jira() async -> HealthReport.Component {
        do {
            let stopped = try await store.stoppedJiraAccess()
            guard !stopped.isEmpty else {
                let silent = try await store.unansweredJiraAccess()
                guard silent == 0 else {
                    return .init(
                        status: .degraded,
                        detail: "no answer from \(silent) \(silent == 1 ? "Jira" : "Jiras") several times in a row; "
                            + "GET /api/tenants/{id}/jira says why")
                }
                let overdue = try await store.overdueJiraSweeps(
                    before: .now.adding(seconds: -sweepOverdueSeconds))
                guard overdue == 0 else {
                    return .init(
                        status: .degraded,
                        detail: "what webhooks missed has not been looked for in \(overdue) "
                            + "\(overdue == 1 ? "Jira" : "Jiras") for more than \(sweepOverdueSeconds / 60) minutes; "
                            + "GET /api/tenants/{id}/jira says why")
                }
                let tallies = try await store.jiraTallies()
                return .init(
                    status: .healthy,
                    detail: "no Jira refuses its account; webhooks missed \(tallies.missed) issues, "
                        + "of which \(tallies.healed) are healed")
            }
            return .init(
                status: .degraded,
                detail: "no more calls for \(stopped.count) \(stopped.count == 1 ? "tenant" : "tenants"), "
                    + "whose account Jira refuses; GET /api/tenants/{id}/jira says why")
        } catch {
            return .init(status: .degraded, detail: "\(error)")
        }
    }
}
