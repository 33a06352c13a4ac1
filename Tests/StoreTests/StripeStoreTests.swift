import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Tenants as customers of Stripe, in the real store.
@Suite struct StripeStoreTests {
    private let start = StoreFixture.start

    private func begin(
        _ kind: StripeIntent.Kind, _ tenant: TenantID, in fixture: StoreFixture, parameters: String = "plan=growth",
        isResumable: Bool = true, at now: Timestamp = StoreFixture.start
    ) async throws -> StripeIntentStart? {
        try await fixture.store.beginStripeIntent(
            kind, of: tenant, parameters: parameters,
            resumableSince: isResumable ? now.adding(seconds: -3600) : nil, busySince: now.adding(seconds: -90),
            by: .apiKey("0123456789ab"), now: now)
    }

    private func intent(_ start: StripeIntentStart?) throws -> StripeIntent {
        guard case .begun(let intent) = start else { throw Unexpected("not begun: \(String(describing: start))") }
        return intent
    }

    private func makeCustomer(_ tenant: TenantID, _ id: String, in fixture: StoreFixture) async throws {
        let begun = try intent(try await begin(.customer, tenant, in: fixture))
        try await fixture.store.finishStripeIntent(begun, .customer(id), now: start)
    }

    private func event(_ id: String, of customer: String?, isRelevant: Bool = true) -> StripeEvent {
        StripeEvent(
            id: id, type: "invoice.payment_failed", customerID: customer, objectID: "in_1", createdAt: start,
            isRelevant: isRelevant)
    }

    private func claim(_ fixture: StoreFixture, at now: Timestamp) async throws -> StripeClaim? {
        try await fixture.store.claimStripeAccount(of: nil, now: now, leaseUntil: now.adding(seconds: 60))
    }

    private func fetch(_ fixture: StoreFixture, at seconds: Int64, settling: Bool = true) async throws {
        let now = start.adding(seconds: seconds)
        let claimed = try #require(try await claim(fixture, at: now), "\(seconds)")
        try await fixture.store.commit(
            StripeReading(subscription: nil), under: claimed, dueAt: now.adding(days: 1),
            intentsBefore: settling ? now.adding(seconds: -StripeIntent.busySeconds) : nil, now: now)
    }

    @Test func aTenantBecomesACustomerOnce() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        #expect(try await fixture.store.stripeAccount(tenant) == nil)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        try await makeCustomer(tenant, "cus_2", in: fixture)
        #expect(try await fixture.store.stripeAccount(tenant)?.customerID == "cus_1")
        let stored = "SELECT COUNT(*) FROM tenants WHERE stripe_customer_id = 'cus_1'"
        #expect(try await fixture.count(stored) == 1)
    }

    @Test func aCustomerIsReplacedOnlyWhereItIsStillTheOne() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        for (id, old, expected) in [("cus_2", "cus_1", "cus_2"), ("cus_3", "cus_1", "cus_2")] {
            let claimed = try await claim(fixture, at: start)
            let begun = try intent(try await begin(.customer, tenant, in: fixture, parameters: "replaces=\(old)"))
            try await store.finishStripeIntent(begun, .customer(id, replacing: old), now: start)
            #expect(try await store.stripeAccount(tenant)?.customerID == expected)
            if let claimed, id == expected {
                await #expect(throws: StorageError.self, "what is being fetched is the old customer's") {
                    try await store.giveBack(claimed, error: nil, dueAt: start, now: start)
                }
            }
        }
    }

    @Test func aCallWithoutAnOutcomeGoesOnUnderItsKey() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let first = try intent(try await begin(.upgrade, tenant, in: fixture))
        #expect(try await begin(.upgrade, tenant, in: fixture) == .begun(first))
        #expect(try await begin(.upgrade, tenant, in: fixture, parameters: "plan=enterprise") == .busy)
        #expect(try await begin(.upgrade, tenant, in: fixture, isResumable: false) == .busy)
        let later = start.adding(seconds: 91)
        let other = try intent(
            try await begin(.upgrade, tenant, in: fixture, parameters: "plan=enterprise", at: later))
        #expect(other.id != first.id)
        try await fixture.store.finishStripeIntent(other, .failed("card_declined"), now: later)
        let next = try intent(
            try await begin(.upgrade, tenant, in: fixture, parameters: "plan=enterprise", at: later))
        #expect(next.id != other.id)
        #expect(try await begin(.cancel, TenantID(UUID()), in: fixture) == nil)
    }

    @Test func callsForThePortalMayMeet() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let first = try intent(try await begin(.portal, tenant, in: fixture, isResumable: false))
        let second = try intent(try await begin(.portal, tenant, in: fixture, isResumable: false))
        #expect(first.id != second.id)
    }

    @Test func changesOfOneSubscriptionExcludeEachOther() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let upgrade = try intent(try await begin(.upgrade, tenant, in: fixture))
        #expect(try await begin(.cancel, tenant, in: fixture) == .busy)
        #expect(try await begin(.downgrade, tenant, in: fixture) == .busy)
        _ = try intent(try await begin(.portal, tenant, in: fixture))
        let later = start.adding(seconds: 91)
        let cancel = try intent(try await begin(.cancel, tenant, in: fixture, at: later))
        try await fixture.store.finishStripeIntent(cancel, .done("sub_1"), now: later)
        // The first was given up, whatever becomes of it.
        #expect(try await !fixture.store.touchStripeIntent(upgrade, now: later))
        #expect(try await !fixture.store.finishStripeIntent(upgrade, .done("sub_1"), now: later))
        // Its key is not of use any more: its outcome may have been undone.
        let again = try intent(try await begin(.upgrade, tenant, in: fixture, at: later))
        #expect(again.id != upgrade.id)
        #expect(try await fixture.store.touchStripeIntent(again, now: later))
        #expect(try await fixture.store.finishStripeIntent(again, .done("sub_1"), now: later))
    }

    /// As where the process ends after Stripe's answer, and the call is not repeated.
    @Test func aWriteWithoutAnOutcomeIsSettledSoonByAFetch() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let settled = "SELECT COUNT(*) FROM stripe_intents WHERE state = 'settled'"
        try await fetch(fixture, at: 0)
        _ = try intent(try await begin(.upgrade, tenant, in: fixture, at: start.adding(seconds: 1)))
        #expect(try await claim(fixture, at: start.adding(seconds: 91)) == nil)
        // One that comes too early to show the outcome is followed by another.
        _ = try await store.appendStripeEvent(event("evt_1", of: "cus_1"), now: start.adding(seconds: 20))
        try await fetch(fixture, at: 20)
        #expect(try await fixture.count(settled) == 0)
        #expect(try await claim(fixture, at: start.adding(seconds: 91)) == nil)
        // What cannot be read shows nothing, and is not asked for all the time.
        try await fetch(fixture, at: 92, settling: false)
        #expect(try await claim(fixture, at: start.adding(seconds: 300)) == nil)
        _ = try await store.appendStripeEvent(event("evt_2", of: "cus_1"), now: start.adding(seconds: 400))
        try await fetch(fixture, at: 400)
        #expect(try await fixture.count(settled) == 1)
        #expect(try await claim(fixture, at: start.adding(seconds: 600)) == nil)
    }

    /// It may be at its last call, whose effect no fetch of before shows.
    @Test func aWriteThatGoesOnIsSettledAfterItsLastCall() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        try await fetch(fixture, at: 0)
        let upgrade = try intent(try await begin(.upgrade, tenant, in: fixture, at: start.adding(seconds: 1)))
        #expect(try await store.touchStripeIntent(upgrade, now: start.adding(seconds: 80)))
        try await fetch(fixture, at: 92)
        #expect(try await begin(.cancel, tenant, in: fixture, at: start.adding(seconds: 93)) == .busy)
        #expect(try await claim(fixture, at: start.adding(seconds: 170)) == nil)
        try await fetch(fixture, at: 171)
        #expect(try await !store.touchStripeIntent(upgrade, now: start.adding(seconds: 171)))
        #expect(try await claim(fixture, at: start.adding(seconds: 600)) == nil)
    }

    @Test func aCallThatIsGoneOnWithLateIsUnderWayFromThenOn() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let upgrade = try intent(try await begin(.upgrade, tenant, in: fixture))
        let again = start.adding(seconds: 600)
        #expect(try await begin(.upgrade, tenant, in: fixture, at: again) == .begun(upgrade))
        #expect(try await begin(.cancel, tenant, in: fixture, at: again.adding(seconds: 90)) == .busy)
        let cancel = try intent(try await begin(.cancel, tenant, in: fixture, at: again.adding(seconds: 91)))
        #expect(cancel.kind == .cancel)
        #expect(try await !fixture.store.touchStripeIntent(upgrade, now: again.adding(seconds: 91)))
        // The key of one that began too long ago may be forgotten at Stripe.
        let late = again.adding(seconds: 3700)
        let other = try intent(try await begin(.cancel, tenant, in: fixture, at: late))
        #expect(other.id != cancel.id)
        #expect(try await begin(.cancel, tenant, in: fixture, at: late.adding(seconds: 1)) == .begun(other))
    }

    /// The clock was ahead by less than what is looked for at the start, and has been set since.
    @Test func anOpenWriteOfAClockThatWasAheadIsGivenUpInTime() async throws {
        let fixture = try await StoreFixture()
        for (ahead, isBusyAt, isFreeAt) in [(3500, 90, 91), (60, 150, 151)] as [(Int64, Int64, Int64)] {
            let tenant = try await fixture.makeTenant("ahead-\(ahead)")
            _ = try intent(try await begin(.upgrade, tenant, in: fixture, at: start.adding(seconds: ahead)))
            for seconds in [0, isBusyAt] {
                let early = try await begin(.cancel, tenant, in: fixture, at: start.adding(seconds: seconds))
                #expect(early == .busy, "\(ahead), \(seconds)")
            }
            _ = try intent(try await begin(.cancel, tenant, in: fixture, at: start.adding(seconds: isFreeAt)))
        }
    }

    @Test func aCancellationThatIsToBeCompletedIsFoundAndTakenOverOnce() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        let cancel = try intent(try await begin(.cancel, tenant, in: fixture))
        #expect(try await store.carriedOnStripeIntent(of: tenant, createdSince: start) == nil)
        let (touched, later) = (start.adding(seconds: 10), start.adding(seconds: 120))
        #expect(try await store.touchStripeIntent(cancel, isCarriedOn: true, now: touched))
        // The next call of the same write leaves it so.
        #expect(try await store.touchStripeIntent(cancel, now: touched))
        #expect(try await store.carriedOnStripeIntent(of: tenant, createdSince: start) == cancel)
        #expect(try await store.carriedOnStripeIntent(of: tenant, createdSince: touched) == nil)
        #expect(try await !store.takeOverStripeIntent(cancel, untouchedSince: touched, now: later))
        let since = later.adding(seconds: -90)
        #expect(try await store.takeOverStripeIntent(cancel, untouchedSince: since, now: later))
        #expect(try await !store.takeOverStripeIntent(cancel, untouchedSince: since, now: later))
        #expect(try await begin(.upgrade, tenant, in: fixture, at: later.adding(seconds: 90)) == .busy)
        #expect(try await store.finishStripeIntent(cancel, .done("sub_1"), now: later))
        #expect(try await store.carriedOnStripeIntent(of: tenant, createdSince: start) == nil)
        #expect(try await !store.takeOverStripeIntent(cancel, untouchedSince: later.adding(days: 1), now: later))
    }

    /// There is nothing to see to until it buys again, and then it is replaced.
    @Test func aCustomerThatIsUnknownAndPaysNothingNeedsNoAttention() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await makeCustomer(tenant, "cus_1", in: fixture)
        for status in [nil, .canceled, .incompleteExpired, .pastDue, .active] as [StripeSubscription.Status?] {
            let known = status.map { StripeSubscription(id: "sub_1", status: $0, priceIDs: [], createdAt: start) }
            let claimed = try #require(try await claim(fixture, at: start))
            try await fixture.store.commit(
                StripeReading(subscription: known, problem: .customerMissing), under: claimed, dueAt: start,
                intentsBefore: nil, now: start)
            #expect(try await fixture.store.stripeAccount(tenant)?.problem == .customerMissing)
            let expected: [StripeProblem: Int] = known?.status.isOver == false ? [.customerMissing: 1] : [:]
            let problems = try await fixture.store.stripeFigures().problems
            #expect(problems == expected, "\(String(describing: status))")
        }
    }

    @Test func nothingIsSoldWhileTheTenantIsBeingDeleted() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        for kind in [StripeIntent.Kind.customer, .checkout, .upgrade] {
            let sale = try intent(try await begin(kind, tenant, in: fixture))
            #expect(try await begin(.closing, tenant, in: fixture) == .busy)
            try await store.finishStripeIntent(sale, .failed("card_declined"), now: start)
            let closing = try intent(try await begin(.closing, tenant, in: fixture, isResumable: false))
            #expect(try await begin(kind, tenant, in: fixture) == .busy)
            #expect(try await begin(.closing, tenant, in: fixture, isResumable: false) == .busy)
            _ = try intent(try await begin(.portal, tenant, in: fixture))
            try await store.finishStripeIntent(closing, .failed("not_deleted"), now: start)
        }
        let cancel = try intent(try await begin(.cancel, tenant, in: fixture))
        _ = try intent(try await begin(.closing, tenant, in: fixture))
        try await store.finishStripeIntent(cancel, .done("sub_1"), now: start)
    }

    @Test func whatOwnersAskForIsInTheAuditLog() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for kind in StripeIntent.Kind.allCases {
            let begun = try intent(try await begin(kind, tenant, in: fixture))
            try await fixture.store.finishStripeIntent(begun, .done(nil), now: start)
        }
        for action in ["checkout", "portal", "upgrade", "downgrade", "cancel"] {
            let rows = "SELECT COUNT(*) FROM audit_log WHERE action = 'billing.\(action)'"
            #expect(try await fixture.count(rows) == 1, "\(action)")
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM audit_log WHERE action LIKE 'billing.%'") == 5)
    }

    @Test func anEventIsKeptOnceAndHasItsTenantFetched() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let claimed = try #require(try await claim(fixture, at: start))
        try await store.commit(
            StripeReading(subscription: nil), under: claimed, dueAt: start.adding(days: 1), intentsBefore: start,
            now: start)
        #expect(try await claim(fixture, at: start) == nil)

        #expect(try await store.appendStripeEvent(event("evt_1", of: "cus_1"), now: start) == .stored)
        #expect(try await store.appendStripeEvent(event("evt_1", of: "cus_1"), now: start) == .duplicate)
        #expect(try await store.appendStripeEvent(event("evt_2", of: "cus_of_others"), now: start) == .ignored)
        #expect(try await store.appendStripeEvent(event("evt_3", of: nil), now: start) == .ignored)
        #expect(
            try await store.appendStripeEvent(event("evt_4", of: "cus_1", isRelevant: false), now: start) == .ignored)
        #expect(try await store.stripeFigures().pendingEvents == 1)

        let again = try #require(try await claim(fixture, at: start))
        let subscription = StripeSubscription(
            id: "sub_1", status: .pastDue, priceIDs: ["price_1"], currentPeriodEnd: start.adding(days: 9),
            cancelAtPeriodEnd: true, createdAt: start)
        try await store.commit(
            StripeReading(subscription: subscription, pastDueSince: start, problem: .severalSubscriptions),
            under: again, dueAt: start.adding(days: 1), intentsBefore: start, now: start)
        let account = try #require(try await store.stripeAccount(tenant))
        #expect(account.subscription == subscription && account.pastDueSince == start)
        let figures = try await store.stripeFigures()
        #expect(figures.pendingEvents == 0 && figures.problems == [.severalSubscriptions: 1])
    }

    @Test func ownersGetMailOfAnOverduePaymentOnceAndNoneAfterItIsPaid() async throws {
        let fixture = try await StoreFixture()
        var store = fixture.store
        store.tellsOwners = true
        let tenant = try await fixture.makeTenant()
        try await makeCustomer(tenant, "cus_1", in: fixture)
        func mails(_ state: String) async throws -> Int {
            try await fixture.count("SELECT COUNT(*) FROM account_mails WHERE state = '\(state)'")
        }
        var overdue = StripeSubscription(
            id: "sub_1", status: .pastDue, priceIDs: ["price_1"], currentPeriodEnd: start.adding(days: 9),
            cancelAtPeriodEnd: false, createdAt: start)
        for day in 0..<2 {
            let now = start.adding(days: day)
            let claimed = try #require(try await claim(fixture, at: now))
            try await store.commit(
                StripeReading(subscription: overdue, pastDueSince: start, graceEndsAt: start.adding(days: 10)),
                under: claimed, dueAt: now.adding(days: 1), intentsBefore: start, now: now)
            #expect(try await mails("queued") == 2, "one now, and one before the grace ends")
        }
        overdue.status = .active
        let now = start.adding(days: 2)
        let claimed = try #require(try await claim(fixture, at: now))
        try await store.commit(
            StripeReading(subscription: overdue), under: claimed, dueAt: now.adding(days: 1), intentsBefore: start,
            now: now)
        #expect(try await mails("queued") == 0)
        #expect(try await mails("left_out") == 2)
    }

    @Test func whoLostTheLeaseChangesNothing() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let first = try #require(try await claim(fixture, at: start))
        let later = start.adding(seconds: 60)
        let second = try #require(try await claim(fixture, at: later))
        let bought = SubscriptionChange(plan: .growth, status: .active)
        await #expect(throws: StorageError.self) {
            _ = try await store.updateTenant(under: first, bought, now: later)
        }
        #expect(try await store.tenant(tenant)?.plan == .starter)
        #expect(try await store.updateTenant(under: second, bought, now: later)?.plan == .growth)
        await #expect(throws: StorageError.self) {
            try await store.commit(
                StripeReading(subscription: nil), under: first, dueAt: later, intentsBefore: start, now: later)
        }
        try await store.commit(
            StripeReading(subscription: nil), under: second, dueAt: later.adding(days: 1), intentsBefore: start,
            now: later)
    }

    /// The operator has suspended the tenant after the decision was made by what it was before.
    @Test func aPaymentEndsNoSuspension() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let claimed = try #require(try await claim(fixture, at: start))
        let suspended = TenantChanges(subscription: SubscriptionChange(status: .suspended))
        _ = try await store.updateTenant(tenant, suspended, by: .operator, now: start)
        let paid = SubscriptionChange(plan: .growth, status: .active)
        let changed = try await store.updateTenant(under: claimed, paid, now: start)
        #expect(changed?.status == .suspended && changed?.plan == .growth)
    }

    @Test func whoseEventsWaitComesBeforeWhomOnlyTheTimeHasMadeDue() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        for name in ["a", "b", "c"] {
            let tenant = try await fixture.makeTenant(name)
            try await makeCustomer(tenant, "cus_\(name)", in: fixture)
        }
        let later = start.adding(seconds: 60)
        _ = try await store.appendStripeEvent(event("evt_1", of: "cus_c"), now: later)
        #expect(try await claim(fixture, at: later)?.account.customerID == "cus_c")
        let rest = [try await claim(fixture, at: later), try await claim(fixture, at: later)]
        #expect(Set(rest.compactMap { $0?.account.customerID }) == ["cus_a", "cus_b"])
        #expect(try await claim(fixture, at: later) == nil)
    }

    @Test func aFailureDuringWhichAnEventCameIsTriedAgainAtOnceAndAnEndIsNoFailure() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let first = try #require(try await claim(fixture, at: start))
        _ = try await store.appendStripeEvent(event("evt_1", of: "cus_1"), now: start)
        try await store.giveBack(first, error: "timed out", dueAt: start.adding(seconds: 900), now: start)
        let second = try #require(try await claim(fixture, at: start))
        #expect(second.attempts == 1)
        // The process ends.
        try await store.giveBack(second, error: nil, dueAt: start, now: start)
        #expect(try await claim(fixture, at: start)?.attempts == 1)
    }

    /// - Parameter reading: what was fetched of the subscription of a tenant that is to be deleted.
    private func isDeleted(
        _ reading: StripeReading, sells: Bool = true, kept: Bool
    ) async throws -> Bool {
        let fixture = try await StoreFixture()
        var store = fixture.store
        store.sellsSubscriptions = sells
        let tenant = try await fixture.makeTenant()
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let claimed = try #require(try await claim(fixture, at: start))
        try await store.commit(
            reading, under: claimed, dueAt: start.adding(days: 1), intentsBefore: start, now: start)
        _ = try await store.scheduleDeletion(of: tenant, at: start, by: .operator, now: start)
        let outcome = try await store.removeExpired(RetentionPolicy(), currentModel: "", now: start) { true }
        #expect(outcome.keptTenants == (kept ? [tenant] : []))
        return try await store.tenant(tenant) == nil
    }

    @Test func aPromiseToDeleteIsKeptUnlessSomethingIsKnownToRenewItself() async throws {
        var renewing = StripeSubscription(
            id: "sub_1", status: .active, priceIDs: ["price_1"], currentPeriodEnd: start.adding(days: 9),
            createdAt: start)
        #expect(try await !isDeleted(StripeReading(subscription: renewing), kept: true))
        // Stripe does not know the customer, or is asked nothing any more.
        let missing = StripeReading(subscription: renewing, problem: .customerMissing)
        #expect(try await isDeleted(missing, kept: false))
        #expect(try await isDeleted(StripeReading(subscription: renewing), sells: false, kept: false))
        renewing.cancelAtPeriodEnd = true
        #expect(try await isDeleted(StripeReading(subscription: renewing), kept: false))
        // The other one is not stored.
        let several = StripeReading(subscription: renewing, problem: .severalSubscriptions)
        #expect(try await !isDeleted(several, kept: true))
    }

    @Test func anEventDuringAFetchHasItFetchedAgain() async throws {
        let fixture = try await StoreFixture()
        let (tenant, store) = (try await fixture.makeTenant(), fixture.store)
        try await makeCustomer(tenant, "cus_1", in: fixture)
        let claimed = try #require(try await claim(fixture, at: start))
        #expect(try await claim(fixture, at: start) == nil)
        _ = try await store.appendStripeEvent(event("evt_1", of: "cus_1"), now: start)
        try await store.commit(
            StripeReading(subscription: nil), under: claimed, dueAt: start.adding(days: 1), intentsBefore: start,
            now: start)
        #expect(try await store.stripeFigures().pendingEvents == 1)
        let again = try #require(try await claim(fixture, at: start))
        #expect(again.account.tenantID == tenant)
        await #expect(throws: StorageError.self) {
            try await store.giveBack(claimed, error: "late", dueAt: start, now: start)
        }
        try await store.giveBack(again, error: "timed out", dueAt: start.adding(seconds: 5), now: start)
        #expect(try await claim(fixture, at: start) == nil)
        #expect(try await claim(fixture, at: start.adding(seconds: 5))?.attempts == 1)
    }
}
