import Domain
import HTTPTypes
import Queries

extension APIError {
    /// The answer where a plan, a trial or a subscription stands in the way: which limit, until when, and what to do.
    ///
    /// - Parameter sells: whether owners can buy plans by themselves.
    init(ofPlan error: QueryError, sells: Bool) {
        switch error {
        case .trialExpired(let end):
            let remedy =
                sells
                ? "Buy a plan on the page /dashboard/plan, or with POST /api/billing/checkout."
                : "Ask the operator of this host for a plan."
            self.init(
                .trialExpired, "The trial ended at \(end). \(remedy)",
                planLimit: PlanLimitView(limit: "trial_ends_at", remedy: remedy))
        case .cancelled(let plan):
            let remedy =
                sells
                ? "See to its payment on the page /dashboard/plan, or with POST /api/billing/portal."
                : "Ask the operator of this host to renew it."
            self.init(
                .subscriptionCancelled,
                "The subscription of this account was cancelled\(sells ? ", or is not paid for" : ""). \(remedy)",
                planLimit: PlanLimitView(limit: "status", plan: plan, remedy: remedy))
        case .planLacks(let feature, let plan):
            let remedy =
                sells
                ? Self.purchase(of: "a plan that has it")
                : "Ask the operator of this host for a plan that has it."
            self.init(
                .planFeatureMissing, "The plan '\(plan.rawValue)' has no \(feature.words). \(remedy)",
                planLimit: PlanLimitView(limit: feature.rawValue, plan: plan, remedy: remedy))
        case .ownersFields(let fields):
            self.init(
                .adminRequired, "Only the operator of this host changes \(fields.joined(separator: ", ")).",
                fieldErrors: fields.map { FieldError(field: $0, message: "is changed by the operator of this host") })
        case .quotaExceeded(let action, 0, let plan, _, _):
            // The next month has none either.
            let remedy =
                sells
                ? Self.purchase(of: "a plan that has them")
                : "Ask the operator of this host for a plan that has them."
            self.init(
                .planFeatureMissing,
                "This account (plan '\(plan.rawValue)') has no \(action.rawValue) analyses. \(remedy)",
                planLimit: PlanLimitView(
                    limit: "\(action.rawValue)_analyses_monthly", value: 0, plan: plan, remedy: remedy))
        case .quotaExceeded(let action, let limit, let plan, let nextMonthAt, let retryAfterSeconds):
            let remedy =
                sells
                ? "Wait until the next month. \(Self.purchase(of: "a plan with a higher limit"))"
                : "Wait until the next month, or ask the operator of this host for a higher limit."
            self.init(
                .quotaExceeded,
                """
                This month's \(action.rawValue) analyses are used up (\(limit), plan '\(plan.rawValue)'); the next month \
                starts at \(nextMonthAt).
                """,
                planLimit: PlanLimitView(
                    limit: "\(action.rawValue)_analyses_monthly", value: limit, plan: plan, until: nextMonthAt,
                    remedy: remedy), headers: [.retryAfter: "\(retryAfterSeconds)"])
        default: self.init(.internal, "Internal error.")
        }
    }

    /// How owners get another plan. Who has no subscription, as in a trial, has nothing to change.
    private static func purchase(of plan: String) -> String {
        "Buy \(plan) on the page /dashboard/plan, or with POST /api/billing/checkout; where there is a subscription, change it with "
            + "POST /api/billing/upgrade."
    }
}
