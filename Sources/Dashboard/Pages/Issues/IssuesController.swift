import Domain
import HTTPServer
import Hummingbird
import Queries

/// A table of issues, filtered and sorted by the address, and the same list as comma-separated values.
struct IssuesController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private struct Content: Sendable {
        var list: IssueTable
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/issues", use: show)
        group.get("/dashboard/issues.csv", use: download)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let query = PageQuery(request)
        let address = IssueAddress("/dashboard/issues", query)
        let cursor = query["cursor"]
        let page = try await store.issueLines(
            visit.tenant.id, filter: address.filter, after: cursor, limit: IssueTable.pageSize)
        let choices = try await store.issueChoices(visit.tenant.id, limit: IssueTable.choiceLimit)
        let content = Content(
            list: IssueTable(address, page, choices, isFirst: cursor == nil), asOf: PageText.instant(now()))
        return pages.page(
            "issues", content, in: .signedIn(visit, PageTexts.english("issues", "title"), .issues))
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let tenant = try context.signedIn.tenant
        let query = PageQuery(request)
        let filter = IssueAddress("/dashboard/issues", query).filter
        let table = IssueCSV.table(site: tenant.jiraURL)
        let load = { @Sendable [store] (cursor: String?) in
            try await store.issues(tenant.id, filter: filter, after: cursor, limit: table.pageSize)
        }
        return .csv(table, first: try await load(query["cursor"]), next: load)
    }
}
