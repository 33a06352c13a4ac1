public import Foundation

/// An alert of the risk of one issue, raised by a rule.
public struct IssueAlert: Sendable, Hashable {
    /// How one factor moved since the previous analysis.
    public struct FactorChange: Sendable, Hashable, Encodable {
        public var factor: Factor.Name
        public var before: Int
        public var after: Int
        public var explanation: String

        public init(factor: Factor.Name, before: Int, after: Int, explanation: String) {
            self.factor = factor
            self.before = before
            self.after = after
            self.explanation = explanation
        }
    }
    /// A step that would lower the score.
    public struct Remedy: Sendable, Hashable, Encodable {
        public var action: String
        /// Points it would take off.
        public var points: Int

        public init(action: String, points: Int) {
            self.action = action
            self.points = points
        }
    }

    public var ruleID: UUID
    public var ruleName: String
    public var ruleKind: AlertRule.Kind
    public var issueID: IssueID
    public var issueKey: IssueKey
    public var projectKey: String
    public var summary: String
    public var status: String
    public var assignee: String
    /// `https://<site>/browse/<key>`.
    public var url: String
    public var score: Int
    /// The score it is compared with: the previous analysis, or the lowest in a spike's window. Nil for a first analysis.
    public var previousScore: Int?
    public var changes: [FactorChange]
    /// All factors that add points now, largest first.
    public var factors: [Factor]
    /// The fewest steps that bring the score below the clearing value (or, for a spike, back), largest first.
    public var remedies: [Remedy]
    /// The sentiment model of the analysis.
    public var model: String
    /// Whether the issue has a security level: not everybody in Jira may read it.
    public var isRestricted: Bool

    public init(
        ruleID: UUID, ruleName: String, ruleKind: AlertRule.Kind, issueID: IssueID, issueKey: IssueKey,
        projectKey: String, summary: String, status: String, assignee: String, url: String, score: Int,
        previousScore: Int?, changes: [FactorChange], factors: [Factor], remedies: [Remedy], model: String,
        isRestricted: Bool = false
    ) {
        self.ruleID = ruleID
        self.ruleName = ruleName
        self.ruleKind = ruleKind
        self.issueID = issueID
        self.issueKey = issueKey
        self.projectKey = projectKey
        self.summary = summary
        self.status = status
        self.assignee = assignee
        self.url = url
        self.score = score
        self.previousScore = previousScore
        self.changes = changes
        self.factors = factors
        self.remedies = remedies
        self.model = model
        self.isRestricted = isRestricted
    }
}

/// An alert that Jira refuses the tenant's account. No rule raises it.
public struct AccessAlert: Sendable, Hashable {
    /// The tenant's Jira site.
    public var siteURL: String
    /// What Jira answered, for people.
    public var reason: String
    /// What gives consilod its access back.
    public var steps: [String]

    public init(siteURL: String, reason: String, steps: [String]) {
        self.siteURL = siteURL
        self.reason = reason
        self.steps = steps
    }
}
