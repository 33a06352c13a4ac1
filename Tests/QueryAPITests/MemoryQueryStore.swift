import Domain
import Foundation
import QueryAPI

/// The store's contract in memory. Everything belongs to one tenant's record; a cursor is an offset.
actor MemoryQueryStore: QueryStore {
    struct Record {
        var tenant: Tenant
        var jiraTokenEncrypted: String
        var apiKeyHash: String
        var secrets: [(info: WebhookSecretInfo, encrypted: String)]
        var rules: [AlertRule]
        var channels: [AlertChannel] = []
        var uses: [UUID: (action: UsageAction, at: Timestamp, milliseconds: Int?)] = [:]
        var issues: [IssueListing] = []
        var parked: [ParkedIssue] = []
        var history: [HistoryEntry] = []
        var alerts: [AlertRecord] = []
        var events: [WebhookEventRecord] = []
        var sprints: [Sprint] = []
        /// By the sprint's id.
        var sprintIssues: [String: [SprintIssue]] = [:]
    }

    var records: [TenantID: Record] = [:]
    /// Thrown by ``issues(_:filter:after:limit:)``, to see how failures are answered.
    var failure: (any Error)?

    func change(_ id: TenantID, _ edit: @Sendable (inout Record) -> Void) {
        if var record = records[id] {
            edit(&record)
            records[id] = record
        }
    }

    func fail(with error: (any Error)?) { failure = error }

    private func page<Element>(_ items: [Element], after cursor: String?, limit: Int) throws -> Page<Element> {
        guard let start = cursor.map({ Int($0) }) ?? 0 else { throw StorageError(.malformed, "not a cursor") }
        let slice = items.dropFirst(start).prefix(limit)
        let end = start + slice.count
        return Page(items: Array(slice), nextCursor: end < items.count ? String(end) : nil)
    }

    private func isTaken(_ jiraURL: String?, by other: (TenantID) -> Bool) -> Bool {
        records.contains { other($0.key) && $0.value.tenant.jiraURL == jiraURL }
    }

    // MARK: Tenants

    func createTenant(_ new: NewTenant) throws {
        if isTaken(new.tenant.jiraURL, by: { _ in true }) { throw StorageError(.conflict, "tenants.jira_url") }
        let secret = WebhookSecretInfo(id: new.webhookSecretID, createdAt: new.tenant.createdAt)
        records[new.tenant.id] = Record(
            tenant: new.tenant, jiraTokenEncrypted: new.jiraTokenEncrypted, apiKeyHash: new.apiKeyHash,
            secrets: [(secret, new.webhookSecretEncrypted)], rules: new.rules)
    }

    func tenant(_ id: TenantID) -> Tenant? { records[id]?.tenant }

    func tenants(after cursor: String?, limit: Int) throws -> Page<Tenant> {
        try page(records.values.map(\.tenant).sorted { $0.companyName < $1.companyName }, after: cursor, limit: limit)
    }

    func tenantID(apiKeyHash: String) -> TenantID? { records.first { $0.value.apiKeyHash == apiKeyHash }?.key }

    func updateTenant(_ id: TenantID, _ changes: TenantChanges, now: Timestamp) throws -> Tenant? {
        if isTaken(changes.jiraURL, by: { $0 != id }) { throw StorageError(.conflict, "tenants.jira_url") }
        change(id) { record in
            record.tenant.companyName = changes.companyName ?? record.tenant.companyName
            record.tenant.jiraURL = changes.jiraURL ?? record.tenant.jiraURL
            record.tenant.jiraEmail = changes.jiraEmail ?? record.tenant.jiraEmail
            record.tenant.dailyRatePerPerson = changes.dailyRatePerPerson ?? record.tenant.dailyRatePerPerson
            record.jiraTokenEncrypted = changes.jiraTokenEncrypted ?? record.jiraTokenEncrypted
            record.tenant.updatedAt = now
        }
        return records[id]?.tenant
    }

    func deleteTenant(_ id: TenantID) -> Bool { records.removeValue(forKey: id) != nil }

    func replaceAPIKey(_ id: TenantID, hash: String) -> Bool {
        change(id) { $0.apiKeyHash = hash }
        return records[id] != nil
    }

    // MARK: Webhook secrets

    func webhookSecretInfos(_ id: TenantID) -> [WebhookSecretInfo] { records[id]?.secrets.map(\.info) ?? [] }

    func addWebhookSecret(_ id: TenantID, secretID: UUID, encrypted: String, now: Timestamp) {
        change(id) { $0.secrets.append((WebhookSecretInfo(id: secretID, createdAt: now), encrypted)) }
    }

    func removeWebhookSecret(_ id: TenantID, secretID: UUID) -> Bool {
        guard webhookSecretInfos(id).contains(where: { $0.id == secretID }) else { return false }
        change(id) { $0.secrets.removeAll { $0.info.id == secretID } }
        return true
    }

    // MARK: Usage

    func usage(_ id: TenantID, from: Timestamp, to: Timestamp) -> UsageCount {
        let uses = records[id]?.uses.values.filter { from <= $0.at && $0.at < to } ?? []
        func count(_ action: UsageAction) -> Int { uses.count { $0.action == action } }
        return UsageCount(issue: count(.issue), sprint: count(.sprint), portfolio: count(.portfolio))
    }

    func reserveUsage(
        _ id: TenantID, action: UsageAction, resourceKey: String, limit: Int?, from: Timestamp, now: Timestamp
    ) -> UUID? {
        let used = records[id]?.uses.values.count { $0.action == action && $0.at >= from } ?? 0
        guard used < limit ?? .max else { return nil }
        let useID = UUID()
        change(id) { $0.uses[useID] = (action, now, nil) }
        return useID
    }

    func completeUsage(_ usageID: UUID, processingTimeMilliseconds: Int) {
        for id in records.keys { change(id) { $0.uses[usageID]?.milliseconds = processingTimeMilliseconds } }
    }

    func cancelUsage(_ usageID: UUID) {
        for id in records.keys { change(id) { $0.uses[usageID] = nil } }
    }

    // MARK: Issues and analyses

    func issues(_ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int) throws -> Page<IssueListing> {
        if let failure { throw failure }
        let listed = (records[id]?.issues ?? []).filter {
            (filter.projectKey ?? $0.issue.projectKey) == $0.issue.projectKey
                && $0.analysis.riskScore >= filter.minimumScore ?? 0 && (filter.includesDone || !$0.issue.isDone)
        }
        return try page(
            listed.sorted { ($1.analysis.riskScore, $0.issue.key) < ($0.analysis.riskScore, $1.issue.key) },
            after: cursor, limit: limit)
    }

    func parkedIssues(_ id: TenantID, after cursor: String?, limit: Int) throws -> Page<ParkedIssue> {
        try page(records[id]?.parked ?? [], after: cursor, limit: limit)
    }

    func retryParkedIssue(_ id: TenantID, issueID: IssueID, now: Timestamp) -> Bool {
        guard records[id]?.parked.contains(where: { $0.issueID == issueID }) == true else { return false }
        change(id) { $0.parked.removeAll { $0.issueID == issueID } }
        return true
    }

    func history(_ id: TenantID, key: IssueKey, after cursor: String?, limit: Int) throws -> Page<HistoryEntry> {
        let rows = records[id]?.history.filter { $0.issueKey == key } ?? []
        return try page(rows.sorted { $0.analyzedAt > $1.analyzedAt }, after: cursor, limit: limit)
    }

    func similarIssues(_ id: TenantID, to issue: Issue, limit: Int) -> [SimilarIssue] {
        let others = records[id]?.issues.filter { $0.issue.key != issue.key } ?? []
        return others.prefix(limit).map {
            SimilarIssue(key: $0.issue.key, summary: $0.issue.summary, status: $0.issue.status?.name ?? "")
        }
    }

    func teamBaseline(_ id: TenantID, projectKey: String, now: Timestamp) -> TeamBaseline {
        TeamBaseline(avgAgeDays: 12, avgComments: 3.5)
    }

    func listings(_ id: TenantID, of issueIDs: [IssueID]) -> [IssueListing] {
        let issues = records[id]?.issues ?? []
        return issueIDs.compactMap { wanted in issues.first { $0.issue.id == wanted } }
    }

    // MARK: Projects and sprints

    func knowsProject(_ id: TenantID, projectKey: String) -> Bool {
        records[id]?.issues.contains { $0.issue.projectKey == projectKey } ?? false
    }

    /// Projects of which not all issues are here.
    var partialProjects: Set<String> = []
    func setPartial(_ projectKeys: Set<String>) { partialProjects = projectKeys }
    func holdsWholeProject(_ id: TenantID, projectKey: String) -> Bool { !partialProjects.contains(projectKey) }

    func sprints(_ id: TenantID, projectKey: String, named name: String?) -> [Sprint] {
        (records[id]?.sprints ?? []).filter { sprint in
            guard !sprintIssues(id, projectKey: projectKey, sprintID: sprint.id).isEmpty else { return false }
            if let name { return sprint.name.lowercased() == name.lowercased() }
            return sprint.state == "active"
        }
    }

    func sprintIssues(_ id: TenantID, projectKey: String, sprintID: String) -> [SprintIssue] {
        (records[id]?.sprintIssues[sprintID] ?? []).filter { $0.issue.projectKey == projectKey }
    }

    // MARK: Alerts

    func alerts(
        _ id: TenantID, state: AlertRecord.Delivery.State?, issueKey: IssueKey?, after cursor: String?, limit: Int
    ) throws -> Page<AlertRecord> {
        let listed = (records[id]?.alerts ?? []).filter { record in
            (issueKey == nil || issueKey == record.alert.issue?.issueKey)
                && (state == nil || record.deliveries.contains { $0.state == state })
        }
        return try page(listed, after: cursor, limit: limit)
    }

    func retryDelivery(_ id: TenantID, deliveryID: UUID, now: Timestamp) -> Bool {
        for (a, record) in (records[id]?.alerts ?? []).enumerated() {
            for (d, delivery) in record.deliveries.enumerated()
            where delivery.id == deliveryID && delivery.state == .dead {
                change(id) { $0.alerts[a].deliveries[d].state = .queued }
                return true
            }
        }
        return false
    }

    func alertRules(_ id: TenantID) -> [AlertRule] { records[id]?.rules ?? [] }

    func saveAlertRule(_ id: TenantID, _ rule: AlertRule) {
        change(id) { record in
            record.rules.removeAll { $0.id == rule.id }
            record.rules.append(rule)
        }
    }

    func deleteAlertRule(_ id: TenantID, ruleID: UUID) -> Bool {
        guard alertRules(id).contains(where: { $0.id == ruleID }) else { return false }
        change(id) { $0.rules.removeAll { $0.id == ruleID } }
        return true
    }

    func alertChannels(_ id: TenantID) -> [AlertChannel] { records[id]?.channels ?? [] }

    func saveAlertChannel(_ id: TenantID, _ channel: AlertChannel) {
        change(id) { record in
            record.channels.removeAll { $0.id == channel.id }
            record.channels.append(channel)
        }
    }

    func deleteAlertChannel(_ id: TenantID, channelID: UUID) -> Bool {
        guard alertChannels(id).contains(where: { $0.id == channelID }) else { return false }
        change(id) { $0.channels.removeAll { $0.id == channelID } }
        return true
    }

    // MARK: Inbox

    func webhookEvents(
        _ id: TenantID, state: WebhookEventState?, after cursor: String?, limit: Int
    ) throws -> Page<WebhookEventRecord> {
        let listed = (records[id]?.events ?? []).filter { (state ?? $0.state) == $0.state }
        return try page(listed.sorted { $0.id > $1.id }, after: cursor, limit: limit)
    }

    func retryRejectedEvents(
        _ id: TenantID, now: Timestamp, route: @escaping @Sendable ([UInt8]) -> WebhookRoute
    ) -> Int {
        let count = records[id]?.events.count { $0.state == .rejected } ?? 0
        change(id) { record in
            for index in record.events.indices where record.events[index].state == .rejected {
                record.events[index].state = .pending
            }
        }
        return count
    }
}
