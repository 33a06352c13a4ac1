/// One addend of a risk score.
public struct Factor: Sendable, Hashable, Codable {
    /// The factors of the two profiles. `classic` uses the first four.
    public enum Name: String, Sendable, Codable, CaseIterable {
        case sentiment, blockers, age, staleness
        case dueDate = "due_date"
        case churn, progress, owner, priority, upstream
    }

    /// Which factor; unique within an analysis.
    public var name: Name
    /// 0 … `cap`.
    public var points: Int
    /// The most this factor may add. Where the factors before it leave less of 100, it adds no more than that.
    public var cap: Int
    /// One plain sentence: why these points.
    public var explanation: String
    /// One plain sentence: what would take them away; nil when `points` is 0.
    public var remedy: String?
    /// What the points rest on; empty where a date or the absence of activity is the reason.
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

    /// The scores of the band, as ``init(score:)`` has them.
    public var scores: ClosedRange<Int> {
        switch self {
        case .high: 70...100
        case .medium: 40...69
        case .low: 0...39
        }
    }
}

/// What the comments of an issue sound like. Percentages are 0–100 of the judged comments, 0 without any.
public struct SentimentSummary: Sendable, Hashable, Codable {
    /// One comment's reading.
    public struct Point: Sendable, Hashable, Codable {
        /// When the comment was written.
        public var date: Timestamp
        /// The most probable class.
        public var sentiment: SentimentLabel
        /// The model's confidence in `sentiment`, 0–1.
        public var score: Double

        public init(date: Timestamp, sentiment: SentimentLabel, score: Double) {
            self.date = date
            self.sentiment = sentiment
            self.score = score
        }
    }

    /// All comments, judged or not; one without a reading counts as neutral.
    public var total: Int
    /// Comments of this class.
    public var positive: Int
    /// Comments of this class.
    public var negative: Int
    /// Comments of this class.
    public var neutral: Int
    /// 0–100.
    public var positivePct: Double
    /// 0–100.
    public var negativePct: Double
    /// One point per judged comment, oldest first.
    public var trend: [Point]
    /// How many comments were not judged because the model does not read their language, by its name in English, or, as
    /// `finished issue`, because the issue was finished long before consilod knew of it. Nil where all were, and in the
    /// profile `classic`, which counts them as neutral.
    public var notJudged: [String: Int]?

    public init(
        total: Int, positive: Int, negative: Int, neutral: Int, positivePct: Double, negativePct: Double,
        trend: [Point], notJudged: [String: Int]? = nil
    ) {
        self.total = total
        self.positive = positive
        self.negative = negative
        self.neutral = neutral
        self.positivePct = positivePct
        self.negativePct = negativePct
        self.trend = trend
        self.notJudged = notJudged
    }

    enum CodingKeys: String, CodingKey {
        case total, positive, negative, neutral, trend
        case positivePct = "positive_pct"
        case negativePct = "negative_pct"
        case notJudged = "not_judged"
    }
}

/// What holds work up: a comment that says so or, in the `standard` profile, a link or the status. What several of them
/// say of one cause is one blocker.
public struct Blocker: Sendable, Hashable, Codable {
    /// The display name of the comment's author.
    public var author: String
    /// When it was reported.
    public var date: Timestamp
    /// At most 200 characters of the text.
    public var snippet: String
    /// `technical_debt`, `dependency`, `resource`, `external`, `requirements`, `testing`, `deployment`,
    /// `uncategorized`.
    public var categories: [String]
    /// Where it stands in Jira.
    public var evidence: Evidence
    /// What else says the same, oldest first within comments, links and the status; nil for nothing.
    public var furtherEvidence: [Evidence]?
    /// Since when what it asks for has had no answer of another person; nil where nothing is asked or somebody answered.
    public var unansweredSince: Timestamp?

    public init(
        author: String, date: Timestamp, snippet: String, categories: [String], evidence: Evidence,
        furtherEvidence: [Evidence]? = nil, unansweredSince: Timestamp? = nil
    ) {
        self.author = author
        self.date = date
        self.snippet = snippet
        self.categories = categories
        self.evidence = evidence
        self.furtherEvidence = furtherEvidence
        self.unansweredSince = unansweredSince
    }

    enum CodingKeys: String, CodingKey {
        case author, date, snippet, categories, evidence
        case furtherEvidence = "further_evidence"
        case unansweredSince = "unanswered_since"
    }
}

/// One transition of an issue's workflow.
public struct StatusChange: Sendable, Hashable, Codable {
    /// The status's name before; empty where Jira did not say.
    public var from: String
    /// The status's name after; empty where Jira did not say.
    public var to: String
    /// When it was made.
    public var date: Timestamp
    /// The display name of the person who made it; `Unknown` where Jira named none.
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
    /// When the issue was created in Jira.
    public var created: Timestamp
    /// The newest activity (``Issue/updated``).
    public var updated: Timestamp
    /// Days since `created`, 0 or more.
    public var ageDays: Int
    /// Days since `updated`, 0 or more.
    public var lastUpdateDays: Int
    /// The status's name; `Unknown` where Jira never named one.
    public var currentStatus: String
    /// Oldest first.
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
    /// Working days: the story points, else the default of the issue's priority; at most 10,000.
    public var estimatedDays: Double
    /// `baseDailyCost` times all multipliers, per day.
    public var dailyCost: Double
    /// The rate of the assignee's role per day; the tenant's day rate without an assignee.
    public var baseDailyCost: Double
    /// The multipliers that applied, by name: `location`, `overtime`, `weekend`.
    public var costMultipliers: [String: Double]
    /// The display name; `Unassigned` without one.
    public var assignee: String
    /// A key of the configured role rates; `Unknown` without an assignee.
    public var assigneeRole: String
    /// A key of the configured location multipliers; nil without an assignee.
    public var assigneeLocation: String?
    /// Person days lost per day: 1 while a blocker is open, else 0.
    public var daysLostPerDayBlocked: Double
    /// `totalEstimatedCost` while a blocker is open, else 0.
    public var totalCostIfBlocked: Double
    /// `dailyCost` times `estimatedDays`.
    public var totalEstimatedCost: Double
    /// Whether comments were written outside working hours, in the commenter's time zone; in the profile `standard`
    /// only the assignee's comments of the last days count.
    public var overtimeDetected: Bool
    /// Whether comments were written on a weekend; counted as for `overtimeDetected`.
    public var weekendDetected: Bool

    public init(
        estimatedDays: Double, dailyCost: Double, baseDailyCost: Double, costMultipliers: [String: Double],
        assignee: String, assigneeRole: String, assigneeLocation: String?, daysLostPerDayBlocked: Double,
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

/// What to expect of an issue and what to do. `classic` has the original's rules of thumb; in `standard` it follows from the
/// score.
public struct Predictions: Sendable, Hashable, Codable {
    /// `high`, `medium` or `low`.
    public var completionLikelihood: String
    /// One short sentence for people, not for programs.
    public var recommendedAction: String
    /// `standard`: whether the band is high. `classic`: whether there are blockers and more than 30 % negative comments.
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

/// Where sentiment, activity and risk are heading.
public struct Trends: Sendable, Hashable, Codable {
    /// `degrading` or `stable`.
    public var sentimentTrend: String
    /// `decreasing` or `active`.
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
    /// Issues that wait for this one.
    public var blocks: [String]
    /// Issues that this one waits for.
    public var blockedBy: [String]
    /// Issues linked in any other way.
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
    /// The sentiment model: `wordlist-3`, `finberttrc2-…`.
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
    /// The issue.
    public var issueID: IssueID
    /// Its key as of the analysis.
    public var issueKey: IssueKey
    /// Its project's key as of the analysis.
    public var projectKey: String
    /// Its summary as of the analysis.
    public var summary: String
    /// The instant the analysis speaks of.
    public var asOf: Timestamp
    /// 0–100: the sum of `factors`' points.
    public var riskScore: Int
    /// `riskScore` without what blocking issues pass on; this is what the issue itself passes on.
    public var ownScore: Int
    /// The band of `riskScore`.
    public var band: RiskBand
    /// Those of the profile, in its order; also factors with 0 points.
    public var factors: [Factor]
    /// The comments' readings, summed up.
    public var sentiment: SentimentSummary
    /// Open blockers; none once the issue is deleted, or done in the profile `standard`.
    public var blockers: [Blocker]
    /// The number of `blockers`.
    public var blockerCount: Int
    /// Age, activity and status changes.
    public var timeline: Timeline
    /// The cost of the work.
    public var capacity: Capacity
    /// How the issue is likely to go on.
    public var predictions: Predictions
    /// Where it is heading.
    public var trends: Trends
    /// Linked issues.
    public var dependencies: Dependencies
    /// The rules and the model that made it.
    public var engine: EngineIdentity
    /// The first later instant at which time alone changes the score; nil when it never does.
    public var nextChangeAt: Timestamp?
    /// Who may not read all of the issue; nil where everybody who sees its project may.
    public var restrictions: Restrictions?

    /// The factor with most points, the first of several; nil where none has any.
    public var topFactor: Factor? { factors.filter { $0.points > 0 }.max { $0.points < $1.points } }

    public init(
        issueID: IssueID, issueKey: IssueKey, projectKey: String, summary: String, asOf: Timestamp, ownScore: Int,
        factors: [Factor], sentiment: SentimentSummary, blockers: [Blocker], timeline: Timeline, capacity: Capacity,
        predictions: Predictions, trends: Trends, dependencies: Dependencies, engine: EngineIdentity,
        nextChangeAt: Timestamp?, restrictions: Restrictions? = nil
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
        self.restrictions = restrictions
    }

    enum CodingKeys: String, CodingKey {
        case summary, band, factors, sentiment, blockers, timeline, capacity, predictions, trends, dependencies, engine
        case restrictions
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
