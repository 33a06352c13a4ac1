import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Two daemons on one database, of which one is at a change when the other is asked for one.
@Suite(.enabled(if: PostgresSchema.server != nil, "CONSILOD_TEST_POSTGRES names no server"))
struct StripeNodesTests {
    private static let toEnterprise = #"{"plan": "enterprise"}"#

    /// - Parameter buys: whether the tenant has bought a plan.
    private func with(
        buys: Bool = true, _ body: (StripeStory, StripeStory, StripeStandIn) async throws -> Void
    ) async throws {
        try await StripeStandIn.running { stripe in
            let one = try await StripeStory.started(stripe.url, more: ["CONSILOD_STORE_CONNECTIONS": "4"])
            let two = StripeStory(daemon: try DaemonProcess(beside: one.daemon), tenant: one.tenant)
            try await two.daemon.start()
            if buys {
                try await one.bought(stripe)
                try await one.isQuiet()
            }
            try await body(one, two, stripe)
        }
    }

    /// What is killed on one node is gone on with on the other, under the same key.
    @Test(arguments: [false, true])
    func anUpgradeInWhichANodeIsKilledIsMadeOnceByTheOther(isLost: Bool) async throws {
        try await with { one, two, stripe in
            try await one.killed(
                stripe, at: "/v1/subscriptions/", isLost: isLost, restarts: false, "upgrade", Self.toEnterprise)
            let other = try await two.call("cancel")
            #expect(other.isUnderWay(seconds: 90), "\(other.text)")
            let again = try await two.call("upgrade", Self.toEnterprise)
            #expect(again.status == 200, "\(again.text)")
            #expect(try await stripe.state.effects["upgrade"] == 1)
            try await two.becomes("enterprise")
        }
    }

    @Test func aPurchaseInWhichANodeIsKilledLeavesOnePage() async throws {
        try await with(buys: false) { one, two, stripe in
            try await one.killed(
                stripe, at: "/v1/checkout/sessions", restarts: false, "checkout", StripeStory.checkout)
            let other = try await two.call("checkout", StripeStory.starter)
            #expect(other.isUnderWay(seconds: 90), "\(other.text)")
            let page = try await two.checkout()
            #expect(try await two.openPages(stripe) == [page.session_id])
            #expect(try await stripe.state.effects["customer"] == 1)
        }
    }

    /// Both have read the subscription as it was before, and have the same key.
    @Test func theSameUpgradeOnTwoNodesIsMadeOnce() async throws {
        try await with { one, two, stripe in
            let late = try await one.during(
                stripe, "upgrade", Self.toEnterprise, at: "/v1/subscriptions", method: "GET", skip: 1
            ) {
                let upgrade = try await two.call("upgrade", Self.toEnterprise)
                #expect(upgrade.status == 200, "\(upgrade.text)")
            }
            #expect(late.isUnderWay(seconds: 5), "\(late.text)")
            #expect(try await stripe.state.effects["upgrade"] == 1)
            // It was made, and so the same call has nothing to do.
            #expect(try await one.call("upgrade", Self.toEnterprise).status == 200)
            #expect(try await stripe.state.effects["upgrade"] == 1)
        }
    }

    @Test func anotherChangeOnAnotherNodeWaitsForTheFirst() async throws {
        try await with { one, two, stripe in
            let upgrade = try await one.during(
                stripe, "upgrade", Self.toEnterprise, at: "/v1/subscriptions/", method: "POST"
            ) {
                for (name, body) in [("cancel", "{}"), ("downgrade", #"{"plan": "starter"}"#)] {
                    let meanwhile = try await two.call(name, body)
                    #expect(meanwhile.isUnderWay(seconds: 90), "\(meanwhile.text)")
                }
            }
            #expect(upgrade.status == 200, "\(upgrade.text)")
            #expect(try await two.call("cancel").status == 200)
            let detail = try await two.detail(stripe)
            #expect(detail.price == "price_enterprise" && detail.cancel_at_period_end)
            let effects = try await stripe.state.effects
            #expect(effects["upgrade"] == 1 && effects["cancel"] == 1)
        }
    }

    /// The other node takes the page for one whose address was lost, closes it, and makes another one.
    @Test func theSamePurchaseOnTwoNodesLeavesOnePage() async throws {
        try await with(buys: false) { one, two, stripe in
            var page: StripeStory.Page?
            let late = try await one.during(
                stripe, "checkout", StripeStory.checkout, at: "/v1/checkout/sessions", method: "POST"
            ) {
                page = try await two.checkout()
            }
            #expect(late.isUnderWay(seconds: 5), "\(late.text)")
            let kept = try #require(page)
            #expect(try await one.openPages(stripe) == [kept.session_id])
            // The same page by either node.
            #expect(try await one.checkout().session_id == kept.session_id)
        }
    }

    @Test func aDeletionOnAnotherNodeWaitsForAPurchase() async throws {
        try await with(buys: false) { one, two, stripe in
            let purchase = try await one.during(
                stripe, "checkout", StripeStory.checkout, at: "/v1/checkout/sessions", method: "POST"
            ) {
                let early = try await two.delete()
                #expect(early.isUnderWay(seconds: 90), "\(early.text)")
            }
            let page = try purchase.json(StripeStory.Page.self)
            let deleted = try await two.delete()
            #expect(deleted.status == 200, "\(deleted.text)")
            #expect(try await stripe.state.sessions == [page.session_id: "expired"])
        }
    }
}
