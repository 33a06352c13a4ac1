import Domain
import Queries

/// The filters and the order of a list of issues, as the address of a page has them.
struct IssueAddress: Sendable {
    /// The page's.
    var path: String
    /// Whether the path names the project.
    var isOfProject: Bool
    var filter: IssueFilter

    /// Of the list of all issues, or where a project is given of the project's page. What a field cannot be is as if it was not
    /// there.
    init(_ path: String, _ query: PageQuery, project: String? = nil) {
        self.path = path
        isOfProject = project != nil
        filter = IssueFilter(
            projectKey: project ?? query["project"]?.uppercased(),
            minimumScore: query["min_score"].flatMap(Int.init).map { min(max($0, 0), 100) },
            band: query["band"].flatMap(RiskBand.init), assignee: query["assignee"], status: query["status"],
            label: query["label"], sprint: query["sprint"], epic: query["epic"]?.uppercased(), text: query["text"],
            includesDone: query["include_done"] == "true", order: query["sort"].flatMap(IssueOrder.init) ?? .risk)
    }

    /// Whether it shows all open issues.
    var isUnfiltered: Bool {
        var plain = IssueFilter(order: filter.order)
        if isOfProject { plain.projectKey = filter.projectKey }
        return filter == plain
    }

    /// The address of the same list in this order, at this place, of another page.
    func address(path: String? = nil, order: IssueOrder? = nil, cursor: String? = nil) -> String {
        let order = order ?? filter.order
        let fields: [(String, String?)] = [
            ("project", isOfProject && path == nil ? nil : filter.projectKey),
            ("min_score", filter.minimumScore.map(String.init)), ("band", filter.band?.rawValue),
            ("assignee", filter.assignee), ("status", filter.status), ("label", filter.label),
            ("sprint", filter.sprint), ("epic", filter.epic), ("text", filter.text),
            ("include_done", filter.includesDone ? "true" : nil), ("sort", order == .risk ? nil : order.rawValue),
            ("cursor", cursor),
        ]
        let query = fields.compactMap { field in field.1.map { "\(field.0)=\(PathText.encoded($0))" } }
        return (path ?? self.path) + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}
