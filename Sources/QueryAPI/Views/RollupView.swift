import Domain
import Queries

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
    /// How many of all open issues will not be done by the end.
    var outlook: OutlookView
    var sprint: SprintView
    /// Other sprints that the request fits as well.
    var otherSprints: [SprintView]
    var timestamp: Timestamp

    init(_ analysis: SprintAnalysis) {
        self.projectKey = analysis.projectKey
        self.sprintName = analysis.sprint.name
        self.coverage = analysis.coverage
        self.issueCount = analysis.rollup.counts.issues
        self.openIssueCount = analysis.openIssueCount
        self.executiveSummary = analysis.summary
        self.rollup = analysis.rollup
        self.scope = analysis.scope
        self.outlook = OutlookView(analysis.outlook)
        self.sprint = SprintView(analysis.sprint)
        self.otherSprints = analysis.otherSprints.map(SprintView.init)
        self.timestamp = analysis.asOf
    }
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
        /// For the due dates and the usual time.
        var outlooks: [OutlookView]
    }

    var slices: [Slice]
    /// Of all slices, each issue counted once.
    var overall: PortfolioRollup
    var outlooks: [OutlookView]
    var executiveSummary: String
    var timestamp: Timestamp

    init(_ analysis: PortfolioAnalysis) {
        self.slices = analysis.slices.map {
            Slice(
                name: $0.name, jql: $0.jql, coverage: $0.coverage, issueCount: $0.rollup.counts.issues,
                rollup: $0.rollup, outlooks: $0.outlooks.map(OutlookView.init))
        }
        self.overall = analysis.overall
        self.outlooks = analysis.outlooks.map(OutlookView.init)
        self.executiveSummary = analysis.summary
        self.timestamp = analysis.asOf
    }
}
