/// Writes the metrics for Prometheus.
public protocol MetricsReporting: Sendable {
    /// All metrics in Prometheus' text format 0.0.4, summed over all tenants, with no label that names one.
    ///
    /// - Parameter health: the daemon's health, from which the figures of the store are taken.
    func exposition(of health: HealthReport) -> String
}
