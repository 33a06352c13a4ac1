public import Domain
public import Foundation

/// What the query API needs of the store. Every method is one transaction and sees one tenant only (P8).
///
/// A `cursor` is a page's own ``Page/nextCursor``; any other text throws `StorageError(.malformed)`. Channel targets
/// are sealed in both directions.
public protocol QueryStore: Sendable {
    // MARK: Tenants
    /// Throws `StorageError(.conflict)` when another tenant has the same `jiraURL`.
    func createTenant(_ new: NewTenant) async throws
    func tenant(_ id: TenantID) async throws -> Tenant?
    func tenants(after cursor: String?, limit: Int) async throws -> Page<Tenant>
    func tenantID(apiKeyHash: String) async throws -> TenantID?
    /// The changed tenant; nil when it is unknown. Throws `StorageError(.conflict)` as `createTenant` does.
    func updateTenant(_ id: TenantID, _ changes: TenantChanges, now: Timestamp) async throws -> Tenant?
    /// Deletes the tenant and everything of it; false when it is unknown.
    func deleteTenant(_ id: TenantID) async throws -> Bool
    func replaceAPIKey(_ id: TenantID, hash: String) async throws -> Bool

    // MARK: Webhook secrets
    func webhookSecretInfos(_ id: TenantID) async throws -> [WebhookSecretInfo]
    func addWebhookSecret(_ id: TenantID, secretID: UUID, encrypted: String, now: Timestamp) async throws
    func removeWebhookSecret(_ id: TenantID, secretID: UUID) async throws -> Bool

    // MARK: Usage
    func usage(_ id: TenantID, from: Timestamp, to: Timestamp) async throws -> UsageCount
    /// Counts the month's uses and adds one row in the same transaction; false, with no row, at the limit.
    func reserveUsage(
        _ id: TenantID, action: UsageAction, resourceKey: String, limit: Int?, from: Timestamp, now: Timestamp
    ) async throws -> UUID?
    /// Fills in how long a reserved use took.
    func completeUsage(_ id: TenantID, usageID: UUID, processingTimeMilliseconds: Int) async throws
    /// Takes a reserved use back (the analysis failed).
    func cancelUsage(_ id: TenantID, usageID: UUID) async throws

    // MARK: Issues and analyses
    /// Riskiest first, then by key.
    func issues(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueListing>
    /// The issues set aside after repeated failures to score them, newest first.
    func parkedIssues(_ id: TenantID, after cursor: String?, limit: Int) async throws -> Page<ParkedIssue>
    /// Gives an issue that was set aside new attempts; false when there is no such parked issue.
    func retryParkedIssue(_ id: TenantID, issueID: IssueID, now: Timestamp) async throws -> Bool
    /// Newest first.
    func history(_ id: TenantID, key: IssueKey, after cursor: String?, limit: Int) async throws -> Page<HistoryEntry>
    func similarIssues(_ id: TenantID, to issue: Issue, limit: Int) async throws -> [SimilarIssue]
    func teamBaseline(_ id: TenantID, projectKey: String, now: Timestamp) async throws -> TeamBaseline
    /// These issues with their analyses, in this order; those without one, deleted or unknown are left out.
    func listings(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueListing]

    // MARK: Projects and sprints
    /// Whether any issue of the project is known and not deleted.
    func knowsProject(_ id: TenantID, projectKey: String) async throws -> Bool
    /// Whether every issue of the project was fetched, so that webhooks and sweeps keep it whole. The key is in capital
    /// letters.
    func holdsWholeProject(_ id: TenantID, projectKey: String) async throws -> Bool
    /// The sprints of this name, in any case, that an issue of the project is or was in; without a name those that are
    /// active.
    func sprints(_ id: TenantID, projectKey: String, named name: String?) async throws -> [Sprint]
    /// The issues of a project that are or were in a sprint, by key, deleted ones left out.
    func sprintIssues(_ id: TenantID, projectKey: String, sprintID: String) async throws -> [SprintIssue]

    // MARK: Alerts
    /// Newest first. `state` keeps alerts with at least one delivery in that state.
    func alerts(
        _ id: TenantID, state: AlertRecord.Delivery.State?, issueKey: IssueKey?, after cursor: String?, limit: Int
    ) async throws -> Page<AlertRecord>
    /// Puts a dead delivery back into the queue; false when there is no such dead delivery.
    func retryDelivery(_ id: TenantID, deliveryID: UUID, now: Timestamp) async throws -> Bool
    func alertRules(_ id: TenantID) async throws -> [AlertRule]
    /// Inserts or replaces.
    func saveAlertRule(_ id: TenantID, _ rule: AlertRule) async throws
    func deleteAlertRule(_ id: TenantID, ruleID: UUID) async throws -> Bool
    func alertChannels(_ id: TenantID) async throws -> [AlertChannel]
    func saveAlertChannel(_ id: TenantID, _ channel: AlertChannel) async throws
    func deleteAlertChannel(_ id: TenantID, channelID: UUID) async throws -> Bool

    // MARK: Inbox
    /// Newest first.
    func webhookEvents(
        _ id: TenantID, state: WebhookEventState?, after cursor: String?, limit: Int
    ) async throws -> Page<WebhookEventRecord>
    /// Has rejected webhooks read again (after an upgrade that understands more): those that were told apart already
    /// are folded anew, the others are routed by `route`; how many are rejected no more.
    func retryRejectedEvents(
        _ id: TenantID, now: Timestamp, route: @escaping @Sendable ([UInt8]) -> WebhookRoute
    ) async throws -> Int
}

/// An analysis made now, on demand, from what the store holds.
public protocol IssueAnalyzing: Sendable {
    /// The templates that `report` knows.
    var reportTemplates: [String] { get }

    /// Analyses the issue at `now`; with `store` the analysis becomes a row of the history. Nil for an unknown key.
    func analyze(
        tenantID: TenantID, key: IssueKey, now: Timestamp, store: Bool
    ) async throws -> IssueListing?

    /// The text of a report template (`executive`, `technical`, `pm`, `all`); nil for an unknown template.
    func report(_ template: String, listing: IssueListing) -> String?

    /// Where an issue's scores are heading: `improving`, `degrading`, `stable`, or `insufficient_data` for fewer than
    /// two. `points` are oldest first.
    func trendDirection(_ points: [ScorePoint]) -> String
}

/// Rolls the risk of many issues up. Pure: the same arguments give the same answer.
public protocol RiskRollingUp: Sendable {
    /// What the sprint took on and what became of it, from every issue that is or was in it.
    func scope(of sprint: Sprint, issues: [SprintIssue], now: Timestamp) -> SprintScope
    /// The issues that are in the sprint now and not done.
    func openIssues(of sprint: Sprint, among issues: [SprintIssue]) -> [SprintIssue]
    func rollUp(sprint issues: [RolledUpIssue], at now: Timestamp) -> SprintRollup
    /// Each issue counts once, however often it is given.
    func rollUp(portfolio issues: [RolledUpIssue]) -> PortfolioRollup
    /// A sprint in plain lines. `openCount` is the number of its open issues, of which `rollup` may cover fewer.
    func summary(
        of sprint: Sprint, projectKey: String, rollup: SprintRollup, scope: SprintScope, openCount: Int
    ) -> String
    /// A portfolio in plain lines.
    func summary(ofSlices slices: [(name: String, rollup: PortfolioRollup)], overall: PortfolioRollup) -> String
}

/// Asks the tenant's Jira which issues a JQL query finds.
public protocol JiraSearching: Sendable {
    /// The issues that Jira shows for `jql`, in Jira's order, at most `limit`. They are in the store and scored when
    /// this returns; one that is not counts nowhere.
    ///
    /// Throws ``JiraSearchError``.
    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID]
}

/// Seals secrets and makes new ones.
public protocol SecretSealing: Sendable {
    /// Encrypts a secret for storage.
    func seal(_ secret: String) throws -> String
    /// Decrypts what `seal` made. Throws when it was sealed under a key that is gone, or damaged.
    func open(_ sealed: String) throws -> String
    /// A new random API key, shown once.
    func newAPIKey() -> String
    /// The form an API key is stored and looked up in.
    func hash(ofAPIKey key: String) -> String
    /// A new random webhook secret, shown once.
    func newWebhookSecret() -> String
}
