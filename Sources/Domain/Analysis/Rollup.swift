/// What a roll-up needs of one issue and its latest analysis.
public struct RolledUpIssue: Sendable, Hashable {
    /// Jira's number of the issue: a roll-up counts each once.
    public var id: IssueID
    /// The key, by which equal risks are ordered.
    public var key: IssueKey
    /// The project of the key.
    public var projectKey: String
    /// As in Jira, not shortened.
    public var summary: String
    /// The name of the status.
    public var status: String
    /// The display name; `Unassigned` without an assignee.
    public var assignee: String
    /// 0–100.
    public var riskScore: Int
    /// The categories of each blocker.
    public var blockers: [[String]]
    /// Money per day, in the unit of the configured rates; 0 once the issue is finished.
    public var dailyCost: Double
    /// Person-days lost on each day the issue stays blocked; 0 once it is finished.
    public var daysLostPerDay: Double
    /// The newest sign of life.
    public var updated: Timestamp

    public init(
        id: IssueID, key: IssueKey, projectKey: String, summary: String, status: String, assignee: String,
        riskScore: Int, blockers: [[String]], dailyCost: Double, daysLostPerDay: Double, updated: Timestamp
    ) {
        self.id = id
        self.key = key
        self.projectKey = projectKey
        self.summary = summary
        self.status = status
        self.assignee = assignee
        self.riskScore = riskScore
        self.blockers = blockers
        self.dailyCost = dailyCost
        self.daysLostPerDay = daysLostPerDay
        self.updated = updated
    }

    public init(_ listing: IssueListing) {
        let (issue, analysis) = (listing.issue, listing.analysis)
        self.init(
            id: issue.id, key: issue.key, projectKey: issue.projectKey, summary: issue.summary,
            status: issue.status?.name ?? analysis.timeline.currentStatus, assignee: analysis.capacity.assignee,
            riskScore: analysis.riskScore, blockers: analysis.blockers.map(\.categories),
            dailyCost: issue.isDone ? 0 : analysis.capacity.dailyCost,
            daysLostPerDay: issue.isDone ? 0 : analysis.capacity.daysLostPerDayBlocked,
            updated: issue.updated)
    }
}

/// What the issues of a roll-up cost together.
public struct RollupCapacity: Sendable, Hashable, Codable {
    /// Money per day, in the unit of the configured rates.
    public var totalDailyCost: Double
    /// The sum of ``RolledUpIssue/daysLostPerDay``, in person-days per day.
    public var totalPersonDaysLostPerDay: Double

    public init(totalDailyCost: Double, totalPersonDaysLostPerDay: Double) {
        self.totalDailyCost = totalDailyCost
        self.totalPersonDaysLostPerDay = totalPersonDaysLostPerDay
    }

    enum CodingKeys: String, CodingKey {
        case totalDailyCost = "total_daily_cost"
        case totalPersonDaysLostPerDay = "total_person_days_lost_per_day"
    }
}

/// The risk of a sprint's open issues together, in the fields of the original product.
public struct SprintRollup: Sendable, Hashable, Codable {
    /// How many issues and blockers, by risk and by silence.
    public struct Counts: Sendable, Hashable, Codable {
        /// Each issue once.
        public var issues: Int
        /// Open blockers of all issues.
        public var blockers: Int
        /// Issues with a score of at least 70 (``RiskBand``).
        public var highRisk: Int
        /// Issues with a score of 40 to 69.
        public var mediumRisk: Int
        /// Issues with a score below 40.
        public var lowRisk: Int
        /// Issues without a sign of life for more than five whole days; those of more than ten among them.
        public var staleFor5Days: Int
        /// Issues without a sign of life for more than ten whole days.
        public var staleFor10Days: Int

        public init(
            issues: Int, blockers: Int, highRisk: Int, mediumRisk: Int, lowRisk: Int, staleFor5Days: Int,
            staleFor10Days: Int
        ) {
            self.issues = issues
            self.blockers = blockers
            self.highRisk = highRisk
            self.mediumRisk = mediumRisk
            self.lowRisk = lowRisk
            self.staleFor5Days = staleFor5Days
            self.staleFor10Days = staleFor10Days
        }

        enum CodingKeys: String, CodingKey {
            case issues, blockers
            case highRisk = "high_risk"
            case mediumRisk = "medium_risk"
            case lowRisk = "low_risk"
            case staleFor5Days = "stale_updates_gt_5d"
            case staleFor10Days = "stale_updates_gt_10d"
        }
    }

    /// The scores of the issues, 0–100.
    public struct Risk: Sendable, Hashable, Codable {
        /// The mean, to one decimal; 0 without issues.
        public var avg: Double
        /// 0 without issues.
        public var max: Int
        /// Riskiest first, then by key.
        public var highRiskKeys: [IssueKey]

        public init(avg: Double, max: Int, highRiskKeys: [IssueKey]) {
            self.avg = avg
            self.max = max
            self.highRiskKeys = highRiskKeys
        }

        enum CodingKeys: String, CodingKey {
            case avg, max
            case highRiskKeys = "high_risk_keys"
        }
    }

    /// How many, by risk and by silence.
    public var counts: Counts
    /// The scores, and who is highest.
    public var risk: Risk
    /// What they cost together.
    public var capacity: RollupCapacity
    /// Blockers by category; one of several categories counts in each.
    public var blockersByCategory: [String: Int]

    public init(counts: Counts, risk: Risk, capacity: RollupCapacity, blockersByCategory: [String: Int]) {
        self.counts = counts
        self.risk = risk
        self.capacity = capacity
        self.blockersByCategory = blockersByCategory
    }

    enum CodingKeys: String, CodingKey {
        case counts, risk, capacity
        case blockersByCategory = "blockers_by_category"
    }
}

/// The risk of the issues of one slice of a portfolio, or of all its slices, in the fields of the original product.
public struct PortfolioRollup: Sendable, Hashable, Codable {
    /// How many issues, blockers and projects.
    public struct Counts: Sendable, Hashable, Codable {
        /// Each issue once, whatever slices it is in.
        public var issues: Int
        /// Open blockers of all issues.
        public var blockers: Int
        /// Issues with a score of at least 70 (``RiskBand``).
        public var highRisk: Int
        /// Projects with at least one of the issues.
        public var projects: Int

        public init(issues: Int, blockers: Int, highRisk: Int, projects: Int) {
            self.issues = issues
            self.blockers = blockers
            self.highRisk = highRisk
            self.projects = projects
        }

        enum CodingKeys: String, CodingKey {
            case issues, blockers, projects
            case highRisk = "high_risk"
        }
    }

    /// The scores of the issues, 0–100.
    public struct Risk: Sendable, Hashable, Codable {
        /// The mean, to one decimal; 0 without issues.
        public var avg: Double
        /// 0 without issues.
        public var max: Int

        public init(avg: Double, max: Int) {
            self.avg = avg
            self.max = max
        }
    }

    /// An issue with a score of at least 70, as a line of the report.
    public struct HighRisk: Sendable, Hashable, Codable {
        /// The issue's key.
        public var key: IssueKey
        /// The risk score, 70–100.
        public var risk: Int
        /// The name of the status.
        public var status: String
        /// The display name; `Unassigned` without an assignee.
        public var assignee: String
        /// At most 80 characters.
        public var summary: String

        public init(key: IssueKey, risk: Int, status: String, assignee: String, summary: String) {
            self.key = key
            self.risk = risk
            self.status = status
            self.assignee = assignee
            self.summary = summary
        }
    }

    /// How many issues, blockers and projects.
    public var counts: Counts
    /// Mean and highest score.
    public var risk: Risk
    /// What the issues cost together.
    public var capacity: RollupCapacity
    /// Blockers by category; one of several categories counts in each.
    public var blockersByCategory: [String: Int]
    /// Issues by project key; a project without issues is left out.
    public var issuesByProject: [String: Int]
    /// The issues of high risk, riskiest first, then by key; at most 20.
    public var topHighRisk: [HighRisk]

    public init(
        counts: Counts, risk: Risk, capacity: RollupCapacity, blockersByCategory: [String: Int],
        issuesByProject: [String: Int], topHighRisk: [HighRisk]
    ) {
        self.counts = counts
        self.risk = risk
        self.capacity = capacity
        self.blockersByCategory = blockersByCategory
        self.issuesByProject = issuesByProject
        self.topHighRisk = topHighRisk
    }

    enum CodingKeys: String, CodingKey {
        case counts, risk, capacity
        case blockersByCategory = "blockers_by_category"
        case issuesByProject = "issues_by_project"
        case topHighRisk = "top_high_risk"
    }
}
