import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// What an owner sees to at Stripe without an API key: a plan is bought, means of payment and invoices are looked at. Also for a
/// tenant that is suspended or not paid for, for that is how it is paid.
///
/// The answer to a form leads to Stripe's page by a link: a form that sends the browser to another host is forbidden to pages.
struct BillingPageController: Sendable {
    static let path = "/dashboard/billing"

    var calls: BillingCalls
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp

    /// A page of Stripe's that was just made. Its address is a secret.
    private struct Link: Sendable {
        var sentence: String
        var url: String
    }

    private struct Content: Sendable {
        var plan: String
        var status: String
        /// As Stripe names it; nil without a subscription.
        var subscription: String?
        /// When it renews itself, or ends; nil where that is not known.
        var period: String?
        var link: Link?
        /// What can be bought; empty where something is.
        var plans: [FormChoice]
        var canBuy: Bool
        var hasPortal: Bool
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/billing/checkout", use: checkout)
        group.post("/dashboard/billing/portal", use: portal)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        guard calls.isSelling else { throw PageError.notFound }
        return try await page(visit)
    }

    @Sendable private func checkout(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await leading(request, try context.signedIn, "checkout") { fields, back, principal in
            fields.text("plan")
            fields["success_url"] = .string(back)
            fields["cancel_url"] = .string(back)
            return try await calls.checkout(fields.fields, by: principal).url
        }
    }

    @Sendable private func portal(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await leading(request, try context.signedIn, "portal") { fields, back, principal in
            fields["return_url"] = .string(back)
            return try await calls.portal(fields.fields, by: principal)
        }
    }

    /// Answers with a link to what `call` makes at Stripe.
    ///
    /// - Parameters:
    ///   - sentence: the text before the link.
    ///   - call: takes the fields, and where the browser comes back to.
    private func leading(
        _ request: Request, _ visit: Visit, _ sentence: String,
        _ call: (inout FormFields, String, Principal) async throws -> String
    ) async throws -> Response {
        guard calls.isSelling else { throw PageError.notFound }
        var fields = FormFields(try await PostedForm(request, of: visit))
        return try await accepting {
            guard let publicURL else { return try await page(visit, problems: [Self.noAddress]) }
            let url = try await call(&fields, publicURL + Self.path, visit.principal)
            return try await page(visit, link: Link(sentence: Self.words("to_\(sentence)"), url: url))
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    private static func words(_ text: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("billing", text, values)
    }

    private static var noAddress: FormProblem { FormProblem(text: words("no_address")) }

    private func page(_ visit: Visit, link: Link? = nil, problems: [FormProblem] = []) async throws -> Response {
        let account = try await calls.account(for: visit.principal)
        let subscription = account?.subscription
        let isBought = subscription.map { !$0.status.isOver } ?? false
        let plans = isBought || visit.tenant.status == .suspended ? [] : calls.plansForSale
        let period = subscription.flatMap { subscription in
            subscription.currentPeriodEnd.map {
                Self.words(subscription.cancelAtPeriodEnd ? "ends_at" : "renews_at", ["at": PageText.instant($0)])
            }
        }
        let content = Content(
            plan: visit.tenant.plan.rawValue, status: visit.tenant.status.rawValue,
            subscription: isBought ? subscription?.status.rawValue : nil, period: isBought ? period : nil, link: link,
            plans: plans.map { FormChoice(value: $0.rawValue, label: $0.rawValue, isChosen: $0 == visit.tenant.plan) },
            canBuy: !plans.isEmpty && link == nil, hasPortal: account != nil && link == nil, problems: problems,
            hasProblems: !problems.isEmpty, formToken: visit.formToken, asOf: PageText.instant(now()))
        return pages.page("billing", content, in: .signedIn(visit, Self.words("heading"), .billing))
    }
}
