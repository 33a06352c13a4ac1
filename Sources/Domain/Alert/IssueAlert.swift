public import Foundation

/// An alert of the risk of one issue, raised by a rule.
public struct IssueAlert: Sendable, Hashable {
    /// How one factor moved since the previous analysis.
    public struct FactorChange: Sendable, Hashable, Encodable {
        /// The factor whose points changed.
        public var factor: Factor.Name
        /// Points in the previous analysis, from 0 to the factor's cap; 0 where there was none.
        public var before: Int
        /// Points now, from 0 to the factor's cap.
        public var after: Int
        /// The factor's own sentence in the new analysis.
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
        /// What to do, in one sentence.
        public var action: String
        /// Points it would take off.
        public var points: Int

        public init(action: String, points: Int) {
            self.action = action
            self.points = points
        }
    }

    /// The rule that raised or cleared it.
    public var ruleID: UUID
    /// The rule's name at that time; empty where the alert cannot be read any more.
    public var ruleName: String
    /// The kind of the rule's condition at that time.
    public var ruleKind: AlertRule.Kind
    /// Jira's number of the issue, which stays when it moves to another project.
    public var issueID: IssueID
    /// The issue's key at that time.
    public var issueKey: IssueKey
    /// The project of that key.
    public var projectKey: String
    /// The issue's summary at that time.
    public var summary: String
    /// The name of the status; `Unknown` where Jira told none.
    public var status: String
    /// The display name; `Unassigned` without an assignee.
    public var assignee: String
    /// `https://<site>/browse/<key>`.
    public var url: String
    /// The risk score, 0–100.
    public var score: Int
    /// The score it is compared with: the previous analysis, or the lowest in a spike's window. Nil for a first analysis.
    public var previousScore: Int?
    /// Factors whose points differ from the previous analysis; all with points for a first analysis.
    public var changes: [FactorChange]
    /// All factors that add points now, largest first.
    public var factors: [Factor]
    /// The fewest steps that bring the score below the clearing value (or, for a spike, back), largest first.
    public var remedies: [Remedy]
    /// The sentiment model of the analysis.
    public var model: String
    /// Whether the issue has a security level: not everybody in Jira may read it.
    public var isRestricted: Bool
    /// The issue's type; nil where Jira did not say.
    public var issueType: String?
    /// The issue's labels.
    public var labels: [String]
    /// The names of the issue's components.
    public var components: [String]
    /// The names of the active sprints that the issue is in.
    public var sprints: [String]
    /// What the forecast says, for an alert of a rule on it.
    public var forecast: IssueForecast.Answer?

    public init(
        ruleID: UUID, ruleName: String, ruleKind: AlertRule.Kind, issueID: IssueID, issueKey: IssueKey,
        projectKey: String, summary: String, status: String, assignee: String, url: String, score: Int,
        previousScore: Int?, changes: [FactorChange], factors: [Factor], remedies: [Remedy], model: String,
        isRestricted: Bool = false, issueType: String? = nil, labels: [String] = [], components: [String] = [],
        sprints: [String] = [], forecast: IssueForecast.Answer? = nil
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
        self.issueType = issueType
        self.labels = labels
        self.components = components
        self.sprints = sprints
        self.forecast = forecast
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
