import Domain
import Forecast
import QueryAPI
import Store

/// The state of every component, for `/health`, STATUS and the watchdog (P10).
struct DaemonHealth: HealthReporting {
    let store: RiskStore
    /// This process.
    let node: StoreNode
    let clock: TrustedClock
    let sealed: SealedWatch.Board
    let progress: ProgressBoard
    let model: ModelHost
    /// The rules and the model in use.
    let engine: @Sendable () -> EngineIdentity
    let mailIsConfigured: Bool
    /// Nil where the host is not connected to Stripe.
    let stripeMode: StripeMode?
    let asksJira: Bool
    /// How long a tenant may go without a sweep, in seconds.
    let sweepOverdueSeconds: Int64
    /// How long a worker may take for one turn of its loop.
    let stallLimit: Duration

    func health() async -> HealthReport {
        var components: [String: HealthReport.Component] = [:]
        var (figures, nodes): (StoreFigures?, Int?)
        do {
            let (alive, record) = try await store.heartbeat(of: node, now: clock.now, clock: clock.note)
            clock.hear(record)
            nodes = alive
            let others = store.signals == nil ? "" : "; \(alive) \(alive == 1 ? "node uses" : "nodes use") it"
            components["store"] = .init(
                status: .healthy, detail: "\(store.engineName) accepts commits\(others)")
        } catch {
            components["store"] = .init(status: .unhealthy, detail: "\(error)")
        }
        // A file can be read also when nothing can be written; a server that does not answer is not asked twice.
        if components["store"]?.status == .healthy || store.signals == nil {
            do {
                figures = try await store.figures(now: clock.now)
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
            components["rescorer"] = .init(
                status: .degraded, detail: "\(parked) issues are parked after repeated failures")
        }
        if !stalled.contains(.alerts), let dead = figures?.deadDeliveries, dead > 0 {
            components["alerts"] = .init(status: .degraded, detail: "\(dead) alert deliveries are dead letters")
        }
        if asksJira, components["store"]?.status == .healthy {
            components["jira"] = await jira()
        } else if !asksJira {
            components["jira"] = .init(status: .healthy, detail: "no calls; jira.enabled is false")
        }
        if let stripeMode, components["store"]?.status == .healthy {
            components["stripe_sync"] = await StripeHealth(store: store, mode: stripeMode).component()
        }
        if let forecasts = figures?.forecasts { components["forecast"] = forecastComponent(forecasts) }
        components["host_clock"] = clockComponent
        components["encryption"] = sealed.component
        components["model"] = model.component
        components["mail"] = .init(
            status: .healthy, detail: mailIsConfigured ? "configured" : "not configured; email channels cannot deliver")
        let worst = components.values.map(\.status)
        return HealthReport(
            status: worst.contains(.unhealthy) ? .unhealthy : worst.contains(.degraded) ? .degraded : .healthy,
            components: components, figures: figures, engine: engine(), nodes: nodes)
    }

    private func forecastComponent(_ figures: ForecastFigures) -> HealthReport.Component {
        func tenants(_ count: Int) -> String { "\(count) \(count == 1 ? "tenant" : "tenants")" }
        let learner =
            HazardTraining.bestKind == .boosted
            ? "" : "; this build lacks XGBoost: it uses a logistic hazard instead of boosted trees"
        let down =
            figures.steppedDown == 0
            ? ""
            : "; the model of \(tenants(figures.steppedDown)) no longer does better than age alone and stepped down"
        guard figures.failing == 0 else {
            return .init(
                status: .degraded,
                detail: "the last training of \(tenants(figures.failing)) failed and is retried; "
                    + "GET /api/forecast/model says why\(down)\(learner)")
        }
        guard figures.failingRefreshes == 0 else {
            return .init(
                status: .degraded,
                detail: "the forecasts of \(tenants(figures.failingRefreshes)) could not be refreshed and are "
                    + "retried; those shown are older; the log says why\(down)\(learner)")
        }
        return .init(
            status: .healthy, detail: "\(tenants(figures.activeModels)) with a model of their own\(down)\(learner)")
    }

    private var clockComponent: HealthReport.Component {
        guard let doubt = clock.doubt else { return .init(status: .healthy, detail: "no clock steps") }
        return .init(
            status: .degraded,
            detail: "\(doubt); consilod assumes \(clock.now), and deletes nothing by age until the clock has run for "
                + "24 hours without a step or is confirmed (consilod store confirm-clock)",
            reason: .clockDoubted)
    }

    private func jira() async -> HealthReport.Component {
        do {
            let figures = try await store.jiraAccessFigures(
                sweptBefore: clock.now.adding(seconds: -sweepOverdueSeconds), now: clock.now)
            guard figures.stopped > 0 else {
                let silent = figures.unanswered
                guard silent == 0 else {
                    return .init(
                        status: .degraded,
                        detail:
                            "\(silent) \(silent == 1 ? "Jira has" : "Jiras have") not answered several times in a row; "
                            + "GET /api/tenants/{id}/jira says why")
                }
                let overdue = figures.overdue
                guard overdue == 0 else {
                    return .init(
                        status: .degraded,
                        detail:
                            "\(overdue) \(overdue == 1 ? "Jira has" : "Jiras have") not been swept for missed webhooks for "
                            + "more than \(sweepOverdueSeconds / 60) minutes; "
                            + "GET /api/tenants/{id}/jira says why")
                }
                let refused = figures.refusedWrites
                guard refused == 0 else {
                    return .init(
                        status: .degraded,
                        detail: "Jira refuses what is written for \(refused) \(refused == 1 ? "tenant" : "tenants"); "
                            + "GET /api/tenants/{id}/jira/write-back says why")
                }
                return .init(
                    status: .healthy,
                    detail: "every Jira accepts its account; webhooks missed \(figures.tallies.missed) issues, "
                        + "of which \(figures.tallies.healed) are repaired")
            }
            return .init(
                status: .degraded,
                detail: "calls stopped for \(figures.stopped) \(figures.stopped == 1 ? "tenant" : "tenants"), "
                    + "whose account Jira refuses; GET /api/tenants/{id}/jira says why")
        } catch {
            return .init(status: .degraded, detail: "\(error)")
        }
    }
}
