import Domain
import Hummingbird
import Queries

/// What waits for the host's owner: parked issues and rejected webhooks, which can be retried.
struct WorkController: Sendable {
    var store: any DashboardStore
    var access: OperatorAccess
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    static let path = "/dashboard/operator/work"
    private static let pageSize = 50

    private struct Parked: Sendable {
        var company: String
        var tenant: String
        var issue: String
        var label: String
        var reason: String
        var attempts: Int
        var at: String
        var formToken: String
    }

    private struct Rejected: Sendable {
        var company: String
        var event: String
        var reason: String
        var at: String
    }

    /// A tenant with rejected webhooks among those shown.
    private struct Retry: Sendable {
        var company: String
        var tenant: String
        var formToken: String
    }

    private struct Content: Sendable {
        var parked: [Parked]
        var hasParked: Bool
        var next: String?
        var isFirst: Bool
        var rejected: [Rejected]
        var hasRejected: Bool
        var retries: [Retry]
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/operator/retry-issue", use: retryIssue)
        group.post("/dashboard/operator/retry-webhooks", use: retryWebhooks)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let cursor = request.uri.queryParameters["cursor"].map(String.init)
        let parked = try await store.parkedIssuesOfHost(after: cursor, limit: Self.pageSize)
        let rejected = try await store.rejectedEventsOfHost(limit: Self.pageSize)
        var retries: [Retry] = []
        for event in rejected where !retries.contains(where: { $0.tenant == event.tenantID.description }) {
            retries.append(
                Retry(
                    company: event.companyName, tenant: event.tenantID.description, formToken: visit.formToken))
        }
        let content = Content(
            parked: parked.items.map { entry in
                Parked(
                    company: entry.companyName, tenant: entry.tenantID.description, issue: entry.item.issueID.rawValue,
                    label: entry.item.issueKey?.rawValue ?? entry.item.issueID.rawValue, reason: entry.item.lastError,
                    attempts: entry.item.attempts, at: PageText.instant(entry.item.parkedAt),
                    formToken: visit.formToken)
            }, hasParked: !parked.items.isEmpty,
            next: parked.nextCursor.map { "\(Self.path)?cursor=\(PathText.encoded($0))" }, isFirst: cursor == nil,
            rejected: rejected.map {
                Rejected(
                    company: $0.companyName, event: $0.item.event, reason: $0.item.error ?? "",
                    at: PageText.instant($0.item.receivedAt))
            }, hasRejected: !rejected.isEmpty, retries: retries, asOf: PageText.instant(now()))
        return pages.page("operator-work", content, in: .ofOperator(visit, .work))
    }

    @Sendable private func retryIssue(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let form = try await PostedForm(request, of: visit)
        guard let tenant = form["tenant"].flatMap(TenantID.init), let issue = form["issue"],
            try await store.retryParkedIssue(tenant, issueID: IssueID(issue), by: visit.actor, now: now())
        else { throw PageError.badForm(PageTexts.english("operator_work", "not_parked")) }
        access.onRetry()
        return .see(Self.path)
    }

    @Sendable private func retryWebhooks(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let form = try await PostedForm(request, of: visit)
        guard let tenant = form["tenant"].flatMap(TenantID.init), try await store.tenant(tenant) != nil else {
            throw PageError.notFound
        }
        if try await access.retryRejected(tenant, visit.actor) > 0 { access.onRetry() }
        return .see(Self.path)
    }
}
