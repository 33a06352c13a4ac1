import Crypto
import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// A daemon that is connected with a Stripe, and one tenant.
struct StripeStory {
    static let secret = "whsec_of_the_tests"

    let daemon: DaemonProcess
    let tenant: DaemonProcess.Tenant

    struct Subscription: Decodable {
        var plan: String
        var status: String
        var subscription_status: String?
        var current_period_end: String?
        var cancel_at_period_end: Bool
        var trial_ends_at: String?
        var monthly_issue_used: Int
        var monthly_issue_limit: Int?
        var monthly_sprint_used: Int
        var monthly_sprint_limit: Int?
        var monthly_portfolio_used: Int
        var monthly_portfolio_limit: Int?
    }

    static func environment(_ url: String) -> [String: String] {
        [
            "CONSILOD_BILLING_ENABLED": "true", "CONSILOD_BILLING_STRIPE_KEY": "sk_test_of_the_tests",
            "CONSILOD_BILLING_STRIPE_WEBHOOK_SECRET": secret, "CONSILOD_BILLING_STRIPE_API_URL": url,
            "CONSILOD_BILLING_STRIPE_PRICES_STARTER": "price_starter",
            "CONSILOD_BILLING_STRIPE_PRICES_GROWTH": "price_growth",
            "CONSILOD_BILLING_STRIPE_PRICES_ENTERPRISE": "price_enterprise",
            "CONSILOD_BILLING_STRIPE_RETURN_HOSTS": "app.example.com",
        ]
    }

    /// - Parameter more: what is set in the daemon's environment beside that.
    static func started(_ url: String, more: [String: String] = [:]) async throws -> StripeStory {
        let daemon = try DaemonProcess(environment: environment(url).merging(more) { $1 })
        try await daemon.start()
        return StripeStory(daemon: daemon, tenant: try await daemon.createTenant())
    }

    /// Makes a call, and does something else when Stripe has answered, and the answer has not come yet.
    ///
    /// - Parameter skip: how many of Stripe's answers come before that one.
    func during(
        _ stripe: StripeStandIn, _ name: String, _ body: String, at path: String, method: String = "GET", skip: Int = 0,
        _ other: () async throws -> Void
    ) async throws -> DaemonProcess.Answer {
        let before = try await stripe.state.held
        try await stripe.play("hold", #"{"path": "\#(path)", "method": "\#(method)", "skip": \#(skip)}"#)
        async let answer = call(name, body)
        try await eventually("Stripe has answered") { try await stripe.state.held > before }
        try await other()
        try await stripe.play("release")
        return try await answer
    }

    /// A call of the owner, by the host's owner, because the plan may have no API keys.
    func call(
        _ name: String, _ body: String? = nil, method: DaemonProcess.Method = .post
    ) async throws -> DaemonProcess.Answer {
        try await daemon.request(
            method, "/api/billing/\(name)", token: DaemonProcess.adminToken, headers: ["x-tenant-id": tenant.id],
            body: body)
    }

    static let checkout = """
        {"plan": "growth", "success_url": "https://app.example.com/ok?session={CHECKOUT_SESSION_ID}",
         "cancel_url": "https://app.example.com/no"}
        """

    /// Another purchase.
    static let starter = checkout.replacing("growth", with: "starter")

    struct Page: Decodable {
        var checkout_url: String
        var session_id: String
    }

    func checkout(_ body: String = Self.checkout) async throws -> Page {
        let answer = try await call("checkout", body)
        guard answer.status == 200 else { throw Unexpected("checkout: \(answer.status) \(answer.text)") }
        return try answer.json(Page.self)
    }

    var subscription: Subscription {
        get async throws { try await call("subscription", method: .get).json(Subscription.self) }
    }

    /// Sends an event as Stripe does.
    @discardableResult
    func send(_ event: String, path: String = "/webhooks/stripe", at seconds: Int64 = 0) async throws
        -> DaemonProcess.Answer
    {
        let instant = Int64(Date().timeIntervalSince1970) + seconds
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(instant).\(event)".utf8), using: SymmetricKey(data: Data(Self.secret.utf8)))
        return try await daemon.request(
            .post, path, headers: ["stripe-signature": "t=\(instant),v1=\(code.hexadecimal)"], body: event)
    }

    func becomes(_ plan: String, _ status: String = "active") async throws {
        try await eventually("the plan is \(plan), \(status)") {
            let found = try await subscription
            return found.plan == plan && found.status == status
        }
    }

    /// Lets the time pass until the next periodic fetch.
    func fetch() throws { try daemon.execute("UPDATE stripe_accounts SET due_at = '2026-01-01T00:00:00.000Z'") }

    /// Lets the time pass after which a call without an outcome is given up.
    func giveUpOpenCalls() throws {
        try daemon.execute("UPDATE stripe_intents SET touched_at = '2026-01-01T00:00:00.000Z' WHERE state = 'open'")
    }

    /// Has a call reach Stripe, kills the daemon before the answer, and starts it again.
    ///
    /// - Parameters:
    ///   - path: where the call that writes goes, by its beginning.
    ///   - skip: how many such calls are answered before that one.
    ///   - isLost: whether Stripe gets nothing of it; otherwise Stripe has carried it out.
    func killed(
        _ stripe: StripeStandIn, at path: String, skip: Int = 0, isLost: Bool = false, restarts: Bool = true,
        _ call: @escaping @Sendable () async throws -> DaemonProcess.Answer
    ) async throws {
        let before = try await stripe.state.held
        try await stripe.play("hold", #"{"path": "\#(path)", "skip": \#(skip), "is_lost": \#(isLost)}"#)
        async let answer = call()
        try await eventually("the call has been made") { try await stripe.state.held > before }
        try await die()
        var isAnswered = true
        do { _ = try await answer } catch { isAnswered = false }
        #expect(!isAnswered)
        if restarts { try await daemon.restart() }
    }

    /// As the other, for a call of the owner.
    func killed(
        _ stripe: StripeStandIn, at path: String, skip: Int = 0, isLost: Bool = false, restarts: Bool = true,
        _ name: String, _ body: String?
    ) async throws {
        try await killed(stripe, at: path, skip: skip, isLost: isLost, restarts: restarts) {
            try await call(name, body)
        }
    }

    /// Kills the daemon.
    func die() async throws {
        daemon.signal(SIGKILL)
        _ = try await daemon.waitForExit()
    }

    /// Deletes the tenant.
    func delete() async throws -> DaemonProcess.Answer {
        try await daemon.request(
            .delete, "/api/tenants/\(tenant.id)?company_name=acme", token: DaemonProcess.adminToken)
    }

    /// Changes the tenant.
    func change(_ body: String) async throws {
        let answer = try await daemon.request(
            .put, "/api/tenants/\(tenant.id)", token: DaemonProcess.adminToken, body: body)
        guard answer.status == 200 else { throw Unexpected("PUT tenant: \(answer.status) \(answer.text)") }
    }

    /// The pages on which somebody could pay.
    func openPages(_ stripe: StripeStandIn) async throws -> [String] {
        try await stripe.state.sessions.filter { $0.value == "open" }.map(\.key)
    }

    /// Waits until nothing is due to be fetched within a minute, so that a fetch meets nothing of what follows.
    func isQuiet() async throws {
        let soon = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: 60)
        try await eventually("nothing is due") {
            try daemon.query(
                "SELECT COUNT(*) FROM stripe_accounts WHERE lease_token IS NULL AND due_at > '\(soon)'") == [["1"]]
        }
    }

    /// A tenant that has bought a plan.
    func bought(_ stripe: StripeStandIn, _ plan: String = "growth") async throws {
        let page = try await checkout(Self.checkout.replacing("growth", with: plan))
        try await send(try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#))
        try await becomes(plan)
    }

    /// Its only subscription, as Stripe has it.
    func detail(_ stripe: StripeStandIn) async throws -> StripeStandIn.Detail {
        let state = try await stripe.state
        let id = try #require(state.subscriptions.last)
        return try #require(state.details[id])
    }

    func subscriptionID(_ stripe: StripeStandIn) async throws -> String {
        try #require(try await stripe.state.subscriptions.last)
    }
}

extension DaemonProcess.Answer {
    /// Whether it says that another change of the subscription is under way, and to come back after so many seconds.
    func isUnderWay(seconds: Int = 5) -> Bool {
        status == 409 && headers.first(name: "retry-after") == "\(seconds)"
    }
}
