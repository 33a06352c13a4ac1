import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// A write to Stripe, and the call that makes it: all that `BillingDesk` makes for an owner, in the order of
/// `docs/decisions/0062-stripe.md`.
struct StripeWrite: Sendable, CustomTestStringConvertible {
    typealias Step = @Sendable (StripeStory, StripeStandIn) async throws -> Void

    var testDescription: String
    /// Where it goes, by its beginning, and how many writes to there come before it.
    var path: String
    var skip = 0
    /// The call of the owner.
    var name: String
    var body: String
    /// What was there before.
    var before: Step
    /// All that Stripe has done when the call was repeated.
    var effects: [String: Int]
    /// What it has done once more where the answer was lost: nothing that costs or changes anything.
    var doneAgain: [String: Int] = [:]
    /// How things stand then; with the answer to the repeated call.
    var check: @Sendable (StripeStory, StripeStandIn, DaemonProcess.Answer) async throws -> Void

    static let all = [
        customer, replacement, page, expiry, portal, price, stay, stayAfterPrice, stayByDate, releaseForUpgrade,
        releaseForCancellation, schedule, phases, cancellation, end,
    ]

    private static let bought = ["customer": 1, "checkout": 1, "subscription": 1]
    private static let toGrowth = #"{"plan": "growth"}"#
    private static let toEnterprise = #"{"plan": "enterprise"}"#
    private static let toStarter = #"{"plan": "starter"}"#

    private static let buy: Step = { story, stripe in
        try await story.bought(stripe)
        try await story.isQuiet()
    }

    private static func buying(and name: String, _ body: String = "{}") -> Step {
        { story, stripe in
            try await buy(story, stripe)
            let answer = try await story.call(name, body)
            guard answer.status == 200 else { throw Unexpected("\(name): \(answer.status) \(answer.text)") }
        }
    }

    /// The page that was answered is the only one on which somebody could pay, and is of the customer that is stored.
    @Sendable private static func isOnlyPage(
        _ story: StripeStory, _ stripe: StripeStandIn, _ answer: DaemonProcess.Answer
    ) async throws {
        let page = try answer.json(StripeStory.Page.self)
        #expect(try await story.openPages(stripe) == [page.session_id])
        let customers = try await stripe.state.customers
        #expect(try story.daemon.query("SELECT customer_id FROM stripe_accounts") == [customers])
        #expect(try story.daemon.query("SELECT stripe_customer_id FROM tenants") == [customers])
    }

    // MARK: Purchases

    static let customer = StripeWrite(
        testDescription: "customer", path: "/v1/customers", name: "checkout", body: StripeStory.checkout,
        before: { _, _ in }, effects: ["customer": 1, "checkout": 1], check: isOnlyPage)

    /// Deleted at Stripe, and no event has come: what was bought for it has ended.
    static let replacement = StripeWrite(
        testDescription: "customer in place of a deleted one", path: "/v1/customers", name: "checkout",
        body: StripeStory.checkout,
        before: { story, stripe in
            try await buy(story, stripe)
            let customer = try #require(try await stripe.state.customers.first)
            try await stripe.play("delete", #"{"customer": "\#(customer)"}"#)
        },
        effects: ["customer": 2, "checkout": 2, "subscription": 1]
    ) { story, stripe, answer in
        try await isOnlyPage(story, stripe, answer)
        #expect(try await story.subscription.plan == "free")
        let page = try answer.json(StripeStory.Page.self).session_id
        try await story.send(try await stripe.play("pay", #"{"session": "\#(page)"}"#))
        try await story.becomes("growth")
    }

    /// The page whose address was lost is closed, and another one is made.
    static let page = StripeWrite(
        testDescription: "page", path: "/v1/checkout/sessions", name: "checkout", body: StripeStory.checkout,
        before: { _, _ in }, effects: ["customer": 1, "checkout": 1], doneAgain: ["checkout": 1, "expire": 1],
        check: isOnlyPage)

    static let expiry = StripeWrite(
        testDescription: "end of an earlier page", path: "/v1/checkout/sessions/", name: "checkout",
        body: StripeStory.checkout, before: { story, _ in _ = try await story.checkout(StripeStory.starter) },
        effects: ["customer": 1, "checkout": 2, "expire": 1], check: isOnlyPage)

    /// It changes nothing, and so another one is made.
    static let portal = StripeWrite(
        testDescription: "portal", path: "/v1/billing_portal/sessions", name: "portal",
        body: #"{"return_url": "https://app.example.com/"}"#, before: buy,
        effects: bought.merging(["portal": 1]) { $1 }, doneAgain: ["portal": 1]
    ) { story, _, answer in
        #expect(answer.text.contains("billing.stripe.example"))
        // The one that has no outcome is in the way of nothing.
        let ended = try await story.call("cancel")
        #expect(ended.status == 200, "\(ended.text)")
    }

    // MARK: Upgrades

    static let price = StripeWrite(
        testDescription: "price", path: "/v1/subscriptions/", name: "upgrade", body: toEnterprise, before: buy,
        effects: bought.merging(["upgrade": 1]) { $1 }
    ) { story, stripe, _ in
        #expect(try await story.detail(stripe).price == "price_enterprise")
        try await story.becomes("enterprise")
    }

    static let stay = StripeWrite(
        testDescription: "withdrawal of a cancellation", path: "/v1/subscriptions/", name: "upgrade", body: toGrowth,
        before: buying(and: "cancel"), effects: bought.merging(["cancel": 1, "stay": 1]) { $1 }, check: renewsItself)

    static let stayAfterPrice = StripeWrite(
        testDescription: "withdrawal of a cancellation after the price", path: "/v1/subscriptions/", skip: 1,
        name: "upgrade", body: toEnterprise, before: buying(and: "cancel"),
        effects: bought.merging(["cancel": 1, "upgrade": 1, "stay": 1]) { $1 }
    ) { story, stripe, answer in
        try await renewsItself(story, stripe, answer)
        #expect(try await story.detail(stripe).price == "price_enterprise")
    }

    static let stayByDate = StripeWrite(
        testDescription: "withdrawal of an end by date", path: "/v1/subscriptions/", name: "upgrade", body: toGrowth,
        before: { story, stripe in
            try await buy(story, stripe)
            let (id, date) = (try await story.subscriptionID(stripe), Int64(Date().timeIntervalSince1970) + 86_400)
            try await stripe.play("subscription", #"{"id": "\#(id)", "cancel_at": \#(date)}"#)
        },
        effects: bought.merging(["stay": 1]) { $1 }, check: renewsItself)

    static let releaseForUpgrade = StripeWrite(
        testDescription: "withdrawal of a downgrade", path: "/v1/subscription_schedules/", name: "upgrade",
        body: toGrowth, before: buying(and: "downgrade", toStarter),
        effects: bought.merging(["schedule": 1, "downgrade": 1, "release": 1]) { $1 }
    ) { story, stripe, answer in
        try await renewsItself(story, stripe, answer)
        let detail = try await story.detail(stripe)
        #expect(detail.price == "price_growth" && !detail.has_schedule)
    }

    @Sendable private static func renewsItself(
        _ story: StripeStory, _ stripe: StripeStandIn, _: DaemonProcess.Answer
    ) async throws {
        #expect(try await !story.detail(stripe).cancel_at_period_end)
        let stored = try await story.subscription
        #expect(stored.subscription_status == "active" && !stored.cancel_at_period_end)
    }

    // MARK: Downgrades and ends

    static let releaseForCancellation = StripeWrite(
        testDescription: "withdrawal of a downgrade before a cancellation", path: "/v1/subscription_schedules/",
        name: "cancel", body: "{}", before: buying(and: "downgrade", toStarter),
        effects: bought.merging(["schedule": 1, "downgrade": 1, "release": 1, "cancel": 1]) { $1 }, check: endsLater)

    static let schedule = StripeWrite(
        testDescription: "schedule", path: "/v1/subscription_schedules", name: "downgrade", body: toStarter,
        before: buy, effects: bought.merging(["schedule": 1, "downgrade": 1]) { $1 }, check: becomesStarter)

    static let phases = StripeWrite(
        testDescription: "phases", path: "/v1/subscription_schedules/", name: "downgrade", body: toStarter,
        before: buy, effects: bought.merging(["schedule": 1, "downgrade": 1]) { $1 }, check: becomesStarter)

    static let cancellation = StripeWrite(
        testDescription: "cancellation", path: "/v1/subscriptions/", name: "cancel", body: "{}", before: buy,
        effects: bought.merging(["cancel": 1]) { $1 }, check: endsLater)

    static let end = StripeWrite(
        testDescription: "end at once", path: "/v1/subscriptions/", name: "cancel",
        body: #"{"at_period_end": false}"#, before: buy, effects: bought.merging(["end": 1]) { $1 }
    ) { story, stripe, _ in
        #expect(try await story.detail(stripe).status == "canceled")
        try await story.becomes("free")
    }

    @Sendable private static func endsLater(
        _ story: StripeStory, _ stripe: StripeStandIn, _: DaemonProcess.Answer
    ) async throws {
        let detail = try await story.detail(stripe)
        #expect(detail.cancel_at_period_end && !detail.has_schedule && detail.status == "active")
        #expect(try await story.subscription.cancel_at_period_end)
    }

    @Sendable private static func becomesStarter(
        _ story: StripeStory, _ stripe: StripeStandIn, _: DaemonProcess.Answer
    ) async throws {
        #expect(try await story.detail(stripe).price == "price_growth")
        let id = try await story.subscriptionID(stripe)
        try await stripe.play("renew", #"{"id": "\#(id)"}"#)
        #expect(try await story.detail(stripe).price == "price_starter")
    }
}
