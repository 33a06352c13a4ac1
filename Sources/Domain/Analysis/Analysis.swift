/// What supports a factor: the id of a comment, change, link or field that a reader can look up in Jira.
public struct Evidence: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case comment, change, link, field
    }

    public var kind: Kind
    /// Comment id, changelog id, link id, or the field's name.
    public var id: String
    public var at: Timestamp?
    /// A short plain-text hint, at most 200 characters: a snippet, a date, the other issue's key.
    public var note: String?

    public init(kind: Kind, id: String, at: Timestamp? = nil, note: String? = nil) {
        self.kind = kind
        self.id = id
        self.at = at
        self.note = note
    }
}

/// One addend of a risk score.
public struct Factor: Sendable, Hashable, Codable {
    /// The factors of the two profiles. `classic` uses the first four.
    public enum Name: String, Sendable, Codable, CaseIterable {
        case sentiment, blockers, age, staleness
        case dueDate = "due_date"
        case churn, upstream
    }

    public var name: Name
    /// 0 … `cap`.
    public var points: Int
    /// The most this factor may add.
    public var cap: Int
    /// One plain sentence: why these points.
    public var explanation: String
    /// One plain sentence: what would take them away; nil when `points` is 0.
    public var remedy: String?
    public var evidence: [Evidence]

    public init(
        name: Name, points: Int, cap: Int, explanation: String, remedy: String? = nil, evidence: [Evidence] = []
    ) {
        self.name = name
        self.points = points
        self.cap = cap
        self.explanation = explanation
        self.remedy = remedy
        self.evidence = evidence
    }
}

/// The bands of the dashboard and the reports: high from 70, medium from 40, low below.
public enum RiskBand: String, Sendable, Codable {
    case high, medium, low

    public init(score: Int) { self = score >= 70 ? .high : score >= 40 ? .medium : .low }
}

/// What the comments of an issue sound like. Percentages are 0–100 of `total`, 0 where there are no comments.
public struct SentimentSummary: Sendable, Hashable, Codable {
    public struct Point: Sendable, Hashable, Codable {
        public var date: Timestamp
        public var sentiment: SentimentLabel
        public var score: Double

        public init(date: Timestamp, sentiment: SentimentLabel, score: Double) {
            self.date = date
            self.sentiment = sentiment
            self.score = score
        }
    }

    public var total: Int
    public var positive: Int
    public var negative: Int
    public var neutral: Int
    public var positivePct: Double
    public var negativePct: Double
    /// One point per comment, oldest first.
    public var trend: [Point]

    public init(
        total: Int, positive: Int, negative: Int, neutral: Int, positivePct: Double, negativePct: Double,
        trend: [Point]
    ) {
        self.total = total
        self.positive = positive
        self.negative = negative
        self.neutral = neutral
        self.positivePct = positivePct
        self.negativePct = negativePct
        self.trend = trend
    }

    enum CodingKeys: String, CodingKey {
        case total, positive, negative, neutral, trend
        case positivePct = "positive_pct"
        case negativePct = "negative_pct"
    }
}

/// A comment (or a link, in the `standard` profile) that says work is blocked.
public struct Blocker: Sendable, Hashable, Codable {
    public var author: String
    public var date: Timestamp
    /// At most 200 characters of the text.
    public var snippet: String
    /// `technical_debt`, `dependency`, `resource`, `external`, `requirements`, `testing`, `deployment`,
    /// `uncategorized`.
    public var categories: [String]
    /// Where it stands in Jira.
    public var evidence: Evidence

    public init(author: String, date: Timestamp, snippet: String, categories: [String], evidence: Evidence) {
        self.author = author
        self.date = date
        self.snippet = snippet
        self.categories = categories
        self.evidence = evidence
    }
}

public struct StatusChange: Sendable, Hashable, Codable {
    public var from: String
    public var to: String
    public var date: Timestamp
    public var author: String

    public init(from: String, to: String, date: Timestamp, author: String) {
        self.from = from
        self.to = to
        self.date = date
        self.author = author
    }
}

/// An issue's life so far. Days are whole 24-hour periods, rounded down.
public struct Timeline: Sendable, Hashable, Codable {
    public var created: Timestamp
    public var updated: Timestamp
    public var ageDays: Int
    public var lastUpdateDays: Int
    public var currentStatus: String
    public var statusChanges: [StatusChange]
    /// Days in the current status.
    public var timeInCurrentStatus: Int

    public init(
        created: Timestamp, updated: Timestamp, ageDays: Int, lastUpdateDays: Int, currentStatus: String,
        statusChanges: [StatusChange], timeInCurrentStatus: Int
    ) {
        self.created = created
        self.updated = updated
        self.ageDays = ageDays
        self.lastUpdateDays = lastUpdateDays
        self.currentStatus = currentStatus
        self.statusChanges = statusChanges
        self.timeInCurrentStatus = timeInCurrentStatus
    }

    enum CodingKeys: String, CodingKey {
        case created, updated
        case ageDays = "age_days"
        case lastUpdateDays = "last_update_days"
        case currentStatus = "current_status"
        case statusChanges = "status_changes"
        case timeInCurrentStatus = "time_in_current_status"
    }
}

/// What an issue's work costs. Money has no currency: it is in the unit of the configured rates.
public struct Capacity: Sendable, Hashable, Codable {
    public var estimatedDays: Double
    /// `baseDailyCost` times all multipliers, per day.
    public var dailyCost: Double
    public var baseDailyCost: Double
    /// The multipliers that applied, by name: `location`, `overtime`, `weekend`.
    public var costMultipliers: [String: Double]
    public var assignee: String
    public var assigneeRole: String
    public var assigneeLocation: String
    public var daysLostPerDayBlocked: Double
    public var totalCostIfBlocked: Double
    public var totalEstimatedCost: Double
    public var overtimeDetected: Bool
    public var weekendDetected: Bool

    public init(
        estimatedDays: Double, dailyCost: Double, baseDailyCost: Double, costMultipliers: [String: Double],
        assignee: String, assigneeRole: String, assigneeLocation: String, daysLostPerDayBlocked: Double,
        totalCostIfBlocked: Double, totalEstimatedCost: Double, overtimeDetected: Bool, weekendDetected: Bool
    ) {
        self.estimatedDays = estimatedDays
        self.dailyCost = dailyCost
        self.baseDailyCost = baseDailyCost
        self.costMultipliers = costMultipliers
        self.assignee = assignee
        self.assigneeRole = assigneeRole
        self.assigneeLocation = assigneeLocation
        self.daysLostPerDayBlocked = daysLostPerDayBlocked
        self.totalCostIfBlocked = totalCostIfBlocked
        self.totalEstimatedCost = totalEstimatedCost
        self.overtimeDetected = overtimeDetected
        self.weekendDetected = weekendDetected
    }

    enum CodingKeys: String, CodingKey {
        case assignee
        case estimatedDays = "estimated_days"
        case dailyCost = "daily_cost"
        case baseDailyCost = "base_daily_cost"
        case costMultipliers = "cost_multipliers"
        case assigneeRole = "assignee_role"
        case assigneeLocation = "assignee_location"
        case daysLostPerDayBlocked = "days_lost_per_day_blocked"
        case totalCostIfBlocked = "total_cost_if_blocked"
        case totalEstimatedCost = "total_estimated_cost"
        case overtimeDetected = "overtime_detected"
        case weekendDetected = "weekend_detected"
    }
}

public struct Predictions: Sendable, Hashable, Codable {
    /// `high`, `medium` or `low`.
    public var completionLikelihood: String
    public var recommendedAction: String
    public var escalationNeeded: Bool

    public init(completionLikelihood: String, recommendedAction: String, escalationNeeded: Bool) {
        self.completionLikelihood = completionLikelihood
        self.recommendedAction = recommendedAction
        self.escalationNeeded = escalationNeeded
    }

    enum CodingKeys: String, CodingKey {
        case completionLikelihood = "completion_likelihood"
        case recommendedAction = "recommended_action"
        case escalationNeeded = "escalation_needed"
    }
}

public struct Trends: Sendable, Hashable, Codable {
    /// `degrading` or `stable`.
    public var sentimentTrend: String
    /// `decreasing` or `stable`.
    public var activityTrend: String
    /// `increasing`, `decreasing`, `stable`, or `insufficient_data` without an earlier score.
    public var riskTrend: String

    public init(sentimentTrend: String, activityTrend: String, riskTrend: String) {
        self.sentimentTrend = sentimentTrend
        self.activityTrend = activityTrend
        self.riskTrend = riskTrend
    }

    enum CodingKeys: String, CodingKey {
        case sentimentTrend = "sentiment_trend"
        case activityTrend = "activity_trend"
        case riskTrend = "risk_trend"
    }
}

/// Keys of the linked issues (ids where only an id is known), sorted.
public struct Dependencies: Sendable, Hashable, Codable {
    public var blocks: [String]
    public var blockedBy: [String]
    public var relatesTo: [String]

    public init(blocks: [String], blockedBy: [String], relatesTo: [String]) {
        self.blocks = blocks
        self.blockedBy = blockedBy
        self.relatesTo = relatesTo
    }

    enum CodingKeys: String, CodingKey {
        case blocks
        case blockedBy = "blocked_by"
        case relatesTo = "relates_to"
    }
}

/// Which rules and which model made an analysis. A change of either makes the analysis stale.
public struct EngineIdentity: Sendable, Hashable, Codable {
    /// Profile, its revision and a hash of its configuration: `standard-1-3f2a9c01`.
    public var scorer: String
    /// The sentiment model: `wordlist-2`, `finbert-…`.
    public var model: String

    public init(scorer: String, model: String) {
        self.scorer = scorer
        self.model = model
    }
}

/// The risk of one issue at one instant, with everything that explains it.
///
/// `riskScore` is exactly the sum of `factors`' points (P6), 0–100.
public struct Analysis: Sendable, Hashable, Codable {
    public var issueID: IssueID
    public var issueKey: IssueKey
    public var projectKey: String
    public var summary: String
    /// The instant the analysis speaks of.
    public var asOf: Timestamp
    public var riskScore: Int
    /// `riskScore` without what blocking issues pass on; this is what the issue itself passes on.
    public var ownScore: Int
    public var band: RiskBand
    public var factors: [Factor]
    public var sentiment: SentimentSummary
    public var blockers: [Blocker]
    public var blockerCount: Int
    public var timeline: Timeline
    public var capacity: Capacity
    public var predictions: Predictions
    public var trends: Trends
    public var dependencies: Dependencies
    public var engine: EngineIdentity
    /// The first later instant at which time alone changes the score; nil when it never does.
    public var nextChangeAt: Timestamp?

    public init(
        issueID: IssueID, issueKey: IssueKey, projectKey: String, summary: String, asOf: Timestamp, ownScore: Int,
        factors: [Factor], sentiment: SentimentSummary, blockers: [Blocker], timeline: Timeline, capacity: Capacity,
        predictions: Predictions, trends: Trends, dependencies: Dependencies, engine: EngineIdentity,
        nextChangeAt: Timestamp?
    ) {
        self.issueID = issueID
        self.issueKey = issueKey
        self.projectKey = projectKey
        self.summary = summary
        self.asOf = asOf
        self.riskScore = factors.reduce(0) { $0 + $1.points }
        self.ownScore = ownScore
        self.band = RiskBand(score: riskScore)
        self.factors = factors
        self.sentiment = sentiment
        self.blockers = blockers
        self.blockerCount = blockers.count
        self.timeline = timeline
        self.capacity = capacity
        self.predictions = predictions
        self.trends = trends
        self.dependencies = dependencies
        self.engine = engine
        self.nextChangeAt = nextChangeAt
    }

    enum CodingKeys: String, CodingKey {
        case summary, band, factors, sentiment, blockers, timeline, capacity, predictions, trends, dependencies, engine
        case issueID = "issue_id"
        case issueKey = "issue_key"
        case projectKey = "project_key"
        case asOf = "as_of"
        case riskScore = "risk_score"
        case ownScore = "own_score"
        case blockerCount = "blocker_count"
        case nextChangeAt = "next_change_at"
    }
}

/// One earlier score of an issue, for trends and spikes.
public struct ScorePoint: Sendable, Hashable, Codable {
    public var at: Timestamp
    public var score: Int

    public init(at: Timestamp, score: Int) {
        self.at = at
        self.score = score
    }
}

/// A row of `analysis_history`, newest first in lists.
public struct HistoryEntry: Sendable, Hashable {
    public var id: String
    public var issueKey: IssueKey
    public var projectKey: String
    public var riskScore: Int
    public var dailyCost: Double
    public var blockerCount: Int
    public var sentimentNegativePct: Double
    public var analyzedAt: Timestamp

    public init(
        id: String, issueKey: IssueKey, projectKey: String, riskScore: Int, dailyCost: Double, blockerCount: Int,
        sentimentNegativePct: Double, analyzedAt: Timestamp
    ) {
        self.id = id
        self.issueKey = issueKey
        self.projectKey = projectKey
        self.riskScore = riskScore
        self.dailyCost = dailyCost
        self.blockerCount = blockerCount
        self.sentimentNegativePct = sentimentNegativePct
        self.analyzedAt = analyzedAt
    }
}
