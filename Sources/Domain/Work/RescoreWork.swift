/// An issue named by its id or, where only that is known, its key. At least one is set.
public struct IssueReference: Sendable, Hashable {
    public var id: IssueID?
    public var key: IssueKey?

    public init(id: IssueID?, key: IssueKey?) {
        self.id = id
        self.key = key
    }
}

/// An issue taken from the queue under a lease: until the lease ends, nobody else works on it.
public struct IssueClaim: Sendable, Hashable {
    public var tenantID: TenantID
    public var issueID: IssueID
    /// Names the lease; a result committed under an expired and re-taken lease is refused.
    public var leaseToken: String
    /// The queue row's change counter at the time of the claim: what comes in later stays queued.
    public var generation: Int64
    /// Failed attempts before this one.
    public var attempts: Int

    public init(tenantID: TenantID, issueID: IssueID, leaseToken: String, generation: Int64, attempts: Int) {
        self.tenantID = tenantID
        self.issueID = issueID
        self.leaseToken = leaseToken
        self.generation = generation
        self.attempts = attempts
    }
}

/// A stored webhook that has not been folded into its issue yet.
public struct PendingEvent: Sendable, Hashable {
    /// The inbox row.
    public var id: Int64
    public var body: [UInt8]

    public init(id: Int64, body: [UInt8]) {
        self.id = id
        self.body = body
    }
}

/// What the scorer needs to know of the tenant.
public struct TenantContext: Sendable, Hashable {
    public var id: TenantID
    public var jiraURL: String
    public var dailyRatePerPerson: Double
    /// Until when late events of this tenant are expected to go on; nil when none have come.
    public var lateUntil: Timestamp?
    /// Which custom fields of the tenant's Jira hold what; nil where that was not found out.
    public var fields: CustomFields?

    public init(
        id: TenantID, jiraURL: String, dailyRatePerPerson: Double, lateUntil: Timestamp?, fields: CustomFields? = nil
    ) {
        self.id = id
        self.jiraURL = jiraURL
        self.dailyRatePerPerson = dailyRatePerPerson
        self.lateUntil = lateUntil
        self.fields = fields
    }
}

/// Everything the store holds about a claimed issue.
public struct IssueWork: Sendable {
    public var tenant: TenantContext
    /// Nil for an issue never folded before.
    public var state: IssueState?
    /// In order of arrival, at most the store's batch size; more wait for the next claim.
    public var pending: [PendingEvent]
    public var lastAnalysis: Analysis?
    /// Scores in `analysis_history`, oldest first, the last 31 days before the newest one.
    public var recentScores: [ScorePoint]
    public var rules: [AlertRule]
    public var alertStates: [AlertState]

    public init(
        tenant: TenantContext, state: IssueState?, pending: [PendingEvent], lastAnalysis: Analysis?,
        recentScores: [ScorePoint], rules: [AlertRule], alertStates: [AlertState]
    ) {
        self.tenant = tenant
        self.state = state
        self.pending = pending
        self.lastAnalysis = lastAnalysis
        self.recentScores = recentScores
        self.rules = rules
        self.alertStates = alertStates
    }
}

/// The risk of an issue that blocks the one being scored, as its own analysis left it.
public struct UpstreamRisk: Sendable, Hashable, Codable {
    public var issueID: IssueID
    public var issueKey: IssueKey
    public var linkID: LinkID
    /// The blocking issue's ``Analysis/ownScore``.
    public var ownScore: Int
    /// Whether its work is over, or it was deleted.
    public var isDone: Bool

    public init(issueID: IssueID, issueKey: IssueKey, linkID: LinkID, ownScore: Int, isDone: Bool) {
        self.issueID = issueID
        self.issueKey = issueKey
        self.linkID = linkID
        self.ownScore = ownScore
        self.isDone = isDone
    }
}

/// The outcome of one claim, committed in ONE transaction: snapshot, sentiment cache, history row, alert decisions,
/// events marked, queue row moved on.
public struct RescoreResult: Sendable {
    /// The state as it was loaded; only what differs from it is written.
    public var previousState: IssueState?
    public var state: IssueState
    /// `state` resolved; nil while too little is known to show it (no key yet).
    public var issue: Issue?
    public var analysis: Analysis?
    /// Whether `analysis` is a new row of the history or just the latest look at an unchanged score.
    public var appendsHistory: Bool
    public var newReadings: [ContentHash: SentimentReading]
    public var appliedEvents: [Int64]
    /// Events that could not be understood, with the reason.
    public var rejectedEvents: [Int64: String]
    public var decision: AlertDecision
    /// When time alone calls for the next look; nil for never.
    public var requeueAt: Timestamp?
    /// Set when the events were late ones: until when more are to be expected.
    public var lateUntil: Timestamp?
    /// Issues whose score depends on this one's and must be looked at again.
    public var dependents: [IssueReference]
    /// The sprints of the issue as the store knew them; one that has changed since calls for another look.
    public var sprintRecords: [SprintRecord]
    /// Whether Jira is to be asked for the whole issue, of which webhooks alone have told so far.
    public var wantsWhole: Bool
    public var now: Timestamp

    public init(
        previousState: IssueState?, state: IssueState, issue: Issue?, analysis: Analysis?, appendsHistory: Bool,
        newReadings: [ContentHash: SentimentReading], appliedEvents: [Int64], rejectedEvents: [Int64: String],
        decision: AlertDecision, requeueAt: Timestamp?, lateUntil: Timestamp? = nil, dependents: [IssueReference],
        sprintRecords: [SprintRecord] = [], wantsWhole: Bool = false, now: Timestamp
    ) {
        self.previousState = previousState
        self.state = state
        self.issue = issue
        self.analysis = analysis
        self.appendsHistory = appendsHistory
        self.newReadings = newReadings
        self.appliedEvents = appliedEvents
        self.rejectedEvents = rejectedEvents
        self.decision = decision
        self.requeueAt = requeueAt
        self.lateUntil = lateUntil
        self.dependents = dependents
        self.sprintRecords = sprintRecords
        self.wantsWhole = wantsWhole
        self.now = now
    }
}
