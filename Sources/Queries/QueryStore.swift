public import Domain
public import Foundation

/// What the use cases and the doors need of the store. Every method is one transaction and sees one tenant only (P8).
///
/// A `cursor` is a page's own ``Page/nextCursor``; any other text throws `StorageError(.malformed)`. Channel targets
/// are sealed in both directions. `by` names who causes a change.
public protocol QueryStore: APIKeyStore, AccountMailStore, AuditStore, ForecastStore, PeopleStore, PersonDataStore,
    RuleTrialStore, WriteBackSettingsStore
{
    // MARK: Tenants
    /// Throws `StorageError(.conflict)` when another tenant has the same `jiraURL`.
    func createTenant(_ new: NewTenant, by actor: Actor) async throws
    /// Nil for an unknown tenant.
    func tenant(_ id: TenantID) async throws -> Tenant?
    /// Oldest first.
    func tenants(after cursor: String?, limit: Int) async throws -> Page<Tenant>
    /// The changed tenant; nil when it is unknown. Throws `StorageError(.conflict)` as `createTenant` does.
    func updateTenant(
        _ id: TenantID, _ changes: TenantChanges, by actor: Actor, now: Timestamp
    ) async throws -> Tenant?
    /// As the other, by what a subscription at Stripe says; a suspension stays. Throws `StorageError(.stale)`, with no effect, when
    /// the lease was lost.
    func updateTenant(
        under claim: StripeClaim, _ change: SubscriptionChange, now: Timestamp
    ) async throws -> Tenant?
    /// Has a tenant deleted at `deletesAt`, unless an earlier instant is set already; the tenant as it is then, nil when it is
    /// unknown.
    func scheduleDeletion(
        of id: TenantID, at deletesAt: Timestamp, by actor: Actor, now: Timestamp
    ) async throws -> Tenant?
    /// Undoes the planned deletion of a tenant: the tenant as it is then, nil when it is unknown or deleted already.
    func restoreTenant(_ id: TenantID, by actor: Actor, now: Timestamp) async throws -> Tenant?
    /// Deletes the tenant and everything of it at once; false when it is unknown.
    func deleteTenant(_ id: TenantID, by actor: Actor) async throws -> Bool

    /// Adds a link that signs in to the dashboard once, in a role, and lasts as long as the API key of this stored form; without
    /// one, as the oldest that may do what the role may. False when the tenant has no such key.
    func addSignInLink(
        _ id: TenantID, tokenHash: String, apiKeyHash: String?, role: Role, until endsAt: Timestamp, by actor: Actor,
        now: Timestamp
    ) async throws -> Bool

    // MARK: Webhook secrets
    func webhookSecretInfos(_ id: TenantID) async throws -> [WebhookSecretInfo]
    /// Throws `StorageError(.limitReached)` where the tenant has as many as it may.
    func addWebhookSecret(
        _ id: TenantID, secretID: UUID, encrypted: String, by actor: Actor, now: Timestamp
    ) async throws
    func removeWebhookSecret(_ id: TenantID, secretID: UUID, by actor: Actor) async throws -> Bool

    // MARK: Automation tokens
    /// Oldest first.
    func automationTokenInfos(_ id: TenantID) async throws -> [AutomationTokenInfo]
    /// Adds a token by its hash, and ends the others at `formerUntil`. Throws `StorageError(.limitReached)` where the tenant
    /// has as many as it may.
    func addAutomationToken(
        _ id: TenantID, tokenID: UUID, hash: String, formerUntil: Timestamp?, by actor: Actor, now: Timestamp
    ) async throws
    /// False where there is no such token.
    func removeAutomationToken(_ id: TenantID, tokenID: UUID, by actor: Actor) async throws -> Bool

    // MARK: Plans and usage
    /// The plans, the cheapest first.
    func subscriptionPlans() async throws -> [SubscriptionPlan]
    /// Changes a plan, and the limits of its tenants that have none of their own; the plan as it is then.
    func updatePlan(
        _ name: Plan, _ changes: SubscriptionPlanChanges, by actor: Actor, now: Timestamp
    ) async throws -> SubscriptionPlan
    /// What a tenant asked for on each day, the first day first.
    func usageDays(_ id: TenantID, from: Timestamp, to: Timestamp) async throws -> [UsageDay]
    func usage(_ id: TenantID, from: Timestamp, to: Timestamp) async throws -> UsageCount
    /// Counts the uses of a month and adds one in the same transaction; with no row at the tenant's limit.
    func reserveUsage(
        _ id: TenantID, action: UsageAction, resourceKey: String, in month: CalendarMonth, by actor: Actor,
        now: Timestamp
    ) async throws -> UsageReservation
    /// Fills in how long a reserved use took.
    func completeUsage(
        _ id: TenantID, usageID: UUID, processingTimeMilliseconds: Int, by actor: Actor
    ) async throws
    /// Takes a reserved use back (the analysis failed).
    func cancelUsage(_ id: TenantID, usageID: UUID, by actor: Actor) async throws

    // MARK: Issues and analyses
    /// In the filter's order, then by key.
    func issues(
        _ id: TenantID, filter: IssueFilter, after cursor: String?, limit: Int
    ) async throws -> Page<IssueListing>
    /// The parked issues, newest first.
    func parkedIssues(_ id: TenantID, after cursor: String?, limit: Int) async throws -> Page<ParkedIssue>
    /// Retries a parked issue; false when there is no such parked issue.
    func retryParkedIssue(_ id: TenantID, issueID: IssueID, by actor: Actor, now: Timestamp) async throws -> Bool
    /// Newest first.
    func history(_ id: TenantID, key: IssueKey, after cursor: String?, limit: Int) async throws -> Page<HistoryEntry>
    /// The stored analyses of all issues, by the key that the issue had then, and oldest first under each key.
    func history(
        _ id: TenantID, filter: HistoryFilter, after cursor: String?, limit: Int
    ) async throws -> Page<HistoryEntry>
    /// What an issue is shown beside.
    func context(
        _ id: TenantID, of issue: Issue, _ wanted: IssueContext.Wanted, now: Timestamp
    ) async throws -> IssueContext
    /// These issues with their analyses, in this order; those without one, deleted or unknown are left out.
    func listings(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueListing]

    /// The forecasts of these issues, by issue; those without one are left out.
    func forecasts(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueID: ForecastRecord]

    // MARK: Projects and sprints
    /// Whether any issue of the project is known and not deleted.
    func knowsProject(_ id: TenantID, projectKey: String) async throws -> Bool
    /// Whether a backfill has fetched every issue of the project, so that webhooks and sweeps keep it complete. The key
    /// is in capital letters.
    func holdsWholeProject(_ id: TenantID, projectKey: String) async throws -> Bool
    /// The sprints of this name, in any case, that an issue of the project is or was in; without a name those that are
    /// active.
    func sprints(_ id: TenantID, projectKey: String, named name: String?) async throws -> [Sprint]
    /// What is known of the categories of the site's statuses.
    func statusCatalog(_ id: TenantID) async throws -> StatusCatalog
    /// The issues of a project that are or were in a sprint, by key, deleted ones left out.
    func sprintIssues(_ id: TenantID, projectKey: String, sprintID: String) async throws -> [SprintIssue]

    // MARK: Alerts
    /// Newest first. `state` keeps alerts with at least one delivery in that state.
    func alerts(
        _ id: TenantID, state: AlertRecord.Delivery.State?, issueKey: IssueKey?, after cursor: String?, limit: Int
    ) async throws -> Page<AlertRecord>
    /// Puts a dead delivery back into the queue; false when there is no such dead delivery.
    func retryDelivery(_ id: TenantID, deliveryID: UUID, by actor: Actor, now: Timestamp) async throws -> Bool
    /// Acknowledges one alert, unless it is; when, and by whom. Nil where there is no such one.
    func acknowledge(_ id: TenantID, alertID: UUID, by actor: Actor, now: Timestamp) async throws -> Acknowledgement?
    func alertRules(_ id: TenantID) async throws -> [AlertRule]
    /// Inserts or replaces. Throws `StorageError(.limitReached)` for a new one where the tenant has as many as it may.
    func saveAlertRule(_ id: TenantID, _ rule: AlertRule, by actor: Actor) async throws
    func deleteAlertRule(_ id: TenantID, ruleID: UUID, by actor: Actor) async throws -> Bool
    func alertChannels(_ id: TenantID) async throws -> [AlertChannel]
    /// As ``saveAlertRule(_:_:by:)``.
    func saveAlertChannel(_ id: TenantID, _ channel: AlertChannel, by actor: Actor) async throws
    func deleteAlertChannel(_ id: TenantID, channelID: UUID, by actor: Actor) async throws -> Bool
    /// The root of the routing tree; one without routes where none was saved.
    func alertRoute(_ id: TenantID) async throws -> AlertRoute
    /// Replaces the routing tree.
    func saveAlertRoute(_ id: TenantID, _ root: AlertRoute, by actor: Actor) async throws
    /// Those that end last first.
    func alertSilences(_ id: TenantID, after cursor: String?, limit: Int) async throws -> Page<AlertSilence>
    func alertSilence(_ id: TenantID, silenceID: UUID) async throws -> AlertSilence?
    /// Throws `StorageError(.limitReached)` where the tenant has as many as it may.
    func addAlertSilence(_ id: TenantID, _ silence: AlertSilence, by actor: Actor) async throws
    /// Ends a silence at `now`, where it has not ended; nil when there is no such one.
    func expireAlertSilence(
        _ id: TenantID, silenceID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> AlertSilence?

    // MARK: Links of messages
    /// Nil where there is no such notification.
    func linkedNotification(_ id: TenantID, notificationID: UUID) async throws -> LinkedNotification?
    /// Acknowledges the alerts of a notification, under the name that the list of alerts shows; false where there is no such
    /// one.
    func acknowledge(
        _ id: TenantID, notificationID: UUID, name: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// Nil for an unknown recipient.
    func linkedRecipient(_ id: TenantID, recipientID: UUID) async throws -> LinkedRecipient?
    /// Notes what the owner of a mail address says; false for an unknown recipient.
    func setMailRecipient(
        _ id: TenantID, recipientID: UUID, _ state: MailRecipient.State, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// Channels, routes, and the silences that have not ended.
    func alertRouting(_ id: TenantID, now: Timestamp) async throws -> AlertRouting

    // MARK: Inbox
    /// Newest first.
    func webhookEvents(
        _ id: TenantID, state: WebhookEventState?, after cursor: String?, limit: Int
    ) async throws -> Page<WebhookEventRecord>
    /// Retries rejected webhooks, as after an upgrade that understands more: those that name an issue are folded again,
    /// the others are routed by `route`. Returns how many are no longer rejected.
    func retryRejectedEvents(
        _ id: TenantID, by actor: Actor, now: Timestamp, route: @escaping @Sendable ([UInt8]) -> WebhookRoute
    ) async throws -> Int
}
