public import Foundation

/// One page of a list, and where the next begins (nil on the last page). The cursor is opaque to clients.
public struct Page<Element: Sendable>: Sendable {
    /// At most the page's limit.
    public var items: [Element]
    /// Where the next page begins; nil on the last.
    public var nextCursor: String?

    public init(items: [Element], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// An issue with its latest analysis, as lists show it.
public struct IssueListing: Sendable, Hashable {
    /// The issue as it stands.
    public var issue: Issue
    /// Its newest analysis.
    public var analysis: Analysis
    /// Its newest forecast; nil for none.
    public var forecast: ForecastRecord?

    public init(issue: Issue, analysis: Analysis, forecast: ForecastRecord? = nil) {
        self.issue = issue
        self.analysis = analysis
        self.forecast = forecast
    }
}

/// An issue that shares distinctive words with another (`similar_issues` of the raw analysis), and how long it took.
public struct SimilarIssue: Sendable, Hashable, Codable {
    /// The issue's key.
    public var key: IssueKey
    /// Its project's key.
    public var projectKey: String
    /// Its summary.
    public var summary: String
    /// Its status's name.
    public var status: String
    /// Whether its status category is `done`.
    public var isDone: Bool
    /// Whole days from its creation to its end: when it was resolved, else when its status changed last. Nil while it is
    /// open.
    public var tookDays: Int?
    /// Whole days since its creation; nil for a finished one.
    public var ageDays: Int?

    public init(
        key: IssueKey, projectKey: String, summary: String, status: String, isDone: Bool, tookDays: Int?, ageDays: Int?
    ) {
        self.key = key
        self.projectKey = projectKey
        self.summary = summary
        self.status = status
        self.isDone = isDone
        self.tookDays = tookDays
        self.ageDays = ageDays
    }

    enum CodingKeys: String, CodingKey {
        case key, summary, status
        case projectKey = "project_key"
        case isDone = "is_done"
        case tookDays = "took_days"
        case ageDays = "age_days"
    }
}

/// Means over the 50 newest open issues of a project (`team_baseline` of the raw analysis).
public struct TeamBaseline: Sendable, Hashable, Codable {
    /// Mean age in days; 0 where the project has no open issue.
    public var avgAgeDays: Double
    /// Mean number of comments; 0 where the project has no open issue.
    public var avgComments: Double

    public init(avgAgeDays: Double, avgComments: Double) {
        self.avgAgeDays = avgAgeDays
        self.avgComments = avgComments
    }

    enum CodingKeys: String, CodingKey {
        case avgAgeDays = "avg_age_days"
        case avgComments = "avg_comments"
    }
}

/// An issue parked after repeated failures to score it.
public struct ParkedIssue: Sendable, Hashable {
    /// The issue.
    public var issueID: IssueID
    /// Nil if no event of the issue could be read yet.
    public var issueKey: IssueKey?
    /// Why the last attempt failed; holds no text of the issue.
    public var lastError: String
    /// Failed attempts in a row.
    public var attempts: Int
    /// When it was parked.
    public var parkedAt: Timestamp

    public init(issueID: IssueID, issueKey: IssueKey?, lastError: String, attempts: Int, parkedAt: Timestamp) {
        self.issueID = issueID
        self.issueKey = issueKey
        self.lastError = lastError
        self.attempts = attempts
        self.parkedAt = parkedAt
    }
}

/// The state of a stored webhook.
public enum WebhookEventState: String, Sendable, Codable, CaseIterable {
    case pending, applied, ignored, rejected
}

/// A stored webhook as lists show it, without its body.
public struct WebhookEventRecord: Sendable, Hashable {
    /// The inbox row's id, ascending by arrival.
    public var id: Int64
    /// Jira's identifier of the delivery, else `sha256:` and the hash of its body.
    public var deliveryID: String
    /// Jira's name of the event.
    public var event: String
    /// The issue it is about; nil for none.
    public var issueID: IssueID?
    /// Its state in the inbox.
    public var state: WebhookEventState
    /// Why it was rejected.
    public var error: String?
    /// When it arrived.
    public var receivedAt: Timestamp

    public init(
        id: Int64, deliveryID: String, event: String, issueID: IssueID?, state: WebhookEventState, error: String?,
        receivedAt: Timestamp
    ) {
        self.id = id
        self.deliveryID = deliveryID
        self.event = event
        self.issueID = issueID
        self.state = state
        self.error = error
        self.receivedAt = receivedAt
    }
}

/// The store's figures, for `/health`, `/metrics` and the unit's status.
public struct StoreFigures: Sendable, Hashable {
    /// Webhooks stored but not folded yet.
    public var pendingEvents: Int
    /// Webhooks that could not be understood.
    public var rejectedEvents: Int
    /// Issues due for scoring now.
    public var dueIssues: Int
    /// Issues parked after repeated failures.
    public var parkedIssues: Int
    /// Deliveries waiting.
    public var queuedDeliveries: Int
    /// Dead letters.
    public var deadDeliveries: Int
    /// When the newest event arrived; nil in an empty store.
    public var lastEventAt: Timestamp?
    /// When the oldest webhook arrived that is not folded yet; nil if all are.
    public var oldestPendingAt: Timestamp?
    /// Since when the first issue in the queue is, or will be, due, without those queued by a change of rules or model; nil
    /// in an empty queue.
    public var oldestDueAt: Timestamp?
    /// Results of sweeps and fetches.
    public var jira: JiraTallies
    /// How the training of forecasts stands.
    public var forecasts = ForecastFigures()
    /// Mails to owners about their accounts.
    public var accountMails = AccountMailFigures()

    public init(
        pendingEvents: Int, rejectedEvents: Int, dueIssues: Int, parkedIssues: Int, queuedDeliveries: Int,
        deadDeliveries: Int, lastEventAt: Timestamp?, oldestPendingAt: Timestamp? = nil,
        oldestDueAt: Timestamp? = nil, jira: JiraTallies = JiraTallies()
    ) {
        self.pendingEvents = pendingEvents
        self.rejectedEvents = rejectedEvents
        self.dueIssues = dueIssues
        self.parkedIssues = parkedIssues
        self.queuedDeliveries = queuedDeliveries
        self.deadDeliveries = deadDeliveries
        self.lastEventAt = lastEventAt
        self.oldestPendingAt = oldestPendingAt
        self.oldestDueAt = oldestDueAt
        self.jira = jira
    }
}

/// The rows of a new tenant; its secrets are sealed.
public struct NewTenant: Sendable {
    /// The tenant's row.
    public var tenant: Tenant
    /// Sealed by the vault.
    public var jiraTokenEncrypted: String
    /// Lower-case hex SHA-256 of its first API key, an owner's.
    public var apiKeyHash: String
    /// The first characters of that key; nil where they are not kept.
    public var apiKeyPrefix: String?
    /// The id of its first webhook secret.
    public var webhookSecretID: UUID
    /// Sealed by the vault.
    public var webhookSecretEncrypted: String
    /// Its first alert rules.
    public var rules: [AlertRule]
    /// Whether its limits are those that its plan has in the store, whatever `tenant` says.
    public var followsPlan: Bool

    public init(
        tenant: Tenant, jiraTokenEncrypted: String, apiKeyHash: String, apiKeyPrefix: String? = nil,
        webhookSecretID: UUID, webhookSecretEncrypted: String, rules: [AlertRule], followsPlan: Bool = false
    ) {
        self.tenant = tenant
        self.jiraTokenEncrypted = jiraTokenEncrypted
        self.apiKeyHash = apiKeyHash
        self.apiKeyPrefix = apiKeyPrefix
        self.webhookSecretID = webhookSecretID
        self.webhookSecretEncrypted = webhookSecretEncrypted
        self.rules = rules
        self.followsPlan = followsPlan
    }
}

/// Changes to a tenant; nil keeps the present value.
public struct TenantChanges: Sendable, Hashable {
    /// The new company name.
    public var companyName: String?
    /// The new site address, without a trailing slash.
    public var jiraURL: String?
    /// The new account's address.
    public var jiraEmail: String?
    /// The new token, sealed by the vault.
    public var jiraTokenEncrypted: String?
    /// The new day rate for unassigned work.
    public var dailyRatePerPerson: Double?
    /// What changes of the subscription.
    public var subscription: SubscriptionChange

    /// Whether they change how Jira is reached.
    public var changesJiraAccess: Bool { jiraURL != nil || jiraEmail != nil || jiraTokenEncrypted != nil }

    public init(
        companyName: String? = nil, jiraURL: String? = nil, jiraEmail: String? = nil,
        jiraTokenEncrypted: String? = nil, dailyRatePerPerson: Double? = nil,
        subscription: SubscriptionChange = SubscriptionChange()
    ) {
        self.companyName = companyName
        self.jiraURL = jiraURL
        self.jiraEmail = jiraEmail
        self.jiraTokenEncrypted = jiraTokenEncrypted
        self.dailyRatePerPerson = dailyRatePerPerson
        self.subscription = subscription
    }
}
