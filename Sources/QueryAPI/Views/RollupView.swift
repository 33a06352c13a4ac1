import Domain

/// `POST /api/analyze/sprint`.
struct SprintAnalysisView: Encodable, Sendable {
    var projectKey: String
    var sprintName: String
    var coverage: Coverage
    /// How many issues `rollup` covers, at most `max_issues` of the open ones.
    var issueCount: Int
    var openIssueCount: Int
    var executiveSummary: String
    var rollup: SprintRollup
    var scope: SprintScope
    var sprint: SprintView
    /// Other sprints that the request fits as well.
    var otherSprints: [SprintView]
    var timestamp: Timestamp
}

struct SprintView: Encodable, Sendable {
    var id: String
    var name: String
    var state: String
    var startDate: Nullable<Timestamp>
    var endDate: Nullable<Timestamp>
    var completeDate: Nullable<Timestamp>

    init(_ sprint: Sprint) {
        self.id = sprint.id
        self.name = sprint.name
        self.state = sprint.state
        self.startDate = Nullable(sprint.startDate)
        self.endDate = Nullable(sprint.endDate)
        self.completeDate = Nullable(sprint.completeDate)
    }
}

/// `POST /api/analyze/portfolio`.
struct PortfolioView: Encodable, Sendable {
    struct Slice: Encodable, Sendable {
        var name: String
        var jql: String
        var coverage: Coverage
        var issueCount: Int
        var rollup: PortfolioRollup
    }

    var slices: [Slice]
    /// Of all slices, each issue counted once.
    var overall: PortfolioRollup
    var executiveSummary: String
    var timestamp: Timestamp
}
