public import Metrics

/// What refreshing forecasts counts, over all tenants.
public struct RefreshMetrics: Sendable {
    private let done: Counter
    private let failures: Counter
    private let forecasts: Counter

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ outcome: String) -> Counter {
            Counter(
                label: "consilod_forecast_refreshes_total", dimensions: [("outcome", outcome)], factory: factory)
        }
        done = counter("done")
        failures = counter("failed")
        forecasts = Counter(label: "consilod_forecasts_refreshed_total", factory: factory)
    }

    func refreshed() { done.increment() }

    func failed() { failures.increment() }

    func made(_ count: Int) { forecasts.increment(by: count) }
}
