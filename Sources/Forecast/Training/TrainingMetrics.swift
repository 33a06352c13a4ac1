public import Metrics

/// What training counts, over all tenants.
public struct TrainingMetrics: Sendable {
    private let trainings: [TenantTraining.Outcome: Counter]
    private let failures: Counter
    private let backtests: Counter
    private let failedBacktests: Counter
    private let duration: Metrics.Timer

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ label: String, _ outcome: String) -> Counter {
            Counter(label: label, dimensions: [("outcome", outcome)], factory: factory)
        }
        trainings = Dictionary(
            uniqueKeysWithValues: TenantTraining.Outcome.allCases.map {
                ($0, counter("consilod_forecast_trainings_total", $0.rawValue))
            })
        failures = counter("consilod_forecast_trainings_total", "failed")
        backtests = counter("consilod_forecast_backtests_total", "done")
        failedBacktests = counter("consilod_forecast_backtests_total", "failed")
        duration = Metrics.Timer(label: "consilod_forecast_training_duration_seconds", factory: factory)
    }

    func trained(_ outcome: TenantTraining.Outcome, in duration: Duration) {
        trainings[outcome]?.increment()
        self.duration.record(duration: duration)
    }

    func failed() { failures.increment() }

    func backtested(isDone: Bool) { (isDone ? backtests : failedBacktests).increment() }
}
