/// What the overview of a tenant shows as it is now.
public struct OverviewFigures: Sendable, Hashable {
    /// The open issues of each project by band, the projects with the most at high risk first.
    public var projects: [ProjectRisk]
    /// Whether the store is in step with Jira.
    public var sync: SyncState
    /// Alerts whose rules still fire, the newest first; of the newest ``alertsLookedAt`` alerts.
    public var openAlerts: [Alert]
    /// How many there are of those.
    public var openAlertCount: Int

    /// How many of the newest alerts are looked at for open ones.
    public static let alertsLookedAt = 300

    public init(
        projects: [ProjectRisk] = [], sync: SyncState = SyncState(), openAlerts: [Alert] = [], openAlertCount: Int = 0
    ) {
        self.projects = projects
        self.sync = sync
        self.openAlerts = openAlerts
        self.openAlertCount = openAlertCount
    }

    /// All open issues by band.
    public var open: RiskCounts {
        projects.reduce(into: RiskCounts()) {
            $0.high += $1.counts.high
            $0.medium += $1.counts.medium
            $0.low += $1.counts.low
        }
    }
}
