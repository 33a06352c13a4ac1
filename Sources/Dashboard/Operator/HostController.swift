import Domain
import Hummingbird
import Queries

/// The state of the host: its parts, what waits, and the nodes.
struct HostController: Sendable {
    var store: any DashboardStore
    var access: OperatorAccess
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private struct Figure: Sendable {
        var label: String
        var value: String
        /// The page that shows them; nil for none.
        var path: String?
    }

    private struct Check: Sendable {
        var name: String
        var state: String
        var band: String
        var detail: String
        var remedy: String?
    }

    private struct Node: Sendable {
        var host: String
        var version: String
        var started: String
        var seen: String
    }

    private struct Content: Sendable {
        var figures: [Figure]
        var checks: [Check]
        var nodes: [Node]
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/operator", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let now = now()
        let state = await access.hostState()
        // As the checks know it already; where they got no answer, the page says why.
        let figures: StoreFigures
        if let known = state.figures { figures = known } else { figures = try await store.figures(now: now) }
        let nodes = try await store.nodes(since: now.adding(days: -1))
        let content = Content(
            figures: Self.figures(figures), checks: state.checks.map(Self.row),
            nodes: nodes.map {
                Node(
                    host: $0.host, version: $0.version, started: PageText.instant($0.startedAt),
                    seen: PageText.instant($0.seenAt))
            }, asOf: PageText.instant(now))
        return pages.page("operator", content, in: .ofOperator(visit, .host))
    }

    private static func row(_ check: DiagnosticCheck) -> Check {
        let band: RiskBand =
            switch check.outcome {
            case .ok: .low
            case .warning: .medium
            case .failed: .high
            }
        return Check(
            name: check.name, state: text(check.outcome.rawValue), band: band.rawValue, detail: check.detail,
            remedy: check.remedy)
    }

    private static func figures(_ figures: StoreFigures) -> [Figure] {
        func instant(_ at: Timestamp?) -> String { at.map(PageText.instant) ?? text("never") }
        return [
            Figure(label: text("last_webhook"), value: instant(figures.lastEventAt)),
            Figure(label: text("pending_webhooks"), value: "\(figures.pendingEvents)"),
            Figure(label: text("due_issues"), value: "\(figures.dueIssues)"),
            Figure(label: text("queued_deliveries"), value: "\(figures.queuedDeliveries)"),
            Figure(label: text("dead_deliveries"), value: "\(figures.deadDeliveries)"),
            Figure(
                label: text("dead_mails"), value: "\(figures.accountMails.dead)", path: MailsController.path),
            Figure(label: text("parked_issues"), value: "\(figures.parkedIssues)", path: WorkController.path),
            Figure(label: text("rejected_webhooks"), value: "\(figures.rejectedEvents)", path: WorkController.path),
            Figure(label: text("waiting_fetches"), value: "\(figures.jira.waiting)"),
            Figure(label: text("stopped_tenants"), value: "\(figures.jira.stoppedTenants)"),
        ]
    }

    private static func text(_ name: String) -> String { PageTexts.english("operator", name) }
}
