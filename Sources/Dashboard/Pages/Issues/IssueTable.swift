import Domain
import Queries

/// A page of a list of issues with its filters: what the template `issue-table` reads.
struct IssueTable: Sendable {
    struct Choice: Sendable {
        var value: String
        var label: String
        var isChosen: Bool
    }

    struct Heading: Sendable {
        var title: String
        /// The same list in the order of this column; nil for a column that it cannot be sorted by.
        var path: String?
        /// What `aria-sort` says; nil for another order.
        var sorted: String?
        var isNumber: Bool
    }

    /// Rows of a page.
    static let pageSize = 50
    /// Values that a filter proposes.
    static let choiceLimit = 100

    var action: String
    var project: String
    var showsProject: Bool
    var minimum: String
    var assignee: String
    var status: String
    var label: String
    var sprint: String
    var epic: String
    var text: String
    var includesDone: Bool
    var bands: [Choice]
    var orders: [Choice]
    var assignees: [String]
    var statuses: [String]
    var labels: [String]
    var sprints: [String]
    var epics: [String]
    var headings: [Heading]
    var rows: [IssueRow]
    var hasRows: Bool
    var isUnfiltered: Bool
    var all: String
    var csv: String
    var next: String?
    var first: String?

    init(_ address: IssueAddress, _ page: Page<IssueLine>, _ choices: IssueChoices, isFirst: Bool) {
        let filter = address.filter
        action = address.path
        project = filter.projectKey ?? ""
        showsProject = !address.isOfProject
        minimum = filter.minimumScore.map(String.init) ?? ""
        assignee = filter.assignee ?? ""
        status = filter.status ?? ""
        label = filter.label ?? ""
        sprint = filter.sprint ?? ""
        epic = filter.epic ?? ""
        text = filter.text ?? ""
        includesDone = filter.includesDone
        bands = [RiskBand.high, .medium, .low].map {
            Choice(
                value: $0.rawValue, label: PageTexts.english("issues", "band_\($0.rawValue)"),
                isChosen: $0 == filter.band)
        }
        orders = IssueOrder.allCases.map {
            Choice(
                value: $0.rawValue, label: PageTexts.english("issues", "order_\($0.rawValue)"),
                isChosen: $0 == filter.order)
        }
        assignees = [IssueFilter.unassigned] + choices.assignees
        statuses = choices.statuses
        labels = choices.labels
        sprints = choices.sprints
        epics = choices.epics
        headings = Self.headings(address)
        rows = page.items.map(IssueRow.init)
        hasRows = !page.items.isEmpty
        isUnfiltered = address.isUnfiltered
        all = address.path
        csv = address.address(path: "/dashboard/issues.csv")
        next = page.nextCursor.map { address.address(cursor: $0) }
        first = isFirst ? nil : address.address()
    }

    private static func headings(_ address: IssueAddress) -> [Heading] {
        let columns: [(name: String, order: IssueOrder?, isNumber: Bool)] = [
            ("key", .key, false), ("risk", .risk, true), ("summary", nil, false), ("status", nil, false),
            ("assignee", nil, false), ("due", .due, false), ("late", .forecastDue, false),
            ("updated", .updated, false), ("why", nil, false),
        ]
        return columns.map { column in
            Heading(
                title: PageTexts.english("issues", "column_\(column.name)"),
                path: column.order.map { address.address(order: $0) },
                sorted: column.order == address.filter.order
                    ? ([.key, .due].contains(address.filter.order) ? "ascending" : "descending") : nil,
                isNumber: column.isNumber)
        }
    }
}
