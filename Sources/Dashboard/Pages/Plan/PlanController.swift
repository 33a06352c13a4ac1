import Domain
import HTTPTypes
import Hummingbird
import Queries

/// The plan of the tenant, for its owners: what it has and what is used of it, and the pages of Stripe where the host sells plans.
///
/// A form answers with a link to Stripe and does not lead there itself: the policy of the pages keeps forms on this host, also by way
/// of a redirection.
struct PlanController: Sendable {
    static let path = "/dashboard/plan"

    var parts: PlanPages
    var pages: PageRenderer
    /// Nil where it is not known: then Stripe could not lead back here, and nothing is sold on the page.
    var publicURL: String?
    var currency: String
    /// Whether plans lock anything beside the monthly limits.
    var locksFeatures: Bool
    var now: @Sendable () -> Timestamp

    private struct Use: Sendable {
        var action: String
        var used: Int
        var limit: String
    }

    /// A page of Stripe that was just made.
    private struct Lead: Sendable {
        var sentence: String
        var label: String
        var url: String
    }

    private struct Content: Sendable {
        var plan: String
        var price: String?
        var status: String
        var trialEnds: String?
        var subscription: String?
        var month: String
        var uses: [Use]
        var hasOwnLimits: Bool
        var locksFeatures: Bool
        var features: [String]
        var lead: Lead?
        var plans: [FormChoice]
        var canBuy: Bool
        var hasPortal: Bool
        /// Whether the tenant could buy a plan, were it not suspended.
        var isSuspended: Bool
        var sellsNothing: Bool
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/plan/checkout", use: checkout)
        group.post("/dashboard/plan/portal", use: portal)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await page(try context.signedIn)
    }

    @Sendable private func checkout(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("plan")
        fields["success_url"] = returnAddress
        fields["cancel_url"] = returnAddress
        return try await accepting {
            let made = try await parts.calls.checkout(fields.fields, by: visit.principal)
            let lead = Lead(
                sentence: Self.words("checkout_ready", ["plan": posted["plan"] ?? ""]),
                label: Self.words("to_checkout"), url: made.url)
            return try await page(visit, lead: lead)
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    @Sendable private func portal(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        var fields = FormFields(try await PostedForm(request, of: visit))
        fields["return_url"] = returnAddress
        return try await accepting {
            let url = try await parts.calls.portal(fields.fields, by: visit.principal)
            let lead = Lead(sentence: Self.words("portal_ready"), label: Self.words("to_portal"), url: url)
            return try await page(visit, lead: lead)
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    /// Where Stripe leads back to.
    private var returnAddress: FieldValue? { publicURL.map { .string($0 + Self.path) } }

    private static func words(_ text: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("plan", text, values)
    }

    private func page(
        _ visit: Visit, lead: Lead? = nil, problems: [FormProblem] = []
    ) async throws -> Response {
        let (tenant, now) = (visit.tenant, now())
        let used = try await parts.quota.used(by: tenant, at: now)
        let account = try await parts.calls.account(for: visit.principal)
        let rows = try await parts.plans.all()
        let sells = publicURL != nil && parts.calls.isSelling
        let sold = sells ? parts.calls.plansForSale : []
        let isWithout = sells && account?.subscription.map { $0.status.isOver } ?? true
        let isSuspended = tenant.status == .suspended
        let content = Content(
            plan: tenant.plan.rawValue, price: rows.first { $0.name == tenant.plan }.map { price(of: $0) },
            status: Self.words("status_\(tenant.status.rawValue)"),
            trialEnds: tenant.status == .trial ? tenant.trialEndsAt.map { PageText.instant($0) } : nil,
            subscription: account?.subscription.map(Self.sentence), month: used.month.name,
            uses: UsageAction.allCases.map { action in
                Use(
                    action: Self.words("action_\(action.rawValue)"), used: used.count[action],
                    limit: tenant.limits[action].map(String.init) ?? Self.words("unlimited"))
            }, hasOwnLimits: tenant.hasOwnLimits, locksFeatures: locksFeatures,
            features: PlanFeature.allCases.filter { tenant.features.contains($0) }.map(\.words), lead: lead,
            plans: sold.map { plan in
                let label = rows.first { $0.name == plan }.map { "\(plan.rawValue), \(price(of: $0))" } ?? plan.rawValue
                return FormChoice(value: plan.rawValue, label: label, isChosen: plan == tenant.plan)
            }, canBuy: isWithout && !isSuspended, hasPortal: sells && account != nil,
            isSuspended: isWithout && isSuspended, sellsNothing: !sells, problems: problems,
            hasProblems: !problems.isEmpty, formToken: visit.formToken, asOf: PageText.instant(now))
        return pages.page("plan", content, in: .signedIn(visit, PageTexts.english("navigation", "plan"), .plan))
    }

    private func price(of plan: SubscriptionPlan) -> String {
        Self.words("price", ["amount": MoneyText.text(Double(plan.priceMonthly), in: currency)])
    }

    /// Its state at Stripe, and what comes at the end of what is paid.
    private static func sentence(_ subscription: StripeSubscription) -> String {
        let state = words("stripe_\(subscription.status.rawValue)")
        guard let end = subscription.currentPeriodEnd, !subscription.status.isOver else { return state }
        let next = words(
            subscription.cancelAtPeriodEnd ? "ends_at" : "renews_at", ["at": PageText.instant(end)])
        return "\(state), \(next)"
    }
}
