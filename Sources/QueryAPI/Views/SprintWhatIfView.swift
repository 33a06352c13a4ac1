import Domain
import Queries
import RiskEngine

/// Which sprint an answer is about, and how its misses are counted.
struct SprintHeadingView: Encodable, Sendable {
    var projectKey: String
    var sprint: SprintView
    var coverage: Coverage
    var asOf: Timestamp
    /// What is counted as a miss.
    var measure: String
    var band: RiskBand

    init(_ heading: SprintWhatIfs.Heading) {
        projectKey = heading.projectKey
        sprint = SprintView(heading.sprint)
        coverage = heading.coverage
        asOf = heading.asOf
        measure = heading.measure.rawValue
        band = heading.band
    }
}

/// `POST /api/analyze/sprint/what-if`: a sprint as it is, and as changes would make it.
struct SprintWhatIfView: Encodable, Sendable {
    struct Standing: Encodable, Sendable {
        var openIssues: Int
        var misses: Double
        var riskyIssues: Int
        var outlook: OutlookView

        init(_ standing: SprintWhatIfs.Standing) {
            openIssues = standing.openIssues
            misses = standing.misses
            riskyIssues = standing.riskyIssues
            outlook = OutlookView(standing.outlook)
        }
    }

    struct IssueSide: Encodable, Sendable {
        var riskScore: Int
        var band: RiskBand
        var isInSprint: Bool
        var isOver: Bool
        /// How probable it is that it is not done by the end of the sprint.
        var percent: Nullable<Int>

        init(_ side: SprintWhatIfs.IssueSide) {
            riskScore = side.riskScore
            band = RiskBand(score: side.riskScore)
            isInSprint = side.isInSprint
            isOver = side.isOver
            percent = Nullable(side.percent)
        }
    }

    struct Issue: Encodable, Sendable {
        var issueKey: IssueKey
        var before: IssueSide
        var after: IssueSide
    }

    private struct Sides: Encodable, Sendable {
        var before: Standing
        var after: Standing
        /// The changed ones first.
        var issues: [Issue]
    }

    private let heading: SprintHeadingView
    private let sides: Sides

    init(_ answer: SprintWhatIfs.Answer) {
        heading = SprintHeadingView(answer.heading)
        sides = Sides(
            before: Standing(answer.before), after: Standing(answer.after),
            issues: answer.issues.map {
                Issue(issueKey: $0.key, before: IssueSide($0.before), after: IssueSide($0.after))
            })
    }

    func encode(to encoder: any Encoder) throws {
        try heading.encode(to: encoder)
        try sides.encode(to: encoder)
    }
}

/// `GET /api/analyze/sprint/remedies`: the least that would bring down the expected misses of a sprint.
struct SprintRemediesView: Encodable, Sendable {
    struct Action: Encodable, Sendable {
        var issueKeys: [IssueKey]
        var kind: String
        var name: String
        var sentence: String
        var effort: Int
    }

    private struct Search: Encodable, Sendable {
        var openIssues: Int
        var misses: Double
        var below: Int
        var isReached: Bool
        /// After the actions.
        var missesAfter: Double
        var actions: [Action]
        var considered: Int
        var consideredIssues: Int
    }

    private let heading: SprintHeadingView
    private let search: Search

    init(_ least: SprintWhatIfs.Least) {
        heading = SprintHeadingView(least.heading)
        search = Search(
            openIssues: least.openIssues, misses: least.misses, below: least.below, isReached: least.isReached,
            missesAfter: least.missesAfter,
            actions: least.actions.map {
                Action(
                    issueKeys: $0.issueKeys, kind: $0.action.kind.rawValue, name: $0.action.name,
                    sentence: $0.action.sentence, effort: $0.action.effort)
            },
            considered: least.considered, consideredIssues: least.consideredIssues)
    }

    func encode(to encoder: any Encoder) throws {
        try heading.encode(to: encoder)
        try search.encode(to: encoder)
    }
}
