import Domain
import Hummingbird
import Queries

/// Who did what: the audit log of a tenant, for who may change it.
struct AuditPageController: Sendable {
    var trail: AuditTrail
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let path = "/dashboard/audit"

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let query = AuditQuery(request)
        let page = try await trail.page(
            query.filter, after: query.cursor, limit: AuditContent.pageSize, for: visit.principal)
        let title = PageTexts.english("navigation", "audit")
        let content = AuditContent(
            query, page, path: Self.path, heading: title, intro: PageTexts.english("audit", "intro"), now: now())
        return pages.page("audit", content, in: .signedIn(visit, title, .audit))
    }
}

/// The audit log of the host, for its owner.
struct OperatorAuditController: Sendable {
    var trail: AuditTrail
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let path = "/dashboard/operator/audit"

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let query = AuditQuery(request)
        let page = try await trail.hostPage(query.filter, after: query.cursor, limit: AuditContent.pageSize)
        let content = AuditContent(
            query, page, path: Self.path, heading: PageTexts.english("operator", "audit"),
            intro: PageTexts.english("audit", "intro_host"), now: now())
        return pages.page("audit", content, in: .ofOperator(visit, .audit))
    }
}
