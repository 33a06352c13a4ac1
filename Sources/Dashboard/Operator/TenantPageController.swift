import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// One tenant, for the host's owner: what it has subscribed to, as a form, and what it used in a month.
struct TenantPageController: Sendable {
    var store: any DashboardStore
    var access: OperatorAccess
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Empty for "unlimited".
    private struct Limit: Sendable {
        var name: String
        var label: String
        var value: String
    }

    private struct Day: Sendable {
        var day: String
        var action: String
        var uses: Int
        var milliseconds: Int
    }

    private struct Content: Sendable {
        var company: String
        var id: String
        var site: String
        var path: String
        var formToken: String
        /// What the form began with, by which it is seen what was changed in it.
        var shownPlan: String
        var shownStatus: String
        var plans: [FormChoice]
        var states: [FormChoice]
        var trialEnds: String
        var limits: [Limit]
        var hasOwnLimits: Bool
        var features: [String]
        var problems: [FormProblem]
        var hasProblems: Bool
        var month: String
        var monthBefore: String
        var csv: String
        var days: [Day]
        var hasDays: Bool
        var asOf: String
    }

    static func path(_ id: TenantID) -> String { "\(TenantsController.path)/\(id)" }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/operator/tenants/{id}", use: show)
        group.post("/dashboard/operator/tenants/{id}", use: change)
        group.get("/dashboard/operator/tenants/{id}/usage.csv", use: download)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        return try await page(of: try await tenant(context), request, visit, problems: [])
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        _ = try context.operatorSignedIn
        let (tenant, month) = (try await tenant(context), month(request))
        let file = UsageDayCSV.records(
            of: try await store.usageDays(tenant.id, from: month.start, to: month.end))
        return .csv("usage-days", columns: file.columns, rows: file.rows)
    }

    @Sendable private func change(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.operatorSignedIn
        let posted = try await PostedForm(request, of: visit)
        let tenant = try await tenant(context)
        var principal = Principal.hostOwner(actingFor: tenant)
        principal.actor = visit.actor
        return try await accepting {
            let changed = try await access.subscriptions.change(tenant.id, Self.fields(posted), by: principal)
            guard changed != nil else { throw PageError.notFound }
            return .see(Self.path(tenant.id))
        } orShowing: { problems in
            try await page(of: tenant, request, visit, problems: problems)
        }
    }

    /// What was changed in the form: the rest may have been changed by a payment, or the end of a subscription, since the page was
    /// shown, and would be undone for good. Limits are set where the box says that the tenant has its own; an empty one is unlimited.
    private static func fields(_ posted: PostedForm) -> RequestFields {
        var fields = FormFields(posted)
        for name in ["plan", "status"] where isChanged(name, in: posted) { fields.text(name) }
        if isChanged("trial_ends_at", in: posted) {
            let end = posted["trial_ends_at"].map { $0.count == 10 ? "\($0)T23:59:59Z" : $0 }
            fields["trial_ends_at"] = end.map { FieldValue.string($0) } ?? FieldValue.null
        }
        let hasOwnLimits = posted["own_limits"] != nil
        if hasOwnLimits || isChanged("own_limits", in: posted) { fields.flag("own_limits") }
        guard hasOwnLimits else { return fields.fields }
        for action in UsageAction.allCases {
            let name = limitName(action)
            fields[name] = posted[name].map { FieldValue.string($0) } ?? FieldValue.null
        }
        return fields.fields
    }

    /// Whether a field is another one than the page showed. A form that does not say what was shown is taken as it is.
    private static func isChanged(_ name: String, in posted: PostedForm) -> Bool {
        posted.all("shown_\(name)").last.map { $0 != posted[name] ?? "" } ?? true
    }

    private static func limitName(_ action: UsageAction) -> String { "monthly_\(action.rawValue)_limit" }

    private func tenant(_ context: DashboardContext<some RequestContext>) async throws -> Tenant {
        guard let tenant = try await store.tenant(TenantID(try context.id())) else { throw PageError.notFound }
        return tenant
    }

    /// The month that the address names, else the present one.
    private func month(_ request: Request) -> CalendarMonth {
        PageQuery(request)["month"].flatMap { CalendarMonth($0) } ?? CalendarMonth(containing: now())
    }

    private func page(
        of tenant: Tenant, _ request: Request, _ visit: OperatorVisit, problems: [FormProblem]
    ) async throws -> Response {
        let month = month(request)
        let days = try await store.usageDays(tenant.id, from: month.start, to: month.end)
        let path = Self.path(tenant.id)
        let content = Content(
            company: tenant.companyName, id: tenant.id.description, site: tenant.jiraURL, path: path,
            formToken: visit.formToken, shownPlan: tenant.plan.rawValue, shownStatus: tenant.status.rawValue,
            plans: Plan.allCases.map {
                FormChoice(value: $0.rawValue, label: $0.rawValue, isChosen: $0 == tenant.plan)
            },
            states: Tenant.Status.allCases.map {
                FormChoice(value: $0.rawValue, label: $0.rawValue, isChosen: $0 == tenant.status)
            }, trialEnds: tenant.trialEndsAt?.description ?? "",
            limits: UsageAction.allCases.map { action in
                Limit(
                    name: Self.limitName(action), label: PageTexts.english("fields", Self.limitName(action)),
                    value: tenant.limits[action].map(String.init) ?? "")
            }, hasOwnLimits: tenant.hasOwnLimits,
            features: PlanFeature.allCases.filter { tenant.features.contains($0) }.map(\.words), problems: problems,
            hasProblems: !problems.isEmpty, month: month.name,
            monthBefore: "\(path)?month=\(CalendarMonth(containing: month.start.adding(days: -1)).name)",
            csv: "\(path)/usage.csv?month=\(month.name)",
            days: days.map { day in
                Day(
                    day: day.day, action: UsageController.label(of: day.action), uses: day.uses,
                    milliseconds: day.processingMilliseconds)
            }, hasDays: !days.isEmpty, asOf: PageText.instant(now()))
        return pages.page("operator-tenant", content, in: .ofOperator(visit, .tenants))
    }
}
