import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Subscriptions at Stripe, by the real program and a stand-in for Stripe's API.
@Suite struct StripeTests {
    private func with(_ body: (StripeStory, StripeStandIn) async throws -> Void) async throws {
        try await StripeStandIn.running { stripe in
            try await body(try await StripeStory.started(stripe.url), stripe)
        }
    }

    @Test func aTenantBuysChangesAndEndsItsSubscription() async throws {
        try await with { story, stripe in
            let before = try await story.subscription
            #expect(before.plan == "starter" && before.status == "trial" && before.subscription_status == nil)
            #expect(before.monthly_issue_limit == 200 && before.monthly_issue_used == 0)
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            #expect(try await story.subscription.subscription_status == "active")

            let up = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
            #expect(up.status == 200, "\(up.text)")
            #expect(try up.json(StripeStory.Subscription.self).plan == "enterprise")
            #expect(try await story.call("upgrade", #"{"plan": "growth"}"#).status == 422)
            let down = try await story.call("downgrade", #"{"plan": "starter"}"#)
            #expect(try down.json(StripeStory.Subscription.self).plan == "enterprise", "\(down.text)")
            try await story.send(try await stripe.play("renew", #"{"id": "\#(id)"}"#))
            try await story.becomes("starter")

            let portal = try await story.call("portal", #"{"return_url": "https://app.example.com/"}"#)
            #expect(portal.status == 200 && portal.text.contains(#""portal_url":"https://billing.stripe.example/"#))
            let end = try await story.call("cancel")
            #expect(try end.json(StripeStory.Subscription.self).cancel_at_period_end)
            #expect(try await story.subscription.plan == "starter")
            try await story.send(try await stripe.play("renew", #"{"id": "\#(id)"}"#))
            try await story.becomes("free")
            let row = try story.daemon.query("SELECT plan, stripe_subscription_id FROM tenants")
            #expect(row == [["free", id]])
            let actors = try story.daemon.query(
                "SELECT COUNT(*) FROM audit_log WHERE actor = 'system:stripe' AND action = 'tenant.update'")
            #expect(actors == [["4"]])
        }
    }

    @Test func aFailedPaymentIsGivenGraceThenLocksAndThenRestores() async throws {
        try await with { story, stripe in
            try await story.bought(stripe, "enterprise")
            let id = try await story.subscriptionID(stripe)
            let failed = #"{"id": "\#(id)", "status": "past_due", "event": "invoice.payment_failed"}"#
            try await story.send(try await stripe.play("subscription", failed))
            try await eventually("it is overdue") {
                try await story.subscription.subscription_status == "past_due"
            }
            #expect(try await story.subscription.status == "active")
            #expect(try await story.daemon.request(.get, "/api/issues", token: story.tenant.api_key).status == 200)
            try story.daemon.execute("UPDATE stripe_accounts SET past_due_since = '2020-01-01T00:00:00.000Z'")
            try story.fetch()
            try await story.becomes("enterprise", "cancelled")
            #expect(try await story.daemon.request(.get, "/api/issues", token: story.tenant.api_key).status == 402)
            // Who cannot pay must be able to.
            let portal = try await story.daemon.request(
                .post, "/api/billing/portal", token: story.tenant.api_key,
                body: #"{"return_url": "https://app.example.com/"}"#)
            #expect(portal.status == 200)
            let paid = #"{"id": "\#(id)", "status": "active", "event": "invoice.payment_succeeded"}"#
            try await story.send(try await stripe.play("subscription", paid), path: "/api/webhooks/stripe")
            try await story.becomes("enterprise")
        }
    }

    /// The kinds of events that the original acts on.
    private static let kinds = [
        "checkout.session.completed", "customer.subscription.updated", "customer.subscription.deleted",
        "invoice.payment_succeeded", "invoice.payment_failed",
    ]

    /// All kinds, shuffled, about a random history; each comes twice, in any order, some while the history goes on. No periodic
    /// fetch is needed: what the events make due is enough. Where none comes the next periodic one heals it.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func eventsInAnyOrderEndInThePlanOfTheSubscription(seed: UInt64) async throws {
        try await with { story, stripe in
            var generator = SeededGenerator(seed: seed)
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            for round in 0..<3 {
                var (waiting, price, status): ([String], String, String) = ([], "", "")
                for kind in Self.kinds.shuffled(using: &generator) {
                    price = ["starter", "growth", "enterprise"].randomElement(using: &generator) ?? "growth"
                    status = ["active", "past_due", "unpaid"].randomElement(using: &generator) ?? "active"
                    let change =
                        #"{"id": "\#(id)", "price": "price_\#(price)", "status": "\#(status)", "event": "\#(kind)"}"#
                    let event = try await stripe.play("subscription", change)
                    waiting += [event, event]
                    waiting.shuffle(using: &generator)
                    if round < 2, Bool.random(using: &generator), let early = waiting.popLast() {
                        #expect(try await story.send(early).status == 200)
                    }
                }
                if round < 2 {
                    for event in waiting { #expect(try await story.send(event).status == 200) }
                } else {
                    try story.fetch()
                }
                try await eventually("all that is due is fetched") {
                    try story.daemon.query("SELECT COUNT(*) FROM stripe_events WHERE state = 'pending'") == [["0"]]
                }
                try await story.isQuiet()
                let found = try await story.subscription
                #expect(found.plan == price && found.subscription_status == status)
                #expect(found.status == (status == "unpaid" ? "cancelled" : "active"))
            }
            try await story.send(
                try await stripe.play(
                    "subscription",
                    #"{"id": "\#(id)", "status": "canceled", "event": "customer.subscription.deleted"}"#))
            try await story.becomes("free")
        }
    }

    /// The client of the original reads these names.
    @Test func theSubscriptionHasEveryFieldOfTheOriginal() async throws {
        try await with { story, _ in
            let answer = try await story.call("subscription", method: .get)
            let object = try #require(try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
            let counters = ["issue", "sprint", "portfolio"].flatMap { ["monthly_\($0)_used", "monthly_\($0)_limit"] }
            #expect(
                Set(object.keys)
                    == Set(
                        counters + [
                            "plan", "status", "trial_ends_at", "subscription_status", "current_period_end",
                            "cancel_at_period_end",
                        ]))
            let found = try await story.subscription
            #expect(found.monthly_sprint_limit == 5 && found.monthly_portfolio_limit == 1)
            #expect(found.monthly_sprint_used == 0 && found.monthly_portfolio_used == 0)
            #expect(found.trial_ends_at != nil)
        }
    }

    @Test func anEventIsTakenOnceAndOnlyFromStripe() async throws {
        try await with { story, stripe in
            let page = try await story.checkout()
            let event = try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#)
            #expect(try await story.send(event).text == #"{"status":"stored"}"#)
            #expect(try await story.send(event).text == #"{"status":"duplicate"}"#)
            try await story.becomes("growth")
            let late = try await story.send(event, at: -310)
            #expect(late.status == 400 && late.text.contains("outside_tolerance"))
            #expect(try await story.send(event, at: 310).status == 400)
            let unsigned = try await story.daemon.request(.post, "/webhooks/stripe", body: event)
            #expect(unsigned.status == 400 && unsigned.text.contains("invalid_signature"))
            let live = try await story.send(event.replacing(#""livemode": false"#, with: #""livemode": true"#))
            #expect(live.status == 400 && live.text.contains("mode_mismatch"))
            let stranger = event.replacing("cus_", with: "cus_of_others_").replacing("evt_", with: "evt_other_")
            #expect(try await story.send(stranger).text == #"{"status":"ignored"}"#)
            let metrics = try await story.daemon.request(.get, "/metrics", token: DaemonProcess.adminToken).text
            #expect(metrics.contains(#"consilod_stripe_events_total{outcome="mode_mismatch"}"#))
        }
    }

    @Test func anUnknownPriceChangesNothingAndIsReported() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            try await story.send(
                try await stripe.play("subscription", #"{"id": "\#(id)", "price": "price_other"}"#))
            try await eventually("it is reported") {
                let health = try await story.daemon.health().components["stripe_sync"]
                return health?.status == "degraded" && health?.detail.contains("unknown_price") == true
            }
            #expect(try await story.subscription.plan == "growth")
            #expect(
                !story.daemon.log.contains("sk_test_of_the_tests") && !story.daemon.log.contains(StripeStory.secret))
        }
    }

    @Test func aSecondPurchaseIsRefusedAndAnOpenPageIsClosed() async throws {
        try await with { story, stripe in
            let first = try await story.checkout()
            #expect(try await story.checkout().session_id == first.session_id)
            let second = try await story.checkout(StripeStory.checkout.replacing("growth", with: "starter"))
            #expect(try await stripe.state.sessions == [first.session_id: "expired", second.session_id: "open"])
            // Paid for at Stripe, and no event has come.
            try await stripe.play("pay", #"{"session": "\#(second.session_id)"}"#)
            let third = try await story.call("checkout", StripeStory.checkout)
            #expect(third.status == 409 && third.text.contains("already_subscribed"), "\(third.text)")
            #expect(try await stripe.state.effects["subscription"] == 1)
        }
    }

    @Test func aTenantThatGoesOnPayingIsNotDeleted() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            let refused = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
            #expect(refused.status == 409 && refused.text.contains("/api/billing/cancel"), "\(refused.text)")
            #expect(try await story.call("cancel").status == 200)
            #expect(try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken).status == 200)
        }
    }

    /// A page of the portal that is open could renew it, and nothing would know whose it is.
    @Test func aTenantThatIsGoneAtOnceHasNoSubscriptionLeft() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url, more: ["CONSILOD_TENANTS_DELETION_DAYS": "0"])
            try await story.bought(stripe)
            #expect(try await story.call("cancel").status == 200)
            let refused = try await story.delete()
            #expect(refused.status == 409 && refused.text.contains("already_subscribed"), "\(refused.text)")
            #expect(refused.text.contains("at_period_end: false"), "\(refused.text)")
            #expect(try await story.call("cancel", #"{"at_period_end": false}"#).status == 200)
            let deleted = try await story.delete()
            #expect(deleted.status == 200, "\(deleted.text)")
        }
    }

    @Test func beforeADeletionStripeIsAskedAndPagesAreClosed() async throws {
        try await with { story, stripe in
            let page = try await story.checkout()
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            // Paid for at Stripe, and no event has come.
            try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#)
            let refused = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
            #expect(refused.status == 409 && refused.text.contains("already_subscribed"), "\(refused.text)")
        }
        try await with { story, stripe in
            let page = try await story.checkout()
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            #expect(try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken).status == 200)
            #expect(try await stripe.state.sessions == [page.session_id: "expired"])
        }
    }

    @Test func anUpgradeThatIsNotPaidForTakesNothingBack() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            #expect(try await story.call("cancel").status == 200)
            try await stripe.play("settings", #"{"declines": true}"#)
            for plan in ["enterprise", "growth"] {
                let answer = try await story.call("upgrade", #"{"plan": "\#(plan)"}"#)
                #expect(answer.status == 422 && answer.text.contains("payment_refused"), "\(answer.text)")
            }
            let still = try await story.subscription
            #expect(still.plan == "growth" && still.cancel_at_period_end)
            try await stripe.play("settings", #"{"declines": false}"#)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
            #expect(try await !story.subscription.cancel_at_period_end)
        }
    }

    @Test func aDowngradeInATrialOfStripesLeavesTheTrial() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            let end = Int64(Date().timeIntervalSince1970) + 86_400
            try await stripe.play("subscription", #"{"id": "\#(id)", "status": "trialing", "trial_end": \#(end)}"#)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            #expect(try await story.subscription.subscription_status == "trialing")
            #expect(try await story.subscription.status == "active")
        }
    }

    @Test func aCustomerThatStripeDoesNotKnowAnyMoreIsReplacedByAPurchase() async throws {
        try await with { story, stripe in
            _ = try await story.checkout()
            let old = try story.daemon.query("SELECT customer_id FROM stripe_accounts")
            try await stripe.play("forget")
            try await eventually("it is noted") {
                try story.fetch()
                return try story.daemon.query("SELECT problem FROM stripe_accounts") == [["customer_missing"]]
            }
            try await story.bought(stripe)
            #expect(try story.daemon.query("SELECT customer_id FROM stripe_accounts") != old)
            #expect(try await stripe.state.effects["customer"] == 2)
        }
    }

    @Test func anUpgradeToThePresentPlanTakesBackWhatWasPutOff() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            #expect(try await story.call("upgrade", #"{"plan": "growth"}"#).status == 200)
            let date = Int64(Date().timeIntervalSince1970) + 86_400
            try await stripe.play("subscription", #"{"id": "\#(id)", "cancel_at": \#(date)}"#)
            #expect(try await story.call("upgrade", #"{"plan": "growth"}"#).status == 200)
            #expect(try await !story.subscription.cancel_at_period_end)
            try await story.send(try await stripe.play("renew", #"{"id": "\#(id)"}"#))
            try story.fetch()
            try await story.becomes("growth")
            #expect(try await stripe.state.effects["upgrade"] == nil)
        }
    }

    @Test func everyPageOfSubscriptionsIsRead() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let first = try await story.subscriptionID(stripe)
            let customer = try #require(try await stripe.state.customers.first)
            for _ in 0..<2 {
                let body = #"{"customer": "\#(customer)", "price": "price_starter"}"#
                try await stripe.play("subscribe", body)
                let id = try await story.subscriptionID(stripe)
                try await stripe.play("subscription", #"{"id": "\#(id)", "status": "canceled"}"#)
            }
            try await stripe.play("settings", #"{"page": 1}"#)
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
            try await story.becomes("enterprise")
            let stored = try story.daemon.query("SELECT subscription_id FROM stripe_accounts")
            #expect(stored == [[first]])
        }
    }

    /// As where somebody has removed the row of its plan: it is tried again later, and the others go on meanwhile.
    @Test func aTenantThatCannotBeChangedDelaysNoOtherOne() async throws {
        try await with { story, stripe in
            let other = StripeStory(daemon: story.daemon, tenant: try await story.daemon.createTenant("other"))
            let page = try await story.checkout(StripeStory.checkout.replacing("growth", with: "enterprise"))
            let rename = "UPDATE subscription_plans SET name = "
            try story.daemon.execute("\(rename) 'gone' WHERE name = 'enterprise'")
            try await story.send(try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#))
            try await eventually("it is put off") {
                try story.daemon.query("SELECT last_error FROM stripe_accounts WHERE attempts > 0")
                    .contains { $0[0].contains("enterprise") }
            }
            try await other.bought(stripe)
            try story.daemon.execute("\(rename) 'enterprise' WHERE name = 'gone'")
            try story.fetch()
            try await story.becomes("enterprise")
            let failing = "SELECT COUNT(*) FROM stripe_accounts WHERE attempts > 0"
            try await eventually("it is over") { try story.daemon.query(failing) == [["0"]] }
        }
    }

    @Test func aSuspendedTenantBuysNothingAndCanStillEndItsSubscription() async throws {
        try await with { story, stripe in
            try await story.bought(stripe)
            let suspended = try await story.daemon.request(
                .put, "/api/tenants/\(story.tenant.id)", token: DaemonProcess.adminToken,
                body: #"{"status": "suspended"}"#)
            #expect(suspended.status == 200, "\(suspended.text)")
            for (name, body) in [("checkout", StripeStory.checkout), ("upgrade", #"{"plan": "enterprise"}"#)] {
                let answer = try await story.call(name, body)
                #expect(answer.status == 403 && answer.text.contains("tenant_inactive"), "\(answer.text)")
            }
            #expect(try await story.call("portal", #"{"return_url": "https://app.example.com/"}"#).status == 200)
            #expect(try await story.call("downgrade", #"{"plan": "starter"}"#).status == 200)
            #expect(try await story.call("cancel").status == 200)
        }
    }

    @Test func oneTenantsLoopLeavesStripeToTheOthers() async throws {
        try await with { story, _ in
            for _ in 0..<60 { #expect(try await story.call("cancel").status == 409) }
            let refused = try await story.call("cancel")
            #expect(refused.status == 429 && refused.text.contains("too_many_attempts"), "\(refused.text)")
            let seconds = try #require(refused.headers.first(name: "retry-after").flatMap { Int($0) })
            #expect((1...61).contains(seconds))
            let other = StripeStory(daemon: story.daemon, tenant: try await story.daemon.createTenant("other"))
            #expect(try await other.call("cancel").status == 409)
        }
    }

    @Test func addressesElsewhereAreRefused() async throws {
        try await with { story, _ in
            for url in [
                "https://evil.example/", "http://app.example.com/", "https://app.example.com@evil.example/",
                "javascript:alert(1)", "//app.example.com/",
            ] {
                let answer = try await story.call("portal", #"{"return_url": "\#(url)"}"#)
                #expect(answer.status == 422, "\(url)")
            }
            let viewer = try await story.daemon.request(.post, "/api/billing/cancel", token: "no-key")
            #expect(viewer.status == 401)
        }
    }

    @Test func doctorChecksTheKeyThePricesAndTheEndpoint() async throws {
        try await with { story, _ in
            let checks = try await story.daemon.request(.get, "/api/doctor", token: DaemonProcess.adminToken).text
            #expect(checks.contains("Stripe accepts the key (test)"))
            #expect(checks.contains("every configured price exists"))
            #expect(checks.contains("stripe.webhook"))
        }
    }

    @Test func withoutAKeyNothingIsSold() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let story = StripeStory(daemon: daemon, tenant: try await daemon.createTenant())
        let answer = try await story.call("checkout", StripeStory.checkout)
        #expect(answer.status == 422 || answer.text.contains("billing_off"), "\(answer.text)")
        #expect(try await story.call("cancel").text.contains("billing_off"))
        #expect(try await daemon.request(.post, "/webhooks/stripe", body: "{}").status == 404)
        #expect(try await story.subscription.plan == "starter")
    }
}
