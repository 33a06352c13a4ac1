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
            let session = try #require(
                try link("checkout.stripe.example", on: ready).split(separator: "/").last.map(String.init))
            try await story.send(try await stripe.play("pay", #"{"session": "\#(session)"}"#))
            try await story.becomes("growth")
            try await eventually("what was fetched is stored") {
                try await story.subscription.subscription_status == "active"
            }
            let after = try await owner.get("/dashboard/plan")
            #expect(after.text.contains("renews itself on") && !offers("checkout", after) && offers("portal", after))
            let again = try await owner.post("/dashboard/plan/checkout", ["form_token": token, "plan": "growth"])
            #expect(again.status == 422 && again.text.contains("There is a subscription already."), "\(again.text)")
            let portal = try await owner.post("/dashboard/plan/portal", ["form_token": token])
            #expect(try link("billing.stripe.example", on: portal).contains("cus_"))
            // That which is refused is what somebody asked for, too.
            let rows = try story.daemon.query(
                """
                SELECT action FROM audit_log WHERE actor LIKE 'api-key:%' AND action LIKE 'billing.%' ORDER BY sequence
                """)
            #expect(rows == [["billing.checkout"], ["billing.checkout"], ["billing.portal"]])
        }
    }

    @Test func whoHasToPayGetsToThePageOfThePlanAlone() async throws {
        try await with { story, stripe, owner in
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            try await story.send(try await stripe.play("subscription", #"{"id": "\#(id)", "status": "unpaid"}"#))
            try await story.becomes("growth", "cancelled")
            let closed = try await owner.get("/dashboard")
            #expect(closed.status == 403 && closed.text.contains("/dashboard/plan"), "\(closed.text)")
            let page = try await owner.get("/dashboard/plan")
            #expect(page.status == 200 && page.text.contains("not paid for") && offers("portal", page))
            let portal = try await owner.post("/dashboard/plan/portal", ["form_token": try page.formToken])
            #expect(portal.status == 200, "\(portal.text)")
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
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let owner = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let page = try await owner.get("/dashboard/plan")
        #expect(page.status == 200 && page.text.contains("sells no plans"))
        #expect(!offers("checkout", page) && !offers("portal", page))
        let answer = try await owner.post(
            "/dashboard/plan/checkout", ["form_token": try page.formToken, "plan": "growth"])
        #expect(answer.status == 422, "\(answer.text)")
    }
}
