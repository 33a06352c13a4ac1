import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// From nothing to the first risk in one sitting, and later what `consilod doctor` says of the tenant.
struct SetupController: Sendable {
    static let path = "/dashboard/setup"
    /// Between two looks at a backfill that is running.
    private static let refreshSeconds = 3

    var setup: SiteSetup
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp

    /// What the page of a backfill reads.
    private struct Progress: Sendable {
        var backfill: SetupContent.BackfillRow
        var sentence: String
        var most: Int
        var value: Int
        var isRunning: Bool
        var isDone: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/setup", use: show)
        group.post("/dashboard/setup/jira", use: saveAccount)
        group.post("/dashboard/setup/webhook", use: register)
        group.post("/dashboard/setup/webhook-test", use: testWebhook)
        group.post("/dashboard/setup/secret", use: makeSecret)
        group.post("/dashboard/setup/backfill", use: startBackfill)
        group.get("/dashboard/setup/backfills/{id}", use: showBackfill)
    }

    /// How far it is; where the address says so, with what the checks find, which takes seconds.
    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let isChecked = request.uri.queryParameters["check"] != nil
        let checks = isChecked ? try await setup.checks(for: visit.principal) : nil
        return try await page(request, visit, .init(checks: checks))
    }

    @Sendable private func saveAccount(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("jira_url", "jira_email", "jira_token")
        return try await accepting {
            _ = try await setup.settings.update(fields.fields, by: visit.principal)
            return .see("\(Self.path)?check=1")
        } orShowing: { problems in
            let entered = SetupContent.Entered(
                jiraURL: posted["jira_url"] ?? "", jiraEmail: posted["jira_email"] ?? "")
            return try await page(request, visit, .init(problems: problems, entered: entered))
        }
    }

    @Sendable private func register(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        return try await accepting {
            let done = try await setup.webhooks.register(FormFields(posted).fields, by: visit.principal)
            let notice = PageTexts.english(
                "setup", done.isNew ? "registered" : "repaired", ["id": done.webhook.id, "url": done.webhook.url])
            return try await page(request, visit, .init(notice: notice))
        } orShowing: {
            try await page(request, visit, .init(problems: $0))
        }
    }

    @Sendable private func testWebhook(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        return try await accepting {
            let test = try await setup.webhooks.test(by: visit.principal)
            let notice = PageTexts.english(
                "setup", test.hasArrived ? "arrived" : "lost", ["url": test.url, "detail": test.detail])
            return try await page(request, visit, .init(notice: notice))
        } orShowing: {
            try await page(request, visit, .init(problems: $0))
        }
    }

    /// For who registers the webhook in Jira by hand. The secret is in this answer alone.
    @Sendable private func makeSecret(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        _ = try await PostedForm(request, of: visit)
        return try await accepting {
            let new = try await setup.settings.addWebhookSecret(RequestFields([:]), by: visit.principal)
            return try await page(request, visit, .init(secret: new.secret))
        } orShowing: {
            try await page(request, visit, .init(problems: $0))
        }
    }

    @Sendable private func startBackfill(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("project_key", "jql")
        return try await accepting {
            let backfill = try await setup.calls.startBackfill(fields.fields, by: visit.principal)
            return .see(SetupContent.BackfillRow.path(backfill))
        } orShowing: { problems in
            let entered = SetupContent.Entered(
                jiraURL: visit.tenant.jiraURL, jiraEmail: visit.tenant.jiraEmail, project: posted["project_key"] ?? "",
                jql: posted["jql"] ?? "")
            return try await page(request, visit, .init(problems: problems, entered: entered))
        }
    }

    /// A page that is loaded again until the backfill has ended.
    @Sendable private func showBackfill(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        guard let backfill = try await setup.calls.backfill(try context.id(), for: visit.principal) else {
            throw PageError.notFound
        }
        let isRunning = backfill.state == .running
        let content = Progress(
            backfill: .init(backfill),
            sentence: PageTexts.english(
                "setup", backfill.isListed ? "progress" : "progress_listing",
                [
                    "listed": "\(backfill.listed)", "fetched": "\(backfill.fetched)",
                    "requested": "\(backfill.requested)", "unavailable": "\(backfill.unavailable)",
                ]), most: max(backfill.requested, 1),
            value: backfill.requested == 0 && !isRunning ? 1 : backfill.fetched + backfill.unavailable,
            isRunning: isRunning, isDone: backfill.state == .done, asOf: PageText.instant(now()))
        var headers: HTTPFields = [:]
        if isRunning, let refresh = HTTPField.Name("Refresh") { headers[refresh] = "\(Self.refreshSeconds)" }
        let title = PageTexts.english("setup", "backfill")
        return pages.page("backfill", content, in: .signedIn(visit, title, .setup), headers: headers)
    }

    private func page(
        _ request: Request, _ visit: Visit, _ extra: SetupContent.Extra
    ) async throws -> Response {
        let state = try await setup.state(for: visit.principal)
        let host = publicURL ?? "\(request.head.scheme ?? "http")://\(request.head.authority ?? "localhost")"
        let content = SetupContent(
            state, extra, of: visit, webhookURL: "\(host)/webhooks/jira/\(visit.tenant.id)",
            events: setup.webhookEvents, asOf: now())
        return pages.page(
            "setup", content, in: .signedIn(visit, PageTexts.english("navigation", "setup"), .setup))
    }
}
