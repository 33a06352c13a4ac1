import Domain
import Queries

/// What the template of a sprint reads.
struct SprintContent: Sendable {
    struct Item: Sendable {
        var path: String
        var key: String
    }

    struct Part: Sendable {
        var title: String
        var count: Int
        var points: String
        var issues: [Item]
        /// How many there are beside those that are named; nil for none.
        var more: String?
    }

    struct Left: Sendable {
        var at: String
        var issues: Int
        var points: String
    }

    /// Issues of a part that are named.
    private static let itemLimit = 12

    var row: SprintRow
    var hasDates: Bool
    var parts: [Part]
    var outlook: String
    var chart: String?
    var left: [Left]
    var hasLeft: Bool
    var burnDownCSV: String
    var issuesCSV: String
    var allIssues: String
    var open: Int
    var riskiest: [IssueRow]
    var hasRiskiest: Bool
    var asOf: String

    init(_ progress: SprintProgress) {
        let (listing, scope) = (progress.listing, progress.scope)
        row = SprintRow(listing)
        hasDates = !row.start.isEmpty || !row.end.isEmpty
        parts = [
            ("committed", scope.committed), ("added", scope.added), ("removed", scope.removed),
            ("completed", scope.completed), ("not_completed", scope.notCompleted),
        ].map { Self.part(PageTexts.english("sprint", $0), $1) }
        outlook = Self.outlook(progress)
        chart = BurnDownChart(progress.burnDown, end: listing.sprint.endDate).svg
        left = progress.burnDown.reversed().map {
            Left(at: PageText.instant($0.at), issues: $0.issues, points: PageText.number($0.storyPoints))
        }
        hasLeft = !left.isEmpty
        let id = PathText.encoded(listing.sprint.id)
        burnDownCSV = "/dashboard/sprints/\(id)/burn-down.csv"
        issuesCSV = "/dashboard/issues.csv?sprint=\(id)&include_done=true"
        allIssues = "/dashboard/issues?sprint=\(id)"
        open = progress.openIssueCount
        riskiest = progress.riskiest.map { IssueRow(IssueLine($0)) }
        hasRiskiest = !riskiest.isEmpty
        asOf = PageText.instant(progress.asOf)
    }

    private static func part(_ title: String, _ part: SprintScope.Part) -> Part {
        let more = part.count - itemLimit
        return Part(
            title: title, count: part.count, points: PageText.number(part.storyPoints),
            issues: part.issues.prefix(itemLimit).map {
                Item(path: PageText.issuePath($0.key), key: $0.key.rawValue)
            }, more: more > 0 ? PageTexts.english("sprint", "more", ["count": "\(more)"]) : nil)
    }

    private static func outlook(_ progress: SprintProgress) -> String {
        if let sentence = progress.outlook.sentence { return sentence + "." }
        if progress.listing.sprint.state == "closed" { return PageTexts.english("sprint", "outlook_closed") }
        return PageTexts.english(
            "sprint", progress.openIssueCount == 0 ? "outlook_nothing_open" : "outlook_none")
    }
}
