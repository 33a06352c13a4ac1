public import Domain
public import Foundation

/// A tenant's access to Jira: its state, sweeps and backfills. All throw ``QueryError``, ``RequestError``, and what the store
/// throws.
public struct JiraCalls: Sendable {
    private let jira: any JiraAccessStore
    private let isEnabled: Bool
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - isEnabled: whether this host calls Jira at all.
    ///   - wakeUps: wakes who calls Jira.
    public init(
        jira: any JiraAccessStore, isEnabled: Bool, wakeUps: WakeUps, now: @escaping @Sendable () -> Timestamp
    ) {
        self.jira = jira
        self.isEnabled = isEnabled
        self.wakeUps = wakeUps
        self.now = now
    }

    /// How the access stands; nil for an unknown tenant.
    public func status(for principal: Principal) async throws -> JiraAccessStatus? {
        try await jira.jiraAccessStatus(try principal.tenant(to: .read).id)
    }

    /// Starts a sweep for what webhooks missed, also after a refusal stopped the calls; nil for an unknown tenant.
    public func sweep(_ fields: RequestFields, by principal: Principal) async throws -> JiraAccessStatus? {
        let id = try principal.tenant(to: .manage).id
        try checkEnabled()
        var fields = fields
        let isFull = fields.optional("full", .bool) ?? false
        try fields.check()
        guard try await jira.requestSweep(id, isFull: isFull, by: principal.actor, now: now()),
            let status = try await jira.jiraAccessStatus(id)
        else { return nil }
        // A stop is over: what was kept of the tenant is read again.
        await wakeUps.tenantChanged(id)
        return status
    }

    /// Newest first.
    public func backfills(limit: Int, for principal: Principal) async throws -> [Backfill] {
        try await jira.recentBackfills(try principal.tenant(to: .read).id, limit: limit)
    }

    /// Nil where there is no such one.
    public func backfill(_ id: UUID, for principal: Principal) async throws -> Backfill? {
        try await jira.backfill(try principal.tenant(to: .read).id, id)
    }

    /// Starts a backfill of a project or a query.
    public func startBackfill(_ fields: RequestFields, by principal: Principal) async throws -> Backfill {
        let id = try principal.tenant(to: .manage).id
        try checkEnabled()
        var fields = fields
        let project = fields.optional("project_key", .projectKey)
        let jql = fields.optional("jql", .text(1...4000))
        if (project == nil) == (jql == nil) { fields.reject("jql", "or project_key must be given, and not both") }
        try fields.check()
        // It would wait without end, and so would who waits for it.
        if let reason = try await jira.jiraAccessStatus(id)?.stoppedReason { throw RequestError.jiraStopped(reason) }
        let query = jql ?? JQL.wholeProject(project ?? "")
        let backfill = try await jira.startBackfill(id, jql: query, by: principal.actor, now: now())
        wakeUps.jira()
        return backfill
    }

    private func checkEnabled() throws(RequestError) {
        guard isEnabled else { throw .jiraDisabled }
    }
}
