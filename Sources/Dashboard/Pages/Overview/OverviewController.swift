import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// The first page: how many open issues are at risk, where, which ones most and what moved, and whether all of it is in step
/// with Jira.
struct OverviewController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Of the riskiest issues.
    private static let riskiest = 10
    /// Of open alerts.
    private static let few = 5

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard", use: show)
        group.get("/dashboard/risk.csv", use: downloadRisk)
        group.get("/dashboard/blockers.csv", use: downloadBlockers)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let (id, now) = (visit.tenant.id, now())
        let figures = try await store.overview(id, alertLimit: Self.few)
        let picture = figures.projects.isEmpty ? nil : try await store.riskPicture(id, projectKey: nil, now: now)
        let riskiest = try await store.issueLines(id, filter: IssueFilter(), after: nil, limit: Self.riskiest).items
        let content = OverviewContent(figures, picture, riskiest: riskiest, at: now)
        return pages.page(
            "overview", content, in: .signedIn(visit, PageTexts.english("navigation", "overview"), .overview),
            headers: PageText.untilThere(picture != nil || figures.projects.isEmpty))
    }

    @Sendable private func downloadRisk(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let picture = try await store.riskPicture(try context.signedIn.tenant.id, projectKey: nil, now: now())
        return .csv("risk", columns: RiskSeries.columns, rows: RiskSeries.cells(of: picture))
    }

    @Sendable private func downloadBlockers(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let picture = try await store.riskPicture(try context.signedIn.tenant.id, projectKey: nil, now: now())
        let cells = BlockerHeat.cells(of: picture?.blockersByProject ?? [])
        return .csv("blockers", columns: cells.columns, rows: cells.rows)
    }
}
