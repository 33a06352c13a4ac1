import Domain
import Forecast
import Logging
import RiskEngine
import Store
import WorkLoop

extension Composition {
    /// What makes forecasts.
    struct ServingPart {
        /// Of one issue, when it is scored or asked for.
        let forecaster: IssueForecaster
        /// Of all others that are stale.
        let refresher: ForecastRefresher
        /// Has the refresher look at once: a tenant's pace or model is another.
        let onBasisChanged: @Sendable () -> Void
    }

    func makeServing(_ store: RiskStore, _ wakeUps: WakeUpPart) -> ServingPart {
        let executor: @Sendable (TenantID) -> (any TaskExecutor)? = { [threads] in threads.executor(for: $0) }
        let library = ForecastLibrary(store: store, executor: executor)
        let changed = Nudge()
        return ServingPart(
            forecaster: IssueForecaster(library: library, executor: executor),
            refresher: ForecastRefresher(
                store: store, library: library,
                readPast: { [scorer] in scorer.history(of: $0, statuses: $1) }, nudges: changed.stream,
                now: { [clock] in clock.now }, executor: executor, onIssues: wakeUps.everywhere.issues,
                metrics: RefreshMetrics(factory: registry), logger: Logger(label: "forecasts")),
            onBasisChanged: { changed() })
    }
}
