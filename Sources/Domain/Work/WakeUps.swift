/// Wakes the workers, instead of leaving new work to their next look at the store.
///
/// Work is rows: a wake-up that is lost delays the work by a second, and loses nothing.
public struct WakeUps: Sendable {
    private let wakeIssues: @Sendable () -> Void
    private let wakeAlerts: @Sendable () -> Void
    private let wakeJira: @Sendable () -> Void
    private let noteTenantChange: @Sendable (TenantID) async -> Void

    /// - Parameters:
    ///   - issues: wakes who scores issues.
    ///   - alerts: wakes who delivers alerts.
    ///   - jira: wakes who makes calls to Jira.
    ///   - tenantChanged: drops what is cached of a tenant; returns when that is done.
    public init(
        issues: @escaping @Sendable () -> Void, alerts: @escaping @Sendable () -> Void,
        jira: @escaping @Sendable () -> Void, tenantChanged: @escaping @Sendable (TenantID) async -> Void
    ) {
        wakeIssues = issues
        wakeAlerts = alerts
        wakeJira = jira
        noteTenantChange = tenantChanged
    }

    /// Issues were queued to be scored.
    public func issues() { wakeIssues() }

    /// Alerts were queued for delivery.
    public func alerts() { wakeAlerts() }

    /// There is something to fetch from Jira.
    public func jira() { wakeJira() }

    /// A tenant, its API key, its Jira account or its webhook secrets have changed.
    public func tenantChanged(_ id: TenantID) async { await noteTenantChange(id) }
}
