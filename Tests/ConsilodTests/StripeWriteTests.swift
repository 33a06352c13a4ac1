import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The daemon is killed at each of its writes to Stripe: when the call was made and Stripe got nothing of it, and when Stripe has
/// carried it out and the answer has not come.
@Suite struct StripeWriteTests {

    @Test(arguments: StripeWrite.all, [false, true])
    func killedAtAWriteTheSameCallMakesItOnce(write: StripeWrite, isLost: Bool) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await write.before(story, stripe)
            try await story.killed(
                stripe, at: write.path, skip: write.skip, isLost: isLost, write.name, write.body)
            let open = try story.daemon.query("SELECT COUNT(*) FROM stripe_intents WHERE state = 'open'")
            #expect(open == [["1"]], "it was stored before it was made")
            let again = try await story.call(write.name, write.body)
            #expect(again.status == 200, "\(again.text)")
            let effects = try await stripe.state.effects
            #expect(effects == (isLost ? write.effects : write.effects.merging(write.doneAgain, uniquingKeysWith: +)))
            try await write.check(story, stripe, again)
        }
    }

    // MARK: Keys whose effect is gone

    /// A key that was used repeats its answer, which says nothing of what was done at Stripe since.
    @Test(arguments: [
        ("cancel", "{}", "/v1/subscriptions/", #""cancel_at_period_end": false"#),
        ("upgrade", #"{"plan": "enterprise"}"#, "/v1/subscriptions/", #""price": "price_growth""#),
        ("downgrade", #"{"plan": "starter"}"#, "/v1/subscription_schedules/", #""schedule": null"#),
    ])
    func aChangeThatWasUndoneAtStripeAfterAKillIsMadeAgain(
        name: String, body: String, path: String, undone: String
    ) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            try await story.isQuiet()
            try await story.killed(stripe, at: path, name, body)
            let id = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(id)", \#(undone)}"#)
            let withoutEffect = try await story.call(name, body)
            #expect(withoutEffect.isUnderWay(seconds: 5), "\(withoutEffect.text)")
            let again = try await story.call(name, body)
            #expect(again.status == 200, "\(again.text)")
            #expect(try await stripe.state.effects[name] == 2)
            let detail = try await story.detail(stripe)
            switch name {
            case "cancel": #expect(detail.cancel_at_period_end)
            case "upgrade": #expect(detail.price == "price_enterprise")
            default: #expect(detail.has_schedule && detail.price == "price_growth")
            }
        }
    }

    /// Under the same key Stripe refuses a call that says something else.
    @Test func aCompanyThatIsRenamedAfterAKillBecomesACustomer() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.killed(stripe, at: "/v1/customers", "checkout", StripeStory.checkout)
            try await story.change(#"{"company_name": "acme of today"}"#)
            let page = try await story.checkout()
            #expect(try await story.openPages(stripe) == [page.session_id])
            let customer = try #require(try await stripe.state.customers.last)
            #expect(try story.daemon.query("SELECT customer_id FROM stripe_accounts") == [[customer]])
        }
    }

    // MARK: Pages that are closed

    @Test(arguments: [false, true])
    func killedWhileItClosesAPageForADeletionTheTenantIsThereAndTheDeletionIsRepeated(isLost: Bool) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let page = try await story.checkout()
            try await story.killed(stripe, at: "/v1/checkout/sessions/", isLost: isLost) { try await story.delete() }
            let early = try await story.call("checkout", StripeStory.checkout)
            #expect(early.isUnderWay(seconds: 90), "\(early.text)")
            try story.giveUpOpenCalls()
            let deleted = try await story.delete()
            #expect(deleted.status == 200, "\(deleted.text)")
            let state = try await stripe.state
            #expect(state.sessions == [page.session_id: "expired"])
            #expect(state.effects["expire"] == 1 && state.effects["checkout"] == 1)
        }
    }

    @Test func aDeletionThatWasKilledAndIsNotRepeatedLeavesATenantThatCanBuy() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let before = try await story.checkout()
            try await story.killed(stripe, at: "/v1/checkout/sessions/") { try await story.delete() }
            try story.giveUpOpenCalls()
            let page = try await story.checkout()
            #expect(page.session_id != before.session_id)
            #expect(try await story.openPages(stripe) == [page.session_id])
        }
    }

    /// The page is made, the tenant is suspended, and the page is closed before its address is given to anyone. Where the last is
    /// lost, the page stays open until the next purchase or the deletion.
    @Test(arguments: [false, true])
    func killedWhileItClosesItsOwnPageTheNextPurchaseClosesIt(isLost: Bool) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let before = try await stripe.state.held
            try await stripe.play("hold", #"{"path": "/v1/checkout/sessions"}"#)
            async let answer = story.call("checkout", StripeStory.checkout)
            try await eventually("the page is made") { try await stripe.state.held > before }
            try await story.change(#"{"status": "suspended"}"#)
            try await stripe.play("hold", #"{"path": "/v1/checkout/sessions/", "is_lost": \#(isLost)}"#)
            try await stripe.play("release")
            try await eventually("the page is being closed") { try await stripe.state.held > before + 1 }
            try await story.die()
            var isAnswered = true
            do { _ = try await answer } catch { isAnswered = false }
            #expect(!isAnswered)
            try await story.daemon.restart()
            #expect(try await story.openPages(stripe).count == (isLost ? 1 : 0))
            let refused = try await story.call("checkout", StripeStory.checkout)
            #expect(refused.status == 403, "\(refused.text)")
            try await story.change(#"{"status": "active"}"#)
            let page = try await story.checkout()
            #expect(try await story.openPages(stripe) == [page.session_id])
            #expect(try await stripe.state.sessions.count == 2)
        }
    }
}
