import Domain
import Foundation
import Testing

@testable import Billing

/// What is read of Stripe's answers, and what is sent back of them.
@Suite struct StripeObjectsTests {
    private static let periodEnd: Int64 = 1_798_000_000

    private func subscription(_ more: String) throws -> StripeSubscriptionObject {
        let text = """
            {"id": "sub_1", "livemode": false, "created": 1, "current_period_start": 1,
             "current_period_end": \(Self.periodEnd), "schedule": null, "pending_update": null,
             "items": {"data": [{"id": "si_1", "price": {"id": "price_1"}}]}, \(more)}
            """
        return try JSONDecoder().decode(StripeSubscriptionObject.self, from: Data(text.utf8))
    }

    @Test func aStateThatIsNotKnownIsNotTakenForNoSubscription() throws {
        let paused = try subscription(#""status": "paused", "cancel_at_period_end": false"#)
        #expect(try paused.subscription().status == .paused)
        let new = try subscription(#""status": "on_hold", "cancel_at_period_end": false"#)
        #expect(throws: StripeFailure.malformed) { try new.subscription() }
    }

    @Test(arguments: [(Int64(0), true), (-1, true), (1, false), (31_536_000, false)])
    func onlyADateWithinWhatIsPaidEndsASubscription(seconds: Int64, ends: Bool) throws {
        let read = try subscription(
            #""status": "active", "cancel_at_period_end": false, "cancel_at": \#(Self.periodEnd + seconds)"#
        ).subscription()
        #expect(read.cancelAtPeriodEnd == ends && read.endsAtDate == ends)
    }

    /// Stripe fills the date in for a cancellation at the end of the period.
    @Test func anEndOfThePeriodIsNoDateThatSomebodyChose() throws {
        let read = try subscription(
            #""status": "active", "cancel_at_period_end": true, "cancel_at": \#(Self.periodEnd)"#
        ).subscription()
        #expect(read.cancelAtPeriodEnd && !read.endsAtDate)
    }

    // MARK: Schedules

    private func schedule(_ text: String) throws -> StripeSchedule {
        try JSONDecoder().decode(StripeSchedule.self, from: Data(text.utf8))
    }

    @Test func aDowngradeKeepsQuantityDiscountsAndTaxes() throws {
        let schedule = try schedule(
            """
            {"id": "sub_sched_1", "livemode": false, "current_phase": {"start_date": 10, "end_date": 20}, "phases": [
                {"start_date": 0, "end_date": 10, "items": [{"price": "price_old", "quantity": 9}]},
                {"start_date": 10, "end_date": 20, "coupon": "c_1", "collection_method": null,
                 "items": [{"price": "price_growth", "quantity": 3, "tax_rates": [{"id": "txr_2"}], "discounts": []}],
                 "discounts": [{"coupon": null, "discount": "di_1", "promotion_code": null}, {"coupon": "c_2"}],
                 "default_tax_rates": [{"id": "txr_1", "object": "tax_rate"}], "default_payment_method": "pm_1",
                 "automatic_tax": {"enabled": true}}]}
            """)
        let form = try schedule.change(from: "price_growth", to: "price_starter", trialEndsAt: nil)
        let sent = Dictionary(uniqueKeysWithValues: form.pairs.map { ($0.name, $0.value) })
        for phase in ["phases[0]", "phases[1]"] {
            #expect(sent["\(phase)[items][0][quantity]"] == "3")
            #expect(sent["\(phase)[items][0][tax_rates][0]"] == "txr_2")
            #expect(sent["\(phase)[discounts][0][discount]"] == "di_1")
            #expect(sent["\(phase)[discounts][1][coupon]"] == "c_2")
            #expect(sent["\(phase)[default_tax_rates][0]"] == "txr_1")
            #expect(sent["\(phase)[automatic_tax][enabled]"] == "true")
            #expect(sent["\(phase)[default_payment_method]"] == "pm_1")
            #expect(sent["\(phase)[coupon]"] == nil && sent["\(phase)[collection_method]"] == nil)
        }
        #expect(sent["phases[0][items][0][price]"] == "price_growth")
        #expect(sent["phases[1][items][0][price]"] == "price_starter")
        #expect(sent["phases[0][start_date]"] == "10" && sent["phases[0][end_date]"] == "20")
        #expect(sent["phases[0][trial_end]"] == nil && sent["phases[1][iterations]"] == "1")
    }

    @Test func onlyAPhaseThatFollowsIsAnAgreement() throws {
        let phases = #"{"start_date": 0, "end_date": 10, "items": []}, {"start_date": 10, "end_date": 20, "items": []}"#
        for (current, changes) in [(0, true), (10, false)] {
            let read = try schedule(
                """
                {"id": "s", "livemode": false, "current_phase": {"start_date": \(current), "end_date": \(current + 10)},
                 "phases": [\(phases)]}
                """)
            #expect(read.changesLater == changes)
        }
    }

    @Test func theDigestOfAFormTellsCallsApartAndShowsNothing() {
        let (one, same) = (
            StripeForm(["url": "https://a.example/?t=secret"]), StripeForm(["url": "https://a.example/?t=secret"])
        )
        #expect(one.digest == same.digest && one.digest != StripeForm(["url": "https://a.example/"]).digest)
        #expect(!one.digest.contains("secret") && one.digest.count == 64)
    }
}
