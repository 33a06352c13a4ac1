import Domain
import Hummingbird
import Queries

/// A table of issues, filtered and sorted by the address.
struct IssuesController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let pageSize = 50

    private struct Choice: Sendable {
        var value: String
        var label: String
        var isChosen: Bool
    }

    private struct Content: Sendable {
        var project: String
        var minimum: String
        var includesDone: Bool
        var orders: [Choice]
        var issues: [IssueRow]
        var next: String?
        var isFirst: Bool
        var first: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/issues", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let query = request.uri.queryParameters
        func text(_ name: Substring) -> String? { query[name].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }
        let filter = IssueFilter(
            projectKey: text("project").map { $0.uppercased() },
            minimumScore: text("min_score").flatMap(Int.init).map { min(max($0, 0), 100) },
            includesDone: text("include_done") == "true",
            order: text("sort").flatMap(IssueOrder.init) ?? .risk)
        let cursor = text("cursor")
        let page = try await store.issues(visit.tenant.id, filter: filter, after: cursor, limit: Self.pageSize)
        let content = Content(
            project: filter.projectKey ?? "", minimum: filter.minimumScore.map(String.init) ?? "",
            includesDone: filter.includesDone,
            orders: IssueOrder.allCases.map {
                Choice(value: $0.rawValue, label: Self.label(of: $0), isChosen: $0 == filter.order)
            },
            issues: page.items.map(IssueRow.init), next: page.nextCursor.map { Self.address(filter, after: $0) },
            isFirst: cursor == nil, first: Self.address(filter, after: nil), asOf: PageText.instant(now()))
        return pages.page("issues", content, in: .signedIn(visit, "Issues", .issues))
    }

    private static func label(of order: IssueOrder) -> String {
        switch order {
        case .risk: "risk score"
        case .forecast: "likely later than usual"
        case .forecastDue: "likely later than its due date"
        case .forecastSprint: "likely later than its sprint"
        }
    }

    private static func address(_ filter: IssueFilter, after cursor: String?) -> String {
        let parts = [
            filter.projectKey.map { ("project", $0) }, filter.minimumScore.map { ("min_score", "\($0)") },
            filter.includesDone ? ("include_done", "true") : nil,
            filter.order == .risk ? nil : ("sort", filter.order.rawValue), cursor.map { ("cursor", $0) },
        ].compactMap(\.self)
        let query = parts.map { "\($0.0)=\(PathText.encoded($0.1))" }.joined(separator: "&")
        return "/dashboard/issues" + (query.isEmpty ? "" : "?\(query)")
    }
}
