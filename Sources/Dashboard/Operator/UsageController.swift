import Domain
import HTTPServer
import Hummingbird
import Queries

/// What the tenants ask for: analyses a day with their times, by kind and by plan, and the tenants made.
struct UsageController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    static let path = "/dashboard/operator/usage"
    /// How far back it looks.
    static let days = 30

    private struct Day: Sendable {
        var day: String
        var action: String
        var uses: Int
        var mean: String
        var longest: String
    }

    private struct Action: Sendable {
        var action: String
        var uses: Int
    }

    private struct Content: Sendable {
        var days: [Day]
        var hasDays: Bool
        var actions: [Action]
        var plans: [PlanRow]
        var made: [TenantsMade]
        var hasMade: Bool
        var asOf: String
    }

    private struct PlanRow: Sendable {
        var plan: String
        var tenants: Int
        var activeTenants: Int
        var uses: Int
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.get("/dashboard/operator/usage.csv", use: download)
    }

    /// What each tenant asked for on each day of the present month.
    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        _ = try context.operatorSignedIn
        let month = CalendarMonth(containing: now())
        let load: @Sendable (String?) async throws -> Page<TenantUsageDay> = { [store] cursor in
            try await store.usageDaysOfHost(
                from: month.start, to: month.end, after: cursor, limit: UsageDayCSV.table.pageSize)
        }
        return .csv(UsageDayCSV.table, first: try await load(nil), next: load)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let now = now()
        let usage = try await store.hostUsage(since: now.adding(days: -Self.days))
        func uses(of action: UsageAction) -> Int {
            usage.days.lazy.filter { $0.action == action }.reduce(0) { $0 + $1.uses }
        }
        let content = Content(
            days: usage.days.map { day in
                Day(
                    day: day.day, action: Self.label(of: day.action), uses: day.uses,
                    mean: day.meanMilliseconds.map { "\(Int($0.rounded()))" } ?? "–",
                    longest: day.longestMilliseconds.map(String.init) ?? "–")
            }, hasDays: !usage.days.isEmpty,
            actions: UsageAction.allCases.map { Action(action: Self.label(of: $0), uses: uses(of: $0)) },
            plans: usage.plans.map {
                PlanRow(
                    plan: $0.plan.rawValue, tenants: $0.tenants, activeTenants: $0.activeTenants, uses: $0.uses)
            }, made: usage.tenantsMade, hasMade: !usage.tenantsMade.isEmpty, asOf: PageText.instant(now))
        return pages.page("operator-usage", content, in: .ofOperator(visit, .usage))
    }

    static func label(of action: UsageAction) -> String {
        switch action {
        case .issue: PageTexts.english("operator_usage", "issue")
        case .sprint: PageTexts.english("operator_usage", "sprint")
        case .portfolio: PageTexts.english("operator_usage", "portfolio")
        }
    }
}
