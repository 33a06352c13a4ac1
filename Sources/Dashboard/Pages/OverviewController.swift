import Domain
import Hummingbird
import Queries

/// The first page: how many open issues are at risk, where, and which ones most.
struct OverviewController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Of the riskiest issues.
    private static let riskiest = 10
    /// Of alerts and of the issues that are likely to be late.
    private static let few = 5

    private struct Project: Sendable {
        var key: String
        var path: String
        var high: Int
        var medium: Int
        var low: Int
        var total: Int
    }

    private struct Content: Sendable {
        var high: Int
        var medium: Int
        var low: Int
        var total: Int
        var hasIssues: Bool
        var projects: [Project]
        var riskiest: [IssueRow]
        var late: [IssueRow]
        var alerts: [AlertRow]
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let id = visit.tenant.id
        let projects = try await store.projectRisks(id)
        let riskiest = try await store.issues(id, filter: IssueFilter(), after: nil, limit: Self.riskiest).items
        let late = try await store.issues(id, filter: IssueFilter(order: .forecastDue), after: nil, limit: Self.few)
            .items
            .filter { ($0.forecast?.forecast?[.due]?.probability ?? 0) >= 0.5 }
        let alerts = try await store.alerts(id, state: nil, issueKey: nil, after: nil, limit: Self.few).items
        let content = Content(
            high: projects.reduce(0) { $0 + $1.counts.high }, medium: projects.reduce(0) { $0 + $1.counts.medium },
            low: projects.reduce(0) { $0 + $1.counts.low }, total: projects.reduce(0) { $0 + $1.counts.total },
            hasIssues: !projects.isEmpty,
            projects: projects.map {
                Project(
                    key: $0.projectKey, path: "/dashboard/issues?project=\(PathText.encoded($0.projectKey))",
                    high: $0.counts.high, medium: $0.counts.medium, low: $0.counts.low, total: $0.counts.total)
            },
            riskiest: riskiest.map(IssueRow.init), late: late.map(IssueRow.init),
            alerts: alerts.map { AlertRow($0, formToken: visit.formToken) }, asOf: PageText.instant(now()))
        return pages.page("overview", content, in: .signedIn(visit, "Overview", .overview))
    }
}
