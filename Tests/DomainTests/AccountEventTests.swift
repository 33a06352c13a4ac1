import Domain
import Foundation
import Testing

/// What owners are told of their subscription.
@Suite struct AccountEventTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func subscription(_ id: String, _ status: StripeSubscription.Status) -> StripeSubscription {
        StripeSubscription(id: id, status: status, priceIDs: ["price_1"], createdAt: now)
    }

    @Test func whatIsPaidIsPaidAlsoWhereAProblemIsLeft() {
        let known = StripeAccount(
            tenantID: TenantID(UUID()), customerID: "cus_1", subscription: subscription("sub_1", .pastDue),
            pastDueSince: now)
        let bought = subscription("sub_2", .active)
        let problems: [StripeProblem?] = [nil, .severalSubscriptions, .unknownPrice]
        for problem in problems {
            #expect(StripeReading(subscription: bought, problem: problem).event(after: known) == .paid)
        }
        // What could not be read changes nothing.
        let unread = StripeReading(subscription: nil, pastDueSince: now, problem: .customerMissing)
        #expect(unread.event(after: known) == nil)
        var settled = known
        settled.pastDueSince = nil
        #expect(StripeReading(subscription: bought).event(after: settled) == nil)
    }

    @Test func theEndOfAGraceIsASuspensionThatAPaymentEnds() {
        func event(_ before: Tenant.Status, _ after: Tenant.Status, _ plan: Plan = .growth) -> AccountEvent? {
            AccountEvent(from: before, to: after, plan: plan, at: now)
        }
        for before in [Tenant.Status.trial, .active] { #expect(event(before, .cancelled) == .suspended(at: now)) }
        #expect(event(.cancelled, .active) == .restored(at: now))
        #expect(event(.cancelled, .active, .free) == nil && event(.cancelled, .cancelled) == nil)
        #expect(event(.suspended, .cancelled) == nil && event(.cancelled, .suspended) == .suspended(at: now))
        #expect(event(.suspended, .active, .free) == .restored(at: now))
    }

    @Test func anotherOverdueSubscriptionIsAnotherFailure() {
        let known = StripeAccount(
            tenantID: TenantID(UUID()), customerID: "cus_1", subscription: subscription("sub_1", .pastDue),
            pastDueSince: now)
        let later = now.adding(days: 5)
        let reading = StripeReading(
            subscription: subscription("sub_2", .pastDue), pastDueSince: later, graceEndsAt: later.adding(days: 10))
        let event = reading.event(after: known)
        #expect(event?.ends == [.paymentFailed, .graceEnding])
        #expect(event?.keptOccasion == "sub_2 \(later)")
        #expect(AccountEvent.paid.keptOccasion == nil)
    }
}
