/// In which order issues are listed; of equals the first key comes first.
public enum IssueOrder: String, Sendable, Hashable, CaseIterable {
    /// The highest risk score first.
    case risk
    /// The most likely to take longer than usual first, those without a forecast last.
    case forecast
    /// The same for the due date.
    case forecastDue = "forecast_due"
    /// The same for the end of the sprint.
    case forecastSprint = "forecast_sprint"
    /// The first due date first, issues without one last.
    case due
    /// What changed last in Jira first.
    case updated
    /// By key, as text.
    case key

    /// The forecast that it goes by; nil for those that go by something else.
    public var question: ForecastQuestion? {
        switch self {
        case .forecast: .usual
        case .forecastDue: .due
        case .forecastSprint: .sprint
        case .risk, .due, .updated, .key: nil
        }
    }
}

/// Which issues to list. What is nil does not restrict; an issue is listed that meets all of the rest.
public struct IssueFilter: Sendable, Hashable {
    /// Only issues of this project.
    public var projectKey: String?
    /// Only issues with at least this score, 0–100.
    public var minimumScore: Int?
    /// Only issues of this band.
    public var band: RiskBand?
    /// Only issues of who has this display name, in any case; ``unassigned`` for those without an assignee.
    public var assignee: String?
    /// Only issues with a status of this name, in any case.
    public var status: String?
    /// Only issues with this label, in any case.
    public var label: String?
    /// Only issues that are in the sprint with this id, or in one that they give this name, in any case.
    public var sprint: String?
    /// Only issues whose parent has this key: the stories of an epic, the sub-tasks of a story.
    public var epic: String?
    /// Only issues whose summary holds a word that begins with each word of this text, or that have, or had, a key that
    /// begins with it.
    public var text: String?
    /// Whether finished issues (status category done) are listed too.
    public var includesDone: Bool
    /// In which order.
    public var order: IssueOrder

    /// Stands for the issues without an assignee.
    public static let unassigned = "unassigned"

    public init(
        projectKey: String? = nil, minimumScore: Int? = nil, band: RiskBand? = nil, assignee: String? = nil,
        status: String? = nil, label: String? = nil, sprint: String? = nil, epic: String? = nil, text: String? = nil,
        includesDone: Bool = false, order: IssueOrder = .risk
    ) {
        self.projectKey = projectKey
        self.minimumScore = minimumScore
        self.band = band
        self.assignee = assignee
        self.status = status
        self.label = label
        self.sprint = sprint
        self.epic = epic
        self.text = text
        self.includesDone = includesDone
        self.order = order
    }
}

/// What the filters of a list may be set to: what the tenant's issues have, in the order of the alphabet. At most as many of
/// each as were asked for.
public struct IssueChoices: Sendable, Hashable {
    /// Display names.
    public var assignees: [String]
    /// Names of statuses.
    public var statuses: [String]
    /// Labels.
    public var labels: [String]
    /// Names of sprints.
    public var sprints: [String]
    /// Keys of parents.
    public var epics: [String]

    public init(
        assignees: [String] = [], statuses: [String] = [], labels: [String] = [], sprints: [String] = [],
        epics: [String] = []
    ) {
        self.assignees = assignees
        self.statuses = statuses
        self.labels = labels
        self.sprints = sprints
        self.epics = epics
    }
}
