public import Foundation

/// One page of a list, and where the next begins (nil on the last page). The cursor is opaque to clients.
public struct Page<Element: Sendable>: Sendable {
    public var items: [Element]
    public var nextCursor: String?

    public init(items: [Element], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// An issue with its latest analysis, as lists show it.
public struct IssueListing: Sendable, Hashable {
    public var issue: Issue
    public var analysis: Analysis

    public init(issue: Issue, analysis: Analysis) {
        self.issue = issue
        self.analysis = analysis
    }
}

/// Which issues to list.
public struct IssueFilter: Sendable, Hashable {
    public var projectKey: String?
    public var minimumScore: Int?
    /// Whether finished issues (status category done) are listed too.
    public var includesDone: Bool

    public init(projectKey: String? = nil, minimumScore: Int? = nil, includesDone: Bool = false) {
        self.projectKey = projectKey
        self.minimumScore = minimumScore
        self.includesDone = includesDone
    }
}

/// An open issue with similar words in its summary (`similar_issues` of the raw analysis).
public struct SimilarIssue: Sendable, Hashable, Codable {
    public var key: IssueKey
    public var summary: String
    public var status: String

    public init(key: IssueKey, summary: String, status: String) {
        self.key = key
        self.summary = summary
        self.status = status
    }
}

/// Means over the 50 newest open issues of a project (`team_baseline` of the raw analysis).
public struct TeamBaseline: Sendable, Hashable, Codable {
    public var avgAgeDays: Double
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

/// An issue set aside after repeated failures to score it.
public struct ParkedIssue: Sendable, Hashable {
    public var issueID: IssueID
    /// Nil where nothing of the issue could be read yet.
    public var issueKey: IssueKey?
    public var lastError: String
    public var attempts: Int
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
    public var id: Int64
    public var deliveryID: String
    public var event: String
    public var issueID: IssueID?
    public var state: WebhookEventState
    /// Why it was rejected.
    public var error: String?
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

/// The store's own figures, for `/health`, STATUS and tests.
public struct StoreFigures: Sendable, Hashable {
    /// Webhooks stored but not folded yet.
    public var pendingEvents: Int
    /// Webhooks that could not be understood.
    public var rejectedEvents: Int
    /// Issues due for a look now.
    public var dueIssues: Int
    /// Issues set aside after repeated failures.
    public var parkedIssues: Int
    /// Deliveries waiting, and dead ones.
    public var queuedDeliveries: Int
    public var deadDeliveries: Int
    public var lastEventAt: Timestamp?
    /// When the oldest webhook came that is not folded yet.
    public var oldestPendingAt: Timestamp?
    /// Since when the first issue in the queue is, or will be, due; issues to be scored anew by other rules apart.
    public var oldestDueAt: Timestamp?
    /// What has come of asking Jira.
    public var jira: JiraTallies

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

/// What is written when a tenant is created; secrets are sealed already.
public struct NewTenant: Sendable {
    public var tenant: Tenant
    public var jiraTokenEncrypted: String
    public var apiKeyHash: String
    public var webhookSecretID: UUID
    public var webhookSecretEncrypted: String
    public var rules: [AlertRule]

    public init(
        tenant: Tenant, jiraTokenEncrypted: String, apiKeyHash: String, webhookSecretID: UUID,
        webhookSecretEncrypted: String, rules: [AlertRule]
    ) {
        self.tenant = tenant
        self.jiraTokenEncrypted = jiraTokenEncrypted
        self.apiKeyHash = apiKeyHash
        self.webhookSecretID = webhookSecretID
        self.webhookSecretEncrypted = webhookSecretEncrypted
        self.rules = rules
    }
}

/// Changes to a tenant; nil keeps what is there.
public struct TenantChanges: Sendable, Hashable {
    public var companyName: String?
    public var jiraURL: String?
    public var jiraEmail: String?
    public var jiraTokenEncrypted: String?
    public var dailyRatePerPerson: Double?

    /// Whether they change how Jira is reached.
    public var changesJiraAccess: Bool { jiraURL != nil || jiraEmail != nil || jiraTokenEncrypted != nil }

    public init(
        companyName: String? = nil, jiraURL: String? = nil, jiraEmail: String? = nil,
        jiraTokenEncrypted: String? = nil, dailyRatePerPerson: Double? = nil
    ) {
        self.companyName = companyName
        self.jiraURL = jiraURL
        self.jiraEmail = jiraEmail
        self.jiraTokenEncrypted = jiraTokenEncrypted
        self.dailyRatePerPerson = dailyRatePerPerson
    }
}
