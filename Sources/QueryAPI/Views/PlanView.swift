import Domain
import Foundation

/// A plan. A limit of null means unlimited.
struct PlanView: Encodable, Sendable {
    var id: String
    var name: Plan
    var priceMonthly: Int
    var issueAnalysesMonthly: Nullable<Int>
    var sprintAnalysesMonthly: Nullable<Int>
    var portfolioAnalysesMonthly: Nullable<Int>
    var csvExport: Bool
    var apiAccess: Bool
    var customRiskWeights: Bool
    var slackIntegration: Bool
    var createdAt: Timestamp

    init(_ plan: SubscriptionPlan) {
        self.id = plan.id.canonicalText
        self.name = plan.name
        self.priceMonthly = plan.priceMonthly
        self.issueAnalysesMonthly = Nullable(plan.limits.issue)
        self.sprintAnalysesMonthly = Nullable(plan.limits.sprint)
        self.portfolioAnalysesMonthly = Nullable(plan.limits.portfolio)
        self.csvExport = plan.features.contains(.csvExport)
        self.apiAccess = plan.features.contains(.apiAccess)
        self.customRiskWeights = plan.features.contains(.customRiskWeights)
        self.slackIntegration = plan.features.contains(.slackIntegration)
        self.createdAt = plan.createdAt
    }
}

/// Which limit of a plan is met, and what to do. Part of a failure.
struct PlanLimitView: Encodable, Sendable {
    /// The limit or the feature, by the name of the field that sets it.
    var limit: String
    /// Its value; absent for what is no number.
    var value: Int?
    /// The plan; absent where it does not matter.
    var plan: Plan?
    /// When it no longer holds; absent where time does not change it.
    var until: Timestamp?
    var remedy: String
}

/// How often something was asked for on a day.
struct UsageDayView: Encodable, Sendable {
    var day: String
    var actionType: UsageAction
    var uses: Int
    var processingTimeMs: Int

    init(_ day: UsageDay) {
        self.day = day.day
        self.actionType = day.action
        self.uses = day.uses
        self.processingTimeMs = day.processingMilliseconds
    }
}

/// As ``UsageDayView``, with the tenant.
struct TenantUsageDayView: Encodable, Sendable {
    var tenantID: TenantID
    var companyName: String
    var plan: Plan
    var day: String
    var actionType: UsageAction
    var uses: Int
    var processingTimeMs: Int

    init(_ day: TenantUsageDay) {
        self.tenantID = day.tenantID
        self.companyName = day.companyName
        self.plan = day.plan
        self.day = day.usage.day
        self.actionType = day.usage.action
        self.uses = day.usage.uses
        self.processingTimeMs = day.usage.processingMilliseconds
    }
}
