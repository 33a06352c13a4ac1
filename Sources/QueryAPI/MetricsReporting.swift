/// Tells Prometheus how the daemon is.
public protocol MetricsReporting: Sendable {
    /// All metrics in Prometheus' text format 0.0.4, over all tenants and with nothing that tells one from another.
    ///
    /// - Parameter health: a look at the daemon's health, from which the figures of the store are taken.
    func exposition(of health: HealthReport) -> String
}
