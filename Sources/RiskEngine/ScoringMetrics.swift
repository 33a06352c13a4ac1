public import Metrics

/// What scoring counts, over all tenants.
public struct ScoringMetrics: Sendable {
    let scored: Counter
    let failures: Counter
    let textsRead: Counter
    let cacheHits: Counter
    private let duration: Metrics.Timer

    /// - Parameter factory: where the counts go; by default nowhere, or where the process as a whole sends them.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ label: String) -> Counter { Counter(label: label, factory: factory) }
        scored = counter("consilod_issues_scored_total")
        failures = counter("consilod_issue_scoring_failures_total")
        textsRead = counter("consilod_sentiment_texts_read_total")
        cacheHits = counter("consilod_sentiment_cache_hits_total")
        duration = Metrics.Timer(label: "consilod_issue_scoring_duration_seconds", factory: factory)
    }

    /// - Parameter duration: from the claim of an issue to the commit of its analysis.
    func scored(in duration: Duration) {
        scored.increment()
        self.duration.record(duration: duration)
    }
}
