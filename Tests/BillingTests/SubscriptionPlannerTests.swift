import Domain
import Foundation
import TestSupport
import Testing

@testable import Billing

@Suite struct SubscriptionPlannerTests {
    private static let now = Timestamp(seconds: 1_796_000_000)
    private static let terms = StripeTerms(
        mode: .test,
        prices: [
            .starter: ["price_starter"], .growth: ["price_growth", "price_growth_old"], .enterprise: ["price_ent"],
        ],
        graceDays: 7)

    private func tenant(_ plan: Plan = .starter, _ status: Tenant.Status = .trial) -> Tenant {
        Tenant(
            id: TenantID(UUID()), companyName: "acme", jiraURL: "https://acme.example", jiraEmail: "it@acme.example",
            plan: plan, status: status, limits: plan.limits, dailyRatePerPerson: 2500, createdAt: Self.now,
            updatedAt: Self.now, trialEndsAt: status == .trial ? Self.now.adding(days: 3) : nil)
    }

    private func subscription(
        _ status: StripeSubscription.Status, _ price: String = "price_growth", id: String = "sub_1", created: Int64 = 0
    ) -> StripeSubscription {
        StripeSubscription(
            id: id, status: status, priceIDs: [price], itemID: "si_1", currentPeriodEnd: Self.now.adding(days: 20),
            trialEndsAt: status == .trialing ? Self.now.adding(days: 5) : nil,
            createdAt: Self.now.adding(seconds: created))
    }

    private func account(_ known: StripeSubscription? = nil, pastDueSince: Timestamp? = nil) -> StripeAccount {
        StripeAccount(
            tenantID: TenantID(UUID()), customerID: "cus_1", subscription: known, pastDueSince: pastDueSince)
    }

    private func decide(
        _ subscriptions: [StripeSubscription], known: StripeAccount? = nil, tenant: Tenant? = nil,
        now: Timestamp = SubscriptionPlannerTests.now, seenAt: Timestamp? = nil
    ) -> SubscriptionPlanner.Decision {
        SubscriptionPlanner(terms: Self.terms).decide(
            subscriptions, known: known ?? account(), tenant: tenant ?? self.tenant(), now: now,
            seenAt: seenAt ?? now)
    }

    @Test func thePlanFollowsThePrice() {
        let bought = decide([subscription(.active)])
        #expect(bought.change == SubscriptionChange(plan: .growth, status: .active, trialEndsAt: .some(nil)))
        #expect(bought.reading.problem == nil && bought.turnsAt == nil)
        #expect(decide([subscription(.active, "price_growth_old")]).change.plan == .growth)
        #expect(decide([subscription(.active)], tenant: tenant(.growth, .active)).change.isEmpty)
    }

    @Test func aTrialOfStripesIsASubscriptionAndIsLookedAtWhenItEnds() {
        let decision = decide([subscription(.trialing)])
        #expect(decision.change == SubscriptionChange(plan: .growth, status: .active, trialEndsAt: .some(nil)))
        #expect(decision.turnsAt == Self.now.adding(days: 5))
        #expect(decide([subscription(.trialing)], now: Self.now.adding(days: 5)).turnsAt == nil)
    }

    @Test func anUnknownPriceChangesNothingAndIsReported() {
        let decision = decide([subscription(.active, "price_other")])
        #expect(decision.change.isEmpty && decision.reading.problem == .unknownPrice)
        #expect(decide([subscription(.incomplete, "price_other")]).change.isEmpty)
    }

    @Test func anUnknownPriceThatIsNotPaidLocksAndKeepsThePlan() {
        for status in [StripeSubscription.Status.unpaid, .paused] {
            let decision = decide([subscription(status, "price_other")], tenant: tenant(.growth, .active))
            #expect(decision.change == SubscriptionChange(status: .cancelled), "\(status)")
            #expect(decision.reading.problem == .unknownPrice)
        }
        let overdue = subscription(.pastDue, "price_other")
        let first = decide([overdue], tenant: tenant(.growth, .active))
        #expect(first.change.isEmpty && first.turnsAt == Self.now.adding(days: 7))
        let known = account(overdue, pastDueSince: Self.now.adding(days: -7))
        let over = decide([overdue], known: known, tenant: tenant(.growth, .active))
        #expect(over.change == SubscriptionChange(status: .cancelled))
    }

    @Test func aPaymentAtAnUnknownPriceOpensWhatWasLockedForWantOfIt() {
        for status in [StripeSubscription.Status.active, .trialing] {
            let paid = decide([subscription(status, "price_other")], tenant: tenant(.growth, .cancelled))
            #expect(paid.change == SubscriptionChange(status: .active), "\(status)")
            #expect(paid.reading.problem == .unknownPrice)
        }
        // Which gives no plan to a tenant on trial, and ends no suspension.
        for status in [Tenant.Status.trial, .active, .suspended] {
            #expect(decide([subscription(.active, "price_other")], tenant: tenant(.growth, status)).change.isEmpty)
        }
    }

    @Test func anOverduePaymentKeepsThePlanForTheGrace() {
        let overdue = subscription(.pastDue)
        let first = decide([overdue], tenant: tenant(.growth, .active))
        #expect(first.change.isEmpty && first.reading.pastDueSince == Self.now)
        #expect(first.turnsAt == Self.now.adding(days: 7))
        let known = account(overdue, pastDueSince: Self.now)
        let last = decide(
            [overdue], known: known, tenant: tenant(.growth, .active),
            now: Self.now.adding(days: 7).adding(milliseconds: -1))
        #expect(last.change.isEmpty && last.reading.pastDueSince == Self.now)
        let over = decide([overdue], known: known, tenant: tenant(.growth, .active), now: Self.now.adding(days: 7))
        #expect(over.change == SubscriptionChange(status: .cancelled) && over.turnsAt == nil)
        let paid = decide([subscription(.active)], known: known, tenant: tenant(.growth, .cancelled))
        #expect(paid.change == SubscriptionChange(status: .active) && paid.reading.pastDueSince == nil)
    }

    @Test func aGraceEndsAlsoWhereStripeDoesNotKnowTheCustomerAnyMore() {
        let planner = SubscriptionPlanner(terms: Self.terms)
        let overdue = account(subscription(.pastDue), pastDueSince: Self.now)
        let tenant = tenant(.growth, .active)
        let end = Self.now.adding(days: 7)
        let over = planner.decide(without: .customerMissing, known: overdue, tenant: tenant, now: end)
        #expect(over.change == SubscriptionChange(status: .cancelled) && over.reading.problem == .customerMissing)
        #expect(over.reading.subscription == overdue.subscription && over.reading.pastDueSince == Self.now)
        let earlier = end.adding(milliseconds: -1)
        #expect(
            planner.decide(without: .customerMissing, known: overdue, tenant: tenant, now: earlier).change.isEmpty)
        #expect(planner.decide(without: .otherMode, known: overdue, tenant: tenant, now: end).change.isEmpty)
        let paid = account(subscription(.active))
        #expect(planner.decide(without: .customerMissing, known: paid, tenant: tenant, now: end).change.isEmpty)
    }

    @Test func aGraceBeginsByTheWallClockAndEndsByWhatIsCertain() {
        let (overdue, behind) = (subscription(.pastDue), Self.now.adding(days: -20))
        let first = decide([overdue], tenant: tenant(.growth, .active), now: behind, seenAt: Self.now)
        #expect(first.change.isEmpty && first.reading.pastDueSince == Self.now)
        // A wall clock that was put back gives no shorter grace.
        let back = decide([overdue], tenant: tenant(.growth, .active), seenAt: behind)
        #expect(back.reading.pastDueSince == Self.now)
        let known = account(overdue, pastDueSince: Self.now)
        let late = Self.now.adding(days: 8)
        let waits = decide([overdue], known: known, tenant: tenant(.growth, .active), now: behind, seenAt: late)
        #expect(waits.change.isEmpty)
        let over = decide([overdue], known: known, tenant: tenant(.growth, .active), now: late)
        #expect(over.change == SubscriptionChange(status: .cancelled))
    }

    /// As where the battery of the clock is empty: once it is set, the whole grace would be over.
    @Test func aGraceDoesNotBeginBeforeThePeriodThatIsNotPaidFor() {
        let (behind, periodStart) = (Self.now.adding(days: -400), Self.now.adding(seconds: -3600))
        var overdue = subscription(.pastDue)
        overdue.currentPeriodStart = periodStart
        let first = decide([overdue], tenant: tenant(.growth, .active), now: behind, seenAt: behind)
        #expect(first.change.isEmpty && first.reading.pastDueSince == periodStart)
        let known = account(overdue, pastDueSince: first.reading.pastDueSince)
        #expect(decide([overdue], known: known, tenant: tenant(.growth, .active)).change.isEmpty)
        // A later period begins no other grace.
        overdue.currentPeriodStart = Self.now.adding(days: 30)
        let later = decide([overdue], known: known, tenant: tenant(.growth, .active), now: Self.now.adding(days: 31))
        #expect(later.reading.pastDueSince == periodStart && later.change == SubscriptionChange(status: .cancelled))
    }

    @Test func whatIsNotPaidWaitsAndWhatEndedIsFree() {
        for status in [StripeSubscription.Status.unpaid, .paused] {
            let change = decide([subscription(status)], tenant: tenant(.growth, .active)).change
            #expect(change == SubscriptionChange(status: .cancelled), "\(status)")
        }
        let ended = subscription(.canceled, "price_of_old")
        #expect(decide([ended], tenant: tenant(.growth, .active)).change == SubscriptionChange(plan: .free))
        // Once: what the host's owner gives later stays.
        #expect(decide([ended], known: account(ended), tenant: tenant(.enterprise, .active)).change.isEmpty)
    }

    @Test func anEndIsCarriedOutOnceAlsoWhereAPurchaseWasNotPaidForSince() {
        let ended = subscription(.canceled)
        let tenant = tenant(.enterprise, .active)
        for status in [StripeSubscription.Status.incomplete, .incompleteExpired] {
            let tried = subscription(status, id: "sub_2", created: 60)
            let first = decide([ended, tried], known: account(ended), tenant: tenant)
            #expect(first.change.isEmpty && first.reading.subscription?.id == "sub_1", "\(status)")
            let expired = subscription(.incompleteExpired, id: "sub_2", created: 60)
            let last = decide([ended, expired], known: account(first.reading.subscription), tenant: tenant)
            #expect(last.change.isEmpty, "\(status)")
        }
    }

    @Test func nothingIsGivenBeforeAPayment() {
        #expect(decide([]).change.isEmpty)
        #expect(decide([subscription(.incomplete)]).change.isEmpty)
        #expect(decide([subscription(.incompleteExpired)]).change.isEmpty)
    }

    @Test func aSuspensionStays() {
        let change = decide([subscription(.active)], tenant: tenant(.starter, .suspended)).change
        #expect(change == SubscriptionChange(plan: .growth))
    }

    @Test func severalSubscriptionsAreReportedAndTheNewestCounts() {
        let decision = decide([
            subscription(.active, "price_starter", id: "sub_1"),
            subscription(.active, "price_ent", id: "sub_2", created: 1),
        ])
        #expect(decision.reading.problem == .severalSubscriptions && decision.change.plan == .enterprise)
        let replaced = decide([
            subscription(.canceled, "price_ent", id: "sub_2", created: 9), subscription(.active, "price_starter"),
        ])
        #expect(replaced.reading.problem == nil && replaced.reading.subscription?.id == "sub_1")
    }

    /// In whatever order Stripe lists them, and whatever was known before.
    @Test(arguments: UInt64(1)...20)
    func theOrderOfTheListDoesNotMatter(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let prices = ["price_starter", "price_growth", "price_ent", "price_other"]
        let all = (0..<Int.random(in: 1...5, using: &generator)).map { index in
            subscription(
                StripeSubscription.Status.allCases.randomElement(using: &generator) ?? .active,
                prices.randomElement(using: &generator) ?? "price_ent", id: "sub_\(index)",
                created: Int64.random(in: 0...2, using: &generator))
        }
        let known = account(all.randomElement(using: &generator), pastDueSince: Self.now.adding(days: -3))
        let tenant = tenant(.growth, .active)
        let first = decide(all, known: known, tenant: tenant)
        for _ in 0..<5 {
            #expect(decide(all.shuffled(using: &generator), known: known, tenant: tenant) == first)
        }
    }
}
