import Domain
import Forecast
import Logging
import RiskEngine
import Store
import WorkLoop

extension Composition {
    /// What learns from the tenants' histories.
    ///
    /// - Parameter onBasisChanged: called after what a tenant's forecasts rest on was stored.
    func makeTrainer(
        _ store: RiskStore, onBasisChanged: @escaping @Sendable (TenantID) async -> Void = { _ in }
    ) -> ForecastTrainer {
        let logger = Logger(label: "forecast")
        var prior: ForecastModel?
        do { prior = try ShippedPrior.model() } catch {
            logger.error("cannot read the forecast prior", metadata: ["error": "\(error)"])
        }
        let thread = BackgroundThread()
        cleanups.onStop("the thread of forecasts") { try await thread.shutDown() }
        return ForecastTrainer(
            store: store, readPast: { [scorer] in scorer.history(of: $0, statuses: $1) }, thread: thread, prior: prior,
            nudges: Nudge().stream, now: { [clock] in clock.now }, onBasisChanged: onBasisChanged,
            metrics: TrainingMetrics(factory: registry), logger: logger)
    }
}
