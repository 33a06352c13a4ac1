import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// How an owner without an API key pays: by a page, also when everything else is closed.
@Suite struct BillingPageTests {
    /// The daemon with an address to come back to, and its owner's browser.
    private func with(_ body: (StripeStory, StripeStandIn, Visitor) async throws -> Void) async throws {
        try await StripeStandIn.running { stripe in
            // A browser is sent back to this machine without https.
            let daemon = try DaemonProcess(environment: StripeStory.environment(stripe.url))
            try await daemon.startWithPublicURL()
            let story = StripeStory(daemon: daemon, tenant: try await daemon.createTenant())
            let visitor = try await Visitor.signedIn(at: daemon, key: story.tenant.api_key)
            try await body(story, stripe, visitor)
        }
    }

    private func post(_ visitor: Visitor, _ path: String, _ form: [String: String] = [:]) async throws -> Visitor.Page {
        let token = try await visitor.get("/dashboard/billing").formToken
        return try await visitor.post(
            "/dashboard/billing/\(path)", form.merging(["form_token": token]) { old, _ in old })
    }

    private func actions(_ story: StripeStory) throws -> [String] {
        try story.daemon.query("SELECT action FROM audit_log WHERE action LIKE 'billing.%'").flatMap(\.self)
    }

    @Test func aPlanIsBoughtOnThePage() async throws {
        try await with { story, stripe, owner in
            let page = try await owner.get("/dashboard/billing")
            #expect(page.status == 200 && page.text.contains("/dashboard/billing/checkout"))
            #expect(!page.text.contains("/dashboard/billing/portal") && !page.text.contains("{{"))
            let made = try await post(owner, "checkout", ["plan": "growth"])
            #expect(made.status == 200 && made.text.contains("https://checkout.stripe.example/"), "\(made.text)")
            #expect(made.headers.first(name: "cache-control") == "no-store")
            let session = try #require(try await stripe.state.sessions.keys.first)
            try await story.send(try await stripe.play("pay", #"{"session": "\#(session)"}"#))
            try await story.becomes("growth")
            let bought = try await owner.get("/dashboard/billing")
            #expect(!bought.text.contains("/dashboard/billing/checkout"))
            #expect(bought.text.contains("/dashboard/billing/portal") && bought.text.contains("then renewed"))
            #expect(try actions(story) == ["billing.checkout"])
        }
    }

    @Test func whoDoesNotPayIsLedToThePageAndPays() async throws {
        try await with { story, stripe, owner in
            try await story.bought(stripe)
            let id = try await story.subscriptionID(stripe)
            try await story.send(try await stripe.play("subscription", #"{"id": "\#(id)", "status": "unpaid"}"#))
            try await story.becomes("growth", "cancelled")
            // Where the mails lead, and every other page.
            for path in ["/dashboard", "/dashboard/issues"] {
                let closed = try await owner.get(path)
                #expect(closed.status == 303 && closed.location == "/dashboard/billing", "\(path): \(closed.status)")
            }
            #expect(try await owner.get("/dashboard/events").status == 403)
            let portal = try await post(owner, "portal")
            #expect(portal.status == 200 && portal.text.contains("https://billing.stripe.example/"), "\(portal.text)")
            #expect(try actions(story) == ["billing.checkout", "billing.portal"])
            let call = try await story.daemon.request(.get, "/api/issues", token: story.tenant.api_key)
            #expect(call.status == 402 && call.text.contains("/dashboard/billing"), "\(call.text)")
            #expect(!call.text.contains("operator"))
        }
    }

    @Test func formsOfOthersAreRefused() async throws {
        try await with { story, _, owner in
            #expect(try await owner.post("/dashboard/billing/portal", [:]).status == 400)
            let wrong = try await post(owner, "checkout", ["plan": "free"])
            #expect(wrong.status == 422)
            let early = try await post(owner, "portal")
            #expect(early.status == 422 && early.text.contains("There is no subscription"), "\(early.text)")
            #expect(try actions(story).isEmpty)
        }
    }

    @Test func aHostThatSellsNothingHasNoSuchPage() async throws {
        let daemon = try DaemonProcess(environment: ["CONSILOD_BILLING_ENABLED": "true"])
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let owner = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        #expect(try await owner.get("/dashboard/billing").status == 404)
        #expect(try await !owner.get("/dashboard").text.contains("/dashboard/billing"))
        try daemon.execute("UPDATE tenants SET status = 'cancelled'")
        let closed = try await owner.get("/dashboard")
        #expect(closed.status == 403 && closed.text.contains("cancelled"))
        let call = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
        #expect(call.status == 402 && call.text.contains("operator of this host"), "\(call.text)")
    }
}
