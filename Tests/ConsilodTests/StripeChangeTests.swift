import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Changes of a subscription that meet other ones, and subscriptions that were not made here.
@Suite struct StripeChangeTests {
    private func with(_ body: (StripeStory, StripeStandIn) async throws -> Void) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            try await story.isQuiet()
            try await body(story, stripe)
        }
    }

    // MARK: Changes that meet

    @Test func aChangeThatWasDecidedBeforeAnotherWasMadeIsNotMade() async throws {
        try await with { story, stripe in
            let late = try await story.during(
                stripe, "downgrade", #"{"plan": "starter"}"#, at: "/v1/subscriptions"
            ) {
                let upgrade = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
                #expect(upgrade.status == 200, "\(upgrade.text)")
            }
            #expect(late.isUnderWay(), "\(late.text)")
            let detail = try await story.detail(stripe)
            #expect(detail.price == "price_enterprise" && !detail.has_schedule)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            #expect(try await story.detail(stripe).price == "price_enterprise")
        }
    }

    @Test func anUpgradeThatHasNotSeenACancellationDoesNotLeaveItStanding() async throws {
        try await with { story, stripe in
            let late = try await story.during(
                stripe, "upgrade", #"{"plan": "enterprise"}"#, at: "/v1/subscriptions"
            ) {
                let cancel = try await story.call("cancel")
                #expect(cancel.status == 200, "\(cancel.text)")
            }
            #expect(late.isUnderWay(), "\(late.text)")
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
            let detail = try await story.detail(stripe)
            #expect(detail.price == "price_enterprise" && !detail.cancel_at_period_end)
        }
    }

    /// As where the node that made the first call was stopped for longer than any call takes.
    @Test func aChangeThatWasGivenUpWritesNothing() async throws {
        try await with { story, stripe in
            let late = try await story.during(
                stripe, "upgrade", #"{"plan": "enterprise"}"#, at: "/v1/subscriptions", skip: 1
            ) {
                try story.giveUpOpenCalls()
                #expect(try await story.call("cancel").status == 200)
            }
            #expect(late.isUnderWay(), "\(late.text)")
            #expect(try await stripe.state.effects["upgrade"] == nil)
            #expect(try await story.detail(stripe).cancel_at_period_end)
        }
    }

    /// As after an outage: the call is repeated long after it began, and is writing when another one comes.
    @Test func aCallThatIsRepeatedLateIsNotMetByAnother() async throws {
        try await with { story, stripe in
            let toEnterprise = #"{"plan": "enterprise"}"#
            try await story.killed(stripe, at: "/v1/subscriptions/", isLost: true, "upgrade", toEnterprise)
            try story.giveUpOpenCalls()
            let upgrade = try await story.during(
                stripe, "upgrade", toEnterprise, at: "/v1/subscriptions/", method: "POST"
            ) {
                let cancel = try await story.call("cancel")
                #expect(cancel.status == 409 && cancel.headers.first(name: "retry-after") == "90", "\(cancel.text)")
            }
            #expect(upgrade.status == 200, "\(upgrade.text)")
            let effects = try await stripe.state.effects
            #expect(effects["upgrade"] == 1 && effects["cancel"] == nil)
        }
    }

    // MARK: What was agreed on

    @Test func anUpgradeLeavesADowngradeThatWasAgreedOn() async throws {
        try await with { story, stripe in
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            try await stripe.play("settings", #"{"declines": true}"#)
            let refused = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
            #expect(refused.status == 409 && refused.text.contains("the present plan"), "\(refused.text)")
            #expect(try await story.detail(stripe).has_schedule)
            try await stripe.play("settings", #"{"declines": false}"#)
            #expect(try await story.call("upgrade", #"{"plan": "growth"}"#).status == 200)
            #expect(try await !story.detail(stripe).has_schedule)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
        }
    }

    @Test func aDowngradeKeepsQuantityDiscountAndTax() async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            try await stripe.play(
                "subscription",
                #"{"id": "\#(id)", "quantity": 3, "discounts": ["di_1"], "default_tax_rates": ["txr_1"]}"#)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            for price in ["price_growth", "price_starter"] {
                let detail = try await story.detail(stripe)
                #expect(detail.price == price && detail.quantity == 3)
                #expect(detail.discounts == ["di_1"] && detail.default_tax_rates == ["txr_1"])
                try await stripe.play("renew", #"{"id": "\#(id)"}"#)
            }
        }
    }

    @Test func anAddOnIsNotTakenForThePlan() async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            let items = ["price_other", "price_growth"].enumerated().map { index, price in
                #"{"id": "si_\#(index)", "price": {"id": "\#(price)"}, "quantity": 1}"#
            }
            try await stripe.play(
                "subscription",
                #"{"id": "\#(id)", "items": {"object": "list", "has_more": false, "data": [\#(items.joined(separator: ", "))]}}"#
            )
            for (name, plan) in [("upgrade", "enterprise"), ("downgrade", "starter")] {
                let answer = try await story.call(name, #"{"plan": "\#(plan)"}"#)
                #expect(answer.status == 422 && answer.text.contains("several_items"), "\(answer.text)")
            }
            #expect(try await story.detail(stripe).prices == ["price_other", "price_growth"])
            // Which of them ends is no question.
            #expect(try await story.call("cancel").status == 200)
        }
    }

    @Test func aDowngradeDoesNotTakeAnEndBack() async throws {
        try await with { story, stripe in
            #expect(try await story.call("cancel").status == 200)
            let refused = try await story.call("downgrade", #"{"plan": "starter"}"#)
            #expect(refused.status == 409 && refused.text.contains("the present plan"), "\(refused.text)")
            let detail = try await story.detail(stripe)
            #expect(detail.cancel_at_period_end && !detail.has_schedule)
            #expect(try await story.call("upgrade", #"{"plan": "growth"}"#).status == 200)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            #expect(try await story.detail(stripe).has_schedule)
        }
    }

    // MARK: Payments

    /// Stripe would take the subscription as paid once the small difference is.
    @Test(arguments: ["past_due", "unpaid"])
    func anUpgradeWaitsUntilWhatIsOverdueIsPaid(status: String) async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(id)", "status": "\#(status)"}"#)
            let refused = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
            #expect(refused.status == 422 && refused.text.contains("payment_overdue"), "\(refused.text)")
            #expect(refused.text.contains("/api/billing/portal"), "\(refused.text)")
            #expect(try await stripe.state.effects["upgrade"] == nil)
            try await stripe.play("subscription", #"{"id": "\#(id)", "status": "active"}"#)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
        }
    }

    @Test func aDowngradeWaitsForAChangeThatIsNotPaidForYet() async throws {
        try await with { story, stripe in
            try await stripe.play("settings", #"{"declines": true}"#)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 422)
            let refused = try await story.call("downgrade", #"{"plan": "starter"}"#)
            #expect(refused.status == 422 && refused.text.contains("payment_pending"), "\(refused.text)")
            #expect(try await !story.detail(stripe).has_schedule)
            try await stripe.play("settings", #"{"declines": false}"#)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
        }
    }

    /// No plan is above or below a price that is not configured.
    @Test func aPlanThatIsNotKnownIsNotChanged() async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(id)", "price": "price_other"}"#)
            for (name, plan) in [("upgrade", "enterprise"), ("downgrade", "starter")] {
                let refused = try await story.call(name, #"{"plan": "\#(plan)"}"#)
                #expect(refused.status == 422 && refused.text.contains("unknown_price"), "\(refused.text)")
            }
            #expect(try await story.detail(stripe).price == "price_other")
            #expect(try await story.call("cancel").status == 200)
        }
    }

    // MARK: Ends

    @Test func aSubscriptionThatEndsInAYearIsStillCancelled() async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            let date = Int64(Date().timeIntervalSince1970) + 365 * 86_400
            try await stripe.play("subscription", #"{"id": "\#(id)", "cancel_at": \#(date)}"#)
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            let renews = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
            #expect(renews.status == 409 && renews.text.contains("already_subscribed"), "\(renews.text)")
            #expect(try await story.call("cancel").status == 200)
            #expect(try await story.detail(stripe).cancel_at_period_end)
        }
    }

    @Test func anEndAtOnceThatIsRepeatedEndsNothingElse() async throws {
        try await with { story, stripe in
            let (atOnce, first) = (#"{"at_period_end": false}"#, try await story.subscriptionID(stripe))
            let customer = try #require(try await stripe.state.customers.first)
            try await stripe.play("subscribe", #"{"customer": "\#(customer)", "price": "price_starter"}"#)
            let several = try await story.call("cancel", atOnce)
            #expect(several.status == 422 && several.text.contains("several_subscriptions"), "\(several.text)")
            let other = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(other)", "status": "canceled"}"#)
            for _ in 0..<2 {
                let ended = try await story.call("cancel", atOnce)
                #expect(ended.status == 200, "\(ended.text)")
                try story.giveUpOpenCalls()
            }
            #expect(try await stripe.state.effects["end"] == 1)
            #expect(try await stripe.state.details[first]?.status == "canceled")
            try await story.becomes("free")
            #expect(try await story.call("cancel").text.contains("not_subscribed"))
        }
    }

    @Test func aStateThatStripeMadeUpSinceIsNotTakenForNoSubscription() async throws {
        try await with { story, stripe in
            let id = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(id)", "status": "on_hold"}"#)
            let checkout = try await story.call("checkout", StripeStory.checkout)
            #expect(checkout.status == 503, "\(checkout.text)")
            #expect(try await stripe.state.effects["checkout"] == 1)
        }
    }

    // MARK: Purchases that meet

    private static let other = StripeStory.checkout.replacing("growth", with: "starter")

    @Test func aPurchaseThatWasGivenUpMakesNoPage() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            // A customer, so that the next call is the purchase itself.
            let before = try await story.checkout()
            try await story.isQuiet()
            var page: StripeStory.Page?
            let late = try await story.during(
                stripe, "checkout", StripeStory.checkout.replacing("/no", with: "/other"),
                at: "/v1/subscriptions"
            ) {
                try story.giveUpOpenCalls()
                page = try await story.checkout(Self.other)
            }
            #expect(late.isUnderWay(), "\(late.text)")
            let open = try await stripe.state.sessions.filter { $0.value == "open" }.map(\.key)
            #expect(open == [page?.session_id] && page?.session_id != before.session_id)
        }
    }

    @Test func aPageThatIsMadeAfterItsCallWasGivenUpIsClosed() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let before = try await story.checkout()
            try await story.isQuiet()
            let late = try await story.during(
                stripe, "checkout", Self.other, at: "/v1/checkout/sessions", method: "POST", skip: 1
            ) {
                try story.giveUpOpenCalls()
                try story.fetch()
                try await eventually("a fetch has settled it") {
                    try story.daemon.query("SELECT COUNT(*) FROM stripe_intents WHERE state = 'open'") == [["0"]]
                }
            }
            #expect(late.isUnderWay(), "\(late.text)")
            let sessions = try await stripe.state.sessions
            #expect(sessions.count == 2 && sessions[before.session_id] == "expired")
            #expect(sessions.values.allSatisfy { $0 == "expired" })
        }
    }

    /// While another fetch is under way Stripe cannot be asked what has ended, and the tenant would keep its plan for nothing.
    @Test func aDeletedCustomerIsReplacedOnceWhatItHadBoughtHasEnded() async throws {
        try await with { story, stripe in
            let customer = try #require(try await stripe.state.customers.first)
            try await stripe.play("delete", #"{"customer": "\#(customer)"}"#)
            try story.daemon.execute(
                "UPDATE stripe_accounts SET lease_token = 'another', leased_until = '2099-01-01T00:00:00.000Z'")
            let early = try await story.call("checkout", StripeStory.checkout)
            #expect(early.isUnderWay(), "\(early.text)")
            #expect(try await stripe.state.effects["customer"] == 1)
            try story.daemon.execute("UPDATE stripe_accounts SET lease_token = NULL, leased_until = NULL")
            let page = try await story.checkout()
            #expect(try await story.subscription.plan == "free")
            #expect(try await story.openPages(stripe) == [page.session_id])
            #expect(try await stripe.state.effects["customer"] == 2)
        }
    }

    /// Both have seen that no page is open, as on two nodes.
    @Test func aPageThatTheSameCallHasGivenOutIsNotClosedByTheOther() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            // A customer, so that the calls are the purchase itself.
            let earlier = try await story.checkout(Self.other)
            try await story.isQuiet()
            let before = try await stripe.state.held
            try await stripe.play("hold", #"{"path": "/v1/subscriptions", "method": "GET"}"#)
            async let first = story.call("checkout", StripeStory.checkout)
            try await eventually("the first has closed all pages") { try await stripe.state.held > before }
            #expect(try await stripe.state.sessions == [earlier.session_id: "expired"])
            try await stripe.play("hold", #"{"path": "/v1/checkout/sessions"}"#)
            async let second = story.call("checkout", StripeStory.checkout)
            try await eventually("the second has made a page") { try await stripe.state.held > before + 1 }
            try await stripe.play("release")
            let answers = try await [first, second]
            let pages = try answers.filter { $0.status == 200 }.map { try $0.json(StripeStory.Page.self).session_id }
            #expect(!pages.isEmpty && answers.allSatisfy { $0.status == 200 || $0.isUnderWay() })
            #expect(try await story.openPages(stripe) == Array(Set(pages)))
            #expect(try await stripe.state.effects["checkout"] == 2)
        }
    }

    @Test func aCustomerThatIsStoredNowhereBuysNothing() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            let late = try await story.during(
                stripe, "checkout", StripeStory.checkout, at: "/v1/customers", method: "POST"
            ) {
                try story.giveUpOpenCalls()
                let deleted = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
                #expect(deleted.status == 200, "\(deleted.text)")
            }
            #expect(late.isUnderWay(), "\(late.text)")
            #expect(try await stripe.state.effects["checkout"] == nil)
        }
    }

    /// Its customer is being made under the name of before.
    @Test func aTenantThatIsRenamedBuysAllTheSame() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let late = try await story.during(
                stripe, "checkout", StripeStory.checkout, at: "/v1/customers", method: "POST"
            ) {
                let renamed = try await story.daemon.request(
                    .put, "/api/tenants/\(story.tenant.id)", token: DaemonProcess.adminToken,
                    body: #"{"company_name": "renamed"}"#)
                #expect(renamed.status == 200, "\(renamed.text)")
                let page = try await story.call("checkout", StripeStory.checkout)
                #expect(page.status == 200, "\(page.text)")
            }
            // It is the page of the customer that was stored.
            #expect(late.status == 200, "\(late.text)")
            #expect(try await stripe.state.effects["checkout"] == 1)
        }
    }

    @Test func addressesOfTheCallersPagesAreNotStored() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let secret = "https://app.example.com/ok?token=of-the-caller"
            _ = try await story.checkout(
                #"{"plan": "growth", "success_url": "\#(secret)", "cancel_url": "https://app.example.com/no"}"#)
            #expect(try await story.call("portal", #"{"return_url": "\#(secret)"}"#).status == 200)
            let stored = try story.daemon.query("SELECT kind, parameters FROM stripe_intents")
            #expect(Set(stored.map { $0[0] }).isSuperset(of: ["customer", "checkout", "portal"]), "\(stored)")
            #expect(!stored.contains { $0[1].contains("of-the-caller") || $0[1].contains("http") }, "\(stored)")
        }
    }
}
