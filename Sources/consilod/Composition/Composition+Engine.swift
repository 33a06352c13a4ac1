import Alerts
import Domain
import Forecast
import JiraCloud
import Logging
import RiskEngine
import Store
import WorkLoop

extension Composition {
    /// What scores issues.
    struct EnginePart {
        let analyst: IssueAnalyst
        let rescorer: Rescorer
    }

    /// Loads the model, where there is one. A batch it has read is a sign of life of the rescorer, which waits for it.
    func loadModel() async throws -> ModelHost {
        let model = ModelHost(
            configuration.model, onBatch: { [progress] in progress.advance(.rescorer) }, logger: Logger(label: "model"))
        try await notifier.keepingStartAlive("loading the model") { _ = await model.refresh() }
        return model
    }

    func makeEngine(
        _ store: RiskStore, model: ModelHost, forecaster: IssueForecaster, _ wakeUps: WakeUpPart
    ) -> EnginePart {
        let metrics = ScoringMetrics(factory: registry)
        let analyst = IssueAnalyst(store: store, scorer: scorer, classifiers: model.slot, metrics: metrics)
        let rescorer = Rescorer(
            store: store, analyst: analyst, readEvent: decoder.fragment(of:for:fields:own:),
            decideAlerts: AlertPlanner().decide,
            routeAlerts: router.route,
            makeForecast: {
                try await forecaster.forecast(
                    of: $0, sprints: $1, statuses: $2, tenantID: $3, basis: $4, isExplained: $5, now: $6)
            },
            options: configuration.rescorer, nudges: wakeUps.issues.stream,
            now: { [clock] in clock.now }, executor: { [threads] in threads.executor(for: $0) },
            onLoop: { [progress] in progress.advance(.rescorer) },
            onAlerts: wakeUps.everywhere.alerts, metrics: metrics, logger: Logger(label: "rescorer"))
        return EnginePart(analyst: analyst, rescorer: rescorer)
    }
}
