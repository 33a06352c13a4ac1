/// Shares one health check among requests within a moment: they need no credentials, and each check costs a write to disk.
actor SharedHealth: HealthReporting {
    private let source: any HealthReporting
    private let lifetime: Duration
    private var latest: (report: HealthReport, at: ContinuousClock.Instant)?
    private var isLooking = false
    private var waiting: [CheckedContinuation<HealthReport, Never>] = []

    init(_ source: any HealthReporting, lifetime: Duration = .seconds(1)) {
        self.source = source
        self.lifetime = lifetime
    }

    /// A report that is at most `lifetime` old.
    func health() async -> HealthReport {
        if let latest, ContinuousClock.now - latest.at < lifetime { return latest.report }
        if isLooking { return await withCheckedContinuation { waiting.append($0) } }
        isLooking = true
        let report = await source.health()
        latest = (report, .now)
        isLooking = false
        let asked = waiting
        waiting = []
        for continuation in asked { continuation.resume(returning: report) }
        return report
    }
}
