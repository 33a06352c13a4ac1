/// Wakes the workers of this process, and tells the other processes on the same store.
///
/// Work is rows, so a wake-up carries nothing but that there may be some; one that is lost costs a poll.
public struct WakeUps: Sendable {
    private let onIssues: @Sendable () -> Void
    private let onAlerts: @Sendable () -> Void
    private let onJira: @Sendable () -> Void
    private let onTenantChanged: @Sendable (TenantID) async -> Void

    /// - Parameters:
    ///   - issues: called when issues were queued for the rescorer.
    ///   - alerts: called when deliveries were queued in the outbox.
    ///   - jira: called when there is something to ask a tenant's Jira for.
    ///   - tenantChanged: called when a tenant, its API key or its webhook secrets have changed.
    public init(
        issues: @escaping @Sendable () -> Void, alerts: @escaping @Sendable () -> Void,
        jira: @escaping @Sendable () -> Void, tenantChanged: @escaping @Sendable (TenantID) async -> Void
    ) {
        onIssues = issues
        onAlerts = alerts
        onJira = jira
        onTenantChanged = tenantChanged
    }

    /// Issues were queued: wakes the rescorer.
    public func issues() { onIssues() }

    /// Deliveries were queued: wakes the deliverer.
    public func alerts() { onAlerts() }

    /// There is something to ask a tenant's Jira for: wakes the synchroniser.
    public func jira() { onJira() }

    /// A tenant, its API key or its webhook secrets have changed: returns when this process no longer uses what it kept
    /// of them.
    public func tenantChanged(_ id: TenantID) async { await onTenantChanged(id) }
}
