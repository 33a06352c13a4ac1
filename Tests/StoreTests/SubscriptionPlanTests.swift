import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Plans as rows, and who has which.
@Suite struct SubscriptionPlanTests {
    private let start = StoreFixture.start

    private func changed(
        _ id: TenantID, _ change: SubscriptionChange, in fixture: StoreFixture
    ) async throws -> Tenant {
        try #require(
            try await fixture.store.updateTenant(
                id, TenantChanges(subscription: change), by: .operator, now: start.adding(seconds: 60)))
    }

    private func limits(issue: Int?) -> PlanLimitChanges {
        var changes = PlanLimitChanges()
        changes.set(.issue, to: issue)
        return changes
    }

    @Test func theFirstPlansAreThoseOfTheOriginalProduct() async throws {
        let fixture = try await StoreFixture()
        let plans = try await fixture.store.subscriptionPlans()
        #expect(plans.map(\.name) == [.free, .starter, .growth, .enterprise])
        #expect(plans.map(\.priceMonthly) == [0, 49, 149, 499])
        for plan in plans { #expect(plan.limits == plan.name.limits && plan.features == plan.name.features) }
    }

    @Test(arguments: Plan.allCases)
    func limitsAndFeaturesFollowThePlan(plan: Plan) async throws {
        let fixture = try await StoreFixture()
        let id = try await fixture.makeTenant()
        let tenant = try await changed(id, SubscriptionChange(plan: plan), in: fixture)
        #expect(tenant.plan == plan && tenant.limits == plan.limits && tenant.features == plan.features)
        #expect(!tenant.hasOwnLimits)
        #expect(try await fixture.store.tenant(id) == tenant)
    }

    @Test func ownLimitsStayWhenThePlanChangesUntilTheyAreCleared() async throws {
        let fixture = try await StoreFixture()
        let id = try await fixture.makeTenant()
        let own = try await changed(id, SubscriptionChange(limits: limits(issue: 7)), in: fixture)
        #expect(own.hasOwnLimits && own.limits == PlanLimits(issue: 7, sprint: 5, portfolio: 1))
        let higher = try await changed(id, SubscriptionChange(plan: .growth), in: fixture)
        #expect(higher.plan == .growth && higher.limits == own.limits && higher.features == Plan.growth.features)
        _ = try await fixture.store.updatePlan(
            .growth, SubscriptionPlanChanges(limits: limits(issue: 99)), by: .operator, now: start)
        #expect(try await fixture.store.tenant(id)?.limits == own.limits)
        let cleared = try await changed(id, SubscriptionChange(hasOwnLimits: false), in: fixture)
        #expect(cleared.limits == PlanLimits(issue: 99, sprint: 20, portfolio: 5) && !cleared.hasOwnLimits)
    }

    @Test func anUnlimitedLimitIsALimitOfItsOwn() async throws {
        let fixture = try await StoreFixture()
        let id = try await fixture.makeTenant()
        let tenant = try await changed(id, SubscriptionChange(limits: limits(issue: nil)), in: fixture)
        #expect(tenant.hasOwnLimits && tenant.limits == PlanLimits(issue: nil, sprint: 5, portfolio: 1))
    }

    @Test func aChangedPlanHoldsForItsTenantsOnEveryNodeAtOnce() async throws {
        let fixture = try await StoreFixture()
        let (id, other) = (try await fixture.makeTenant(), try await fixture.reopened())
        let mark = APIKeyMark(hash: String(repeating: "a", count: 64), prefix: nil)
        _ = try await fixture.store.replaceAPIKey(id, current: nil, mark: mark, by: .operator, now: start)
        let before = try await other.apiKeyHolder(hash: mark.hash, now: start)?.tenant
        #expect(before?.limits.issue == 200 && before?.features == [])
        let changes = SubscriptionPlanChanges(
            priceMonthly: 59, limits: limits(issue: 300), features: [.csvExport: true])
        let plan = try await fixture.store.updatePlan(.starter, changes, by: .operator, now: start)
        #expect(plan.priceMonthly == 59 && plan.features == [.csvExport])
        // What authenticates a request on the other node reads it with the key.
        let after = try await other.apiKeyHolder(hash: mark.hash, now: start)?.tenant
        #expect(after?.limits.issue == 300 && after?.features == [.csvExport])
        try other.close()
    }

    @Test func aNewTenantGetsTheLimitsThatThePlanHasNow() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.store.updatePlan(
            .starter, SubscriptionPlanChanges(limits: limits(issue: 1)), by: .operator, now: start)
        let id = TenantID(UUID())
        let tenant = Tenant(
            id: id, companyName: "acme", jiraURL: "https://acme.example", jiraEmail: "it@acme.example",
            plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500, createdAt: start,
            updatedAt: start, trialEndsAt: nil)
        try await fixture.store.createTenant(
            NewTenant(
                tenant: tenant, jiraTokenEncrypted: "sealed", apiKeyHash: "hash", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed", rules: [], followsPlan: true), by: .operator)
        #expect(try await fixture.store.tenant(id)?.limits == PlanLimits(issue: 1, sprint: 5, portfolio: 1))
    }

    @Test func everyChangeLeavesARowWithBeforeAndAfter() async throws {
        let fixture = try await StoreFixture()
        let id = try await fixture.makeTenant()
        let end = start.adding(days: 9)
        _ = try await changed(
            id, SubscriptionChange(plan: .growth, status: .active, trialEndsAt: .some(end)), in: fixture)
        let row = try #require(
            try await fixture.store.auditEntries(.tenant(id), filter: AuditFilter(), after: nil, limit: 5).items.first)
        #expect(row.action == "tenant.update" && row.actor == "operator")
        #expect(
            AuditEntry.fields(row.before) == [
                "plan": "starter", "status": "trial", "trial_ends_at": .null, "monthly_issue_limit": 200,
                "monthly_sprint_limit": 5, "monthly_portfolio_limit": 1,
            ])
        #expect(
            AuditEntry.fields(row.after) == [
                "plan": "growth", "status": "active", "trial_ends_at": .text(end.description),
                "monthly_issue_limit": .null, "monthly_sprint_limit": 20, "monthly_portfolio_limit": 5,
            ])
        for price in [60, 60] {
            _ = try await fixture.store.updatePlan(
                .starter, SubscriptionPlanChanges(priceMonthly: price), by: .operator, now: start)
        }
        let host = try await fixture.store.auditEntries(.host, filter: AuditFilter(), after: nil, limit: 5).items
        #expect(host.map(\.action) == ["plan.update"] && host.first?.objectID == "starter")
        #expect(AuditEntry.fields(host.first?.before) == ["price_monthly": 49])
        #expect(AuditEntry.fields(host.first?.after) == ["price_monthly": 60])
    }

    @Test func limitsThatWereSetBySQLBeforeAreTheTenantsOwn() async throws {
        let fixture = try await StoreFixture()
        let (own, plain) = (try await fixture.makeTenant("own"), try await fixture.makeTenant("plain"))
        try await fixture.store.driver.write { connection in
            try connection.run(
                "UPDATE tenants SET monthly_issue_limit = NULL WHERE id = ?", [.tenant(own)])
            try connection.run("DELETE FROM subscription_plans", [])
            try Migrations.subscriptionPlans.fill?(connection)
        }
        #expect(try await fixture.store.tenant(own)?.hasOwnLimits == true)
        #expect(try await fixture.store.tenant(plain)?.hasOwnLimits == false)
    }

    // MARK: Usage

    @Test func aMonthsUsageIsTheSumOfItsDays() async throws {
        let fixture = try await StoreFixture()
        let (id, other) = (try await fixture.makeTenant("acme"), try await fixture.makeTenant("other"))
        for tenant in [id, other] {
            for action in UsageAction.allCases { try await fixture.limit(tenant, action, to: nil) }
        }
        let month = CalendarMonth(containing: start)
        var generator = SeededGenerator(seed: 7)
        for number in 0..<60 {
            let at = month.start.adding(seconds: Int64(generator.next() % 2_600_000))
            let action = UsageAction.allCases[number % 3]
            let used = try await fixture.store.reserveUsage(
                number % 4 == 0 ? other : id, action: action, resourceKey: "ENG-1", in: month,
                by: .operator, now: at)
            guard number % 4 != 0, case .reserved(let used) = used else { continue }
            try await fixture.store.completeUsage(id, usageID: used, processingTimeMilliseconds: 10, by: .operator)
        }
        let days = try await fixture.store.usageDays(id, from: month.start, to: month.end)
        let whole = try await fixture.store.usage(id, from: month.start, to: month.end)
        for action in UsageAction.allCases {
            #expect(days.filter { $0.action == action }.reduce(0) { $0 + $1.uses } == whole[action])
        }
        #expect(whole.total == 45 && days.reduce(0) { $0 + $1.processingMilliseconds } == 450)
        #expect(
            days.map(\.day) == days.map(\.day).sorted()
                && Set(days.map { "\($0.day) \($0.action)" }).count == days.count)

        var (found, cursor): ([TenantUsageDay], String?) = ([], nil)
        repeat {
            let page = try await fixture.store.usageDaysOfHost(
                from: month.start, to: month.end, after: cursor, limit: 7)
            found += page.items
            cursor = page.nextCursor
        } while cursor != nil
        #expect(found.filter { $0.tenantID == id }.map(\.usage) == days)
        #expect(found.filter { $0.tenantID == other }.reduce(0) { $0 + $1.usage.uses } == 15)
        #expect(found.allSatisfy { $0.plan == .starter && ["acme", "other"].contains($0.companyName) })
    }
}
