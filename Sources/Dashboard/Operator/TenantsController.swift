import Domain
import Hummingbird
import Queries

/// The tenants of the host, oldest first.
struct TenantsController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    static let path = "/dashboard/operator/tenants"
    private static let pageSize = 50

    private struct Row: Sendable {
        var company: String
        var path: String
        var id: String
        var site: String
        var plan: String
        var state: String
        var made: String
        var trialEnds: String?
        var uses: Int
    }

    private struct Content: Sendable {
        var tenants: [Row]
        var hasTenants: Bool
        var next: String?
        var isFirst: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let now = now()
        let cursor = request.uri.queryParameters["cursor"].map(String.init)
        let page = try await store.tenantListings(
            usedSince: now.adding(days: -UsageController.days), after: cursor, limit: Self.pageSize)
        let content = Content(
            tenants: page.items.map { listing in
                let tenant = listing.tenant
                return Row(
                    company: tenant.companyName, path: TenantPageController.path(tenant.id), id: tenant.id.description,
                    site: tenant.jiraURL,
                    plan: tenant.plan.rawValue, state: tenant.status.rawValue,
                    made: "\(tenant.createdAt.utcDay)", trialEnds: tenant.trialEndsAt.map { "\($0.utcDay)" },
                    uses: listing.uses)
            }, hasTenants: !page.items.isEmpty,
            next: page.nextCursor.map { "\(Self.path)?cursor=\(PathText.encoded($0))" }, isFirst: cursor == nil,
            asOf: PageText.instant(now))
        return pages.page("operator-tenants", content, in: .ofOperator(visit, .tenants))
    }
}
