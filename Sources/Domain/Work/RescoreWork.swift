/// An issue named by its id or, where only that is known, its key. At least one is set.
public struct IssueReference: Sendable, Hashable {
    /// Nil where only the key is known.
    public var id: IssueID?
    /// Nil where only the id is known.
    public var key: IssueKey?

    public init(id: IssueID?, key: IssueKey?) {
        self.id = id
        self.key = key
    }
}

/// An issue claimed from the queue: until its lease expires, no other worker takes it.
public struct IssueClaim: Sendable, Hashable {
    /// The issue's tenant.
    public var tenantID: TenantID
    /// The issue.
    public var issueID: IssueID
    /// Names the lease; a commit under a lost lease is refused.
    public var leaseToken: String
    /// The queue row's change counter at the time of the claim: events that arrive later keep the issue queued.
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
    /// The webhook's body, as received.
    public var body: [UInt8]
    /// The body's own `timestamp`; nil where it has none.
    public var sentAt: Timestamp?
    /// When it arrived.
    public var receivedAt: Timestamp
    /// Whether Jira Automation sent it: it lacks what only a fetch brings.
    public var isByAutomation: Bool

    public init(
        id: Int64, body: [UInt8], sentAt: Timestamp?, receivedAt: Timestamp, isByAutomation: Bool = false
    ) {
        self.id = id
        self.body = body
        self.sentAt = sentAt
        self.receivedAt = receivedAt
        self.isByAutomation = isByAutomation
    }
}

/// The tenant's values that scoring needs.
public struct TenantContext: Sendable, Hashable {
    /// The tenant.
    public var id: TenantID
    /// Site address without a trailing slash, for links.
    public var jiraURL: String
    /// The day rate for unassigned work, in the unit of the configured rates.
    public var dailyRatePerPerson: Double
    /// Until when more late events of this tenant are expected; nil if there were none.
    public var lateUntil: Timestamp?
    /// The custom fields of the tenant's Jira; nil if they are not known.
    public var fields: CustomFields?
    /// What consilod itself has written into the tenant's Jira; it stands in place of that of ``fields``.
    public var own: OwnWrites

    public init(
        id: TenantID, jiraURL: String, dailyRatePerPerson: Double, lateUntil: Timestamp?, fields: CustomFields? = nil,
        own: OwnWrites = OwnWrites()
    ) {
        self.id = id
        self.jiraURL = jiraURL
        self.dailyRatePerPerson = dailyRatePerPerson
        self.lateUntil = lateUntil
        self.fields = fields
        self.own = own
    }
}

/// Everything the store holds about a claimed issue.
public struct IssueWork: Sendable {
    /// The issue's tenant.
    public var tenant: TenantContext
    /// Nil for an issue never folded before.
    public var state: IssueState?
    /// In order of arrival, at most the store's batch size; more wait for the next claim.
    public var pending: [PendingEvent]
    /// Nil for an issue never scored before.
    public var lastAnalysis: Analysis?
    /// Scores in `analysis_history`, oldest first, the last 31 days before the newest one.
    public var recentScores: [ScorePoint]
    /// All alert rules of the tenant.
    public var rules: [AlertRule]
    /// The state of each rule for this issue; a rule without one has never fired.
    public var alertStates: [AlertState]
    /// What is known of the site's statuses.
    public var statuses: StatusCatalog
    /// What was said last of the project that `state` names; nil for nothing.
    public var project: ProjectRecord?
    /// From when on the history is to be made again, because something besides the issue's own events has changed; nil for
    /// not at all.
    public var rescoreFrom: Timestamp?
    /// What the tenant's forecasts are made with now; nil where it has no pace yet.
    public var forecastBasis: ForecastBasisID?
    /// What sprint webhooks said of the issue's sprints, by id; nil where that was not read with it.
    public var sprintRecords: [SprintRecord]?

    public init(
        tenant: TenantContext, state: IssueState?, pending: [PendingEvent], lastAnalysis: Analysis?,
        recentScores: [ScorePoint], rules: [AlertRule], alertStates: [AlertState],
        statuses: StatusCatalog = StatusCatalog(), project: ProjectRecord? = nil, rescoreFrom: Timestamp? = nil,
        forecastBasis: ForecastBasisID? = nil, sprintRecords: [SprintRecord]? = nil
    ) {
        self.tenant = tenant
        self.state = state
        self.pending = pending
        self.lastAnalysis = lastAnalysis
        self.recentScores = recentScores
        self.rules = rules
        self.alertStates = alertStates
        self.statuses = statuses
        self.project = project
        self.rescoreFrom = rescoreFrom
        self.forecastBasis = forecastBasis
        self.sprintRecords = sprintRecords
    }

    /// Whether folding and scoring it takes more than some milliseconds of processor time.
    public var isLarge: Bool {
        let largest = 256 << 10
        var bytes = pending.reduce(0) { $0 + $1.body.count }
        guard bytes <= largest else { return true }
        for comment in state?.comments.values ?? [:].values where bytes <= largest {
            bytes += 64 + comment.body.utf8.count
        }
        for change in state?.changes.values ?? [:].values where bytes <= largest {
            bytes += 64 + (change.fromString?.utf8.count ?? 0) + (change.toString?.utf8.count ?? 0)
        }
        return bytes > largest
    }
}

/// What the history of an issue says around an instant.
public struct LookBack: Sendable {
    /// The newest analysis before it; nil without one, or if it can no longer be read.
    public var analysis: Analysis?
    /// The scores of the ``Analysis/lookBackDays`` days before it, oldest first.
    public var scores: [ScorePoint]
    /// The instants of the rows from then on.
    public var laterInstants: [Timestamp]

    public init(analysis: Analysis?, scores: [ScorePoint], laterInstants: [Timestamp] = []) {
        self.analysis = analysis
        self.scores = scores
        self.laterInstants = laterInstants
    }
}

/// A row of `analysis_history` to be written.
public struct HistoryRow: Sendable, Hashable {
    /// The analysis, as of its own instant.
    public var analysis: Analysis
    /// Whether the issue was done or gone then.
    public var isOver: Bool

    public init(analysis: Analysis, isOver: Bool) {
        self.analysis = analysis
        self.isOver = isOver
    }
}

/// An issue that another one's change concerns.
public struct Dependent: Sendable, Hashable {
    /// Which issue it is.
    public var issue: IssueReference
    /// From when on.
    public var from: Timestamp

    public init(issue: IssueReference, from: Timestamp) {
        self.issue = issue
        self.from = from
    }
}

/// The risk of an issue that blocks the one being scored, as its own analysis left it.
public struct UpstreamRisk: Sendable, Hashable, Codable {
    /// The blocking issue.
    public var issueID: IssueID
    /// Its key.
    public var issueKey: IssueKey
    /// The link that says so.
    public var linkID: LinkID
    /// The blocking issue's ``Analysis/ownScore``.
    public var ownScore: Int
    /// Whether it is done or deleted.
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
    /// The state with the pending events joined in.
    public var state: IssueState
    /// `state` resolved; nil while its key is unknown.
    public var issue: Issue?
    /// The newest analysis; nil while too little is known to score the issue.
    public var analysis: Analysis?
    /// New rows of the history, oldest first.
    public var history: [HistoryRow]
    /// From when on the rows that the history has are replaced by those of `history`; nil for none. Rows that somebody asked
    /// for stay.
    public var replacesHistoryFrom: Timestamp?
    /// Readings that were not in the cache, by the hash of their text.
    public var newReadings: [ContentHash: SentimentReading]
    /// Inbox rows whose events were folded.
    public var appliedEvents: [Int64]
    /// Events that could not be understood, with the reason.
    public var rejectedEvents: [Int64: String]
    /// Alerts to send, and the new states of the rules.
    public var decision: AlertDecision
    /// The next turning point; nil if time alone never changes the score.
    public var requeueAt: Timestamp?
    /// Set if the events were late: until when more are expected.
    public var lateUntil: Timestamp?
    /// Issues whose score depends on this one's and must be rescored.
    public var dependents: [Dependent]
    /// What Jira said of statuses that is newer than what was known of them.
    public var statuses: [StatusRecord]
    /// The catalog that the analysis was made with, `statuses` among it; if what it says of the issue's changes is another by
    /// now, the issue is rescored again. Nil to pass over that.
    public var statusCatalog: StatusCatalog?
    /// What the issue says of its project, where that is news.
    public var project: ProjectRecord?
    /// The project's record as loaded; if it has changed since, the issue is rescored again.
    public var projectRecord: ProjectRecord?
    /// The issue's sprints as loaded; if one has changed since, the issue is rescored again.
    public var sprintRecords: [SprintRecord]
    /// Whether to fetch the issue from Jira, because only webhooks have described it so far.
    public var wantsWhole: Bool
    /// The forecast as of now; nil where none was made, and then a former one stays while the issue is open.
    public var forecast: ForecastRecord?
    /// The instant of the rescoring.
    public var now: Timestamp

    public init(
        previousState: IssueState?, state: IssueState, issue: Issue?, analysis: Analysis?, history: [HistoryRow] = [],
        replacesHistoryFrom: Timestamp? = nil, newReadings: [ContentHash: SentimentReading] = [:],
        appliedEvents: [Int64] = [], rejectedEvents: [Int64: String] = [:],
        decision: AlertDecision = AlertDecision(), requeueAt: Timestamp? = nil, lateUntil: Timestamp? = nil,
        dependents: [Dependent] = [], statuses: [StatusRecord] = [], statusCatalog: StatusCatalog? = nil,
        project: ProjectRecord? = nil,
        projectRecord: ProjectRecord? = nil, sprintRecords: [SprintRecord] = [], wantsWhole: Bool = false,
        forecast: ForecastRecord? = nil, now: Timestamp
    ) {
        self.previousState = previousState
        self.state = state
        self.issue = issue
        self.analysis = analysis
        self.history = history
        self.replacesHistoryFrom = replacesHistoryFrom
        self.newReadings = newReadings
        self.appliedEvents = appliedEvents
        self.rejectedEvents = rejectedEvents
        self.decision = decision
        self.requeueAt = requeueAt
        self.lateUntil = lateUntil
        self.dependents = dependents
        self.statuses = statuses
        self.statusCatalog = statusCatalog
        self.project = project
        self.projectRecord = projectRecord
        self.sprintRecords = sprintRecords
        self.wantsWhole = wantsWhole
        self.forecast = forecast
        self.now = now
    }
}
