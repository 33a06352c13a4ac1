import Domain
import Foundation
import Testing

@testable import Queries
@testable import QueryAPI

extension ViewSamples {
    /// Failures with and without what is not in all of them.
    static var errors: ViewSamples {
        let whole = PlanLimitView(
            limit: "issue_analyses_monthly", value: 200, plan: .starter, until: testNow, remedy: "Wait.")
        let short = PlanLimitView(limit: "trial_ends_at", remedy: "Ask the operator of this host for a plan.")
        return ViewSamples(
            "Error", ErrorBody(code: "conflict", detail: "The data has changed."),
            ErrorBody(
                code: "validation_failed", detail: "The request has invalid fields.",
                errors: [FieldError(field: "name", message: "is required")]),
            ErrorBody(code: "quota_exceeded", detail: "They are used up.", planLimit: whole),
            ErrorBody(code: "trial_expired", detail: "The trial has ended.", planLimit: short))
    }

    static var plans: [ViewSamples] {
        func plan(_ plan: Plan) -> PlanView {
            PlanView(
                SubscriptionPlan(
                    id: UUID(), name: plan, priceMonthly: 49, limits: plan.limits, features: plan.features,
                    createdAt: testNow))
        }
        let day = UsageDay(day: "2026-11-24", action: .sprint, uses: 3, processingMilliseconds: 250)
        func subscription(_ tenant: Tenant, _ account: StripeAccount?) -> SubscriptionView {
            SubscriptionView(tenant, account, used: UsageCount(issue: 3, sprint: 2, portfolio: 1))
        }
        func tenant(_ plan: Plan, trialEndsAt: Timestamp?) -> Tenant {
            Tenant(
                id: TenantID(UUID()), companyName: "Acme", jiraURL: "https://acme.example",
                jiraEmail: "it@acme.example",
                plan: plan, status: .active, limits: plan.limits, dailyRatePerPerson: 2500, createdAt: testNow,
                updatedAt: testNow, trialEndsAt: trialEndsAt)
        }
        let account = StripeAccount(
            tenantID: TenantID(UUID()), customerID: "cus_1",
            subscription: StripeSubscription(
                id: "sub_1", status: .pastDue, priceIDs: ["price_1"], currentPeriodEnd: testNow, createdAt: testNow))
        return [
            ViewSamples(
                "Subscription", subscription(tenant(.starter, trialEndsAt: testNow), account),
                subscription(tenant(.enterprise, trialEndsAt: nil), nil)),
            ViewSamples("CheckoutPage", CheckoutView(checkoutURL: "https://checkout.example/1", sessionID: "cs_1")),
            ViewSamples("PortalPage", PortalView(portalURL: "https://portal.example/1")),
            ViewSamples("Plan", plan(.starter), plan(.enterprise)), ViewSamples("UsageDay", UsageDayView(day)),
            ViewSamples(
                "TenantUsageDay",
                TenantUsageDayView(
                    TenantUsageDay(tenantID: TenantID(UUID()), companyName: "Acme", plan: .growth, usage: day))),
        ]
    }
}
