import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The page of the plan, by the real program and a stand-in for Stripe's API.
@Suite struct DashboardPlanTests {
    private func with(
        _ body: (StripeStory, StripeStandIn, Visitor) async throws -> Void
    ) async throws {
        try await StripeStandIn.running { stripe in
            let daemon = try DaemonProcess(environment: StripeStory.environment(stripe.url))
            try await daemon.startWithPublicURL()
            let story = StripeStory(daemon: daemon, tenant: try await daemon.createTenant())
            try await body(story, stripe, try await Visitor.signedIn(at: daemon, key: story.tenant.api_key))
        }
    }

    private func offers(_ form: String, _ page: Visitor.Page) -> Bool {
        page.text.contains("action=\"/dashboard/plan/\(form)\"")
    }

    /// What the audit log says was done about the payment, oldest first.
    private func actions(_ story: StripeStory, by actor: String = "%") throws -> [String] {
        try story.daemon.query(
            """
            SELECT action FROM audit_log WHERE actor LIKE '\(actor)' AND action LIKE 'billing.%' ORDER BY sequence
            """
        ).flatMap(\.self)
    }

    private func viewer(of story: StripeStory) async throws -> Visitor {
        struct Key: Decodable { var api_key: String }
        let made = try await story.daemon.request(
            .post, "/api/api-keys", token: story.tenant.api_key, body: #"{"name": "Ben", "role": "viewer"}"#)
        return try await Visitor.signedIn(at: story.daemon, key: try made.json(Key.self).api_key)
    }

    /// The address of a link on a page of Stripe's.
    private func link(_ host: String, on page: Visitor.Page) throws -> String {
        let links = page.text.matches(of: /href="(https:[^"]+)"/).map { String($0.output.1) }
        return try #require(links.first { $0.hasPrefix("https://\(host)/") }, "\(page.text)")
    }

    @Test func anOwnerSeesThePlanBuysAnotherAndIsLedToThePortal() async throws {
        try await with { story, stripe, owner in
            let before = try await owner.get("/dashboard/plan")
            #expect(before.status == 200 && !before.text.contains("{{") && !before.hasScript)
            #expect(before.text.contains("<td class=\"number\">200</td>") && before.text.contains("on trial"))
            #expect(offers("checkout", before) && !offers("portal", before))
            let token = try before.formToken
            let ready = try await owner.post("/dashboard/plan/checkout", ["form_token": token, "plan": "growth"])
            #expect(ready.status == 200, "\(ready.text)")
            // The policy of the page lets a form lead nowhere else.
            #expect(ready.headers.first(name: "content-security-policy")?.contains("form-action 'self'") == true)
            // The address is a secret.
            #expect(ready.headers.first(name: "cache-control") == "no-store")
            let session = try #require(
                try link("checkout.stripe.example", on: ready).split(separator: "/").last.map(String.init))
            try await story.send(try await stripe.play("pay", #"{"session": "\#(session)"}"#))
            try await story.becomes("growth")
            try await eventually("what was fetched is stored") {
                try await story.subscription.subscription_status == "active"
            }
            let after = try await owner.get("/dashboard/plan")
            #expect(after.text.contains("renews on") && !offers("checkout", after) && offers("portal", after))
            let again = try await owner.post("/dashboard/plan/checkout", ["form_token": token, "plan": "growth"])
            #expect(again.status == 422 && again.text.contains("There is a subscription already."), "\(again.text)")
            let portal = try await owner.post("/dashboard/plan/portal", ["form_token": token])
            #expect(try link("billing.stripe.example", on: portal).contains("cus_"))
            // That which is refused is what somebody asked for, too.
            #expect(
                try actions(story, by: "api-key:%") == ["billing.checkout", "billing.checkout", "billing.portal"])
        }
    }

    @Test func whoHasToPayIsLedToThePageOfThePlanFromEveryOtherAndPays() async throws {
        try await with { story, stripe, owner in
            try await story.bought(stripe)
            let viewer = try await viewer(of: story)
            let id = try await story.subscriptionID(stripe)
            try await story.send(try await stripe.play("subscription", #"{"id": "\#(id)", "status": "unpaid"}"#))
            try await story.becomes("growth", "cancelled")
            for path in ["/dashboard", "/dashboard/issues"] {
                let closed = try await owner.get(path)
                #expect(closed.status == 303 && closed.location == "/dashboard/plan", "\(path): \(closed.status)")
            }
            // A stream of changes has no page to go to.
            #expect(try await owner.get("/dashboard/events").status == 403)
            let page = try await owner.get("/dashboard/plan")
            #expect(page.status == 200 && page.text.contains("not paid for") && offers("portal", page))
            let portal = try await owner.post("/dashboard/plan/portal", ["form_token": try page.formToken])
            #expect(portal.status == 200, "\(portal.text)")
            #expect(try link("billing.stripe.example", on: portal).contains("cus_"))
            #expect(try actions(story) == ["billing.checkout", "billing.portal"])
            // Who cannot pay learns who can.
            let others = try await viewer.get("/dashboard")
            #expect(others.status == 403 && others.text.contains("/dashboard/plan"), "\(others.text)")
            #expect(try await viewer.get("/dashboard/plan").status == 403)
            let call = try await story.daemon.request(.get, "/api/issues", token: story.tenant.api_key)
            #expect(call.status == 402 && call.text.contains("/dashboard/plan"), "\(call.text)")
            #expect(!call.text.contains("operator"))
        }
    }

    @Test func aSuspendedOwnerSeesThePlanAndBuysNothing() async throws {
        try await with { story, stripe, owner in
            let token = try await owner.get("/dashboard/plan").formToken
            try story.daemon.execute("UPDATE tenants SET status = 'suspended'")
            // No payment ends a suspension.
            let closed = try await owner.get("/dashboard")
            #expect(closed.status == 403 && closed.text.contains("suspended"), "\(closed.text)")
            let page = try await owner.get("/dashboard/plan")
            #expect(page.status == 200 && page.text.contains("it cannot buy a plan"), "\(page.text)")
            #expect(!offers("checkout", page) && !offers("portal", page))
            let answer = try await owner.post("/dashboard/plan/checkout", ["form_token": token, "plan": "growth"])
            #expect(answer.status == 422 && answer.text.contains("it cannot buy a plan"), "\(answer.text)")
            #expect(try await stripe.state.effects.isEmpty)
        }
    }

    @Test func aTrialNamesThePageOnWhichAPlanIsBought() async throws {
        try await with { story, _, owner in
            try story.daemon.execute("UPDATE tenants SET trial_ends_at = '2020-01-01T00:00:00.000Z'")
            let page = try await owner.get("/dashboard")
            #expect(page.text.contains("an owner can buy one on the page /dashboard/plan"), "\(page.text)")
            #expect(try await offers("checkout", owner.get("/dashboard/plan")))
            let call = try await story.daemon.request(.get, "/api/issues", token: story.tenant.api_key)
            #expect(call.status == 402 && call.text.contains("/dashboard/plan"), "\(call.text)")
        }
    }

    @Test func whatIsNotForSaleAndAPortalWithoutASubscriptionAreRefused() async throws {
        try await with { story, stripe, owner in
            let token = try await owner.get("/dashboard/plan").formToken
            let free = try await owner.post("/dashboard/plan/checkout", ["form_token": token, "plan": "free"])
            #expect(free.status == 422 && free.text.contains("No price is configured"), "\(free.text)")
            let early = try await owner.post("/dashboard/plan/portal", ["form_token": token])
            #expect(early.status == 422 && early.text.contains("There is no subscription yet."), "\(early.text)")
            #expect(try actions(story).isEmpty)
            #expect(try await stripe.state.effects.isEmpty)
        }
    }

    @Test func aFormOfAnotherSessionBuysNothing() async throws {
        try await with { story, stripe, owner in
            for form in ["checkout", "portal"] {
                let answer = try await owner.post(
                    "/dashboard/plan/\(form)", ["form_token": String(repeating: "0", count: 64), "plan": "growth"])
                #expect(answer.status == 400, "\(form)")
            }
            #expect(try story.daemon.query("SELECT COUNT(*) FROM stripe_intents") == [["0"]])
            #expect(try await stripe.state.effects.isEmpty)
        }
    }

    @Test func aHostThatSellsNothingSaysSo() async throws {
        let daemon = try DaemonProcess(environment: ["CONSILOD_BILLING_ENABLED": "true"])
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let owner = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let page = try await owner.get("/dashboard/plan")
        #expect(page.status == 200 && page.text.contains("sells no plans"))
        #expect(!offers("checkout", page) && !offers("portal", page))
        let answer = try await owner.post(
            "/dashboard/plan/checkout", ["form_token": try page.formToken, "plan": "growth"])
        #expect(answer.status == 422, "\(answer.text)")
        try daemon.execute("UPDATE tenants SET status = 'cancelled'")
        let closed = try await owner.get("/dashboard")
        #expect(closed.status == 403 && closed.text.contains("cancelled"), "\(closed.text)")
        #expect(try await owner.get("/dashboard/plan").status == 200)
        let call = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
        #expect(call.status == 402 && call.text.contains("operator of this host"), "\(call.text)")
    }
}
