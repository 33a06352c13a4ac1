import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The real program with `localstripe`, a stateful server of a part of Stripe's API by somebody else. It has customers,
/// subscriptions, payments that fail, and signed events; it lacks checkout sessions, the portal, schedules and idempotency keys, for
/// which ``StripeStandIn`` stands. So the test pays as the page of the checkout would.
@Suite(.enabled(if: StripePeers.hasLocalStripe, Comment(rawValue: StripePeers.noLocalStripe)))
struct LocalStripeTests {
    private static let script = """
        import socket, sys
        sys.path.insert(0, sys.argv[2])
        from aiohttp import web
        from localstripe import resources, server
        # It would keep its state in /tmp.
        resources.Store.dump_to_disk = lambda self: None
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        print(sock.getsockname()[1], flush=True)
        web.run_app(server.app, sock=sock, access_log=None, print=None)
        """

    private struct Object: Decodable {
        var id: String
    }

    private struct Server {
        var url: String

        func call(
            _ path: String, _ form: String, _ method: HTTPMethod = .POST
        ) async throws -> String {
            var request = HTTPClientRequest(url: url + path)
            request.method = method
            request.headers.add(name: "authorization", value: "Bearer sk_test_of_the_tests")
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
            guard answer.status == .ok else { throw Unexpected("\(path): \(answer.status.code) \(text)") }
            return text
        }

        func make(_ path: String, _ form: String) async throws -> String {
            try JSONDecoder().decode(Object.self, from: Data(try await call(path, form).utf8)).id
        }

        func pay(_ customer: String, by method: String) async throws {
            let attached = try await make("/v1/payment_methods/\(method)/attach", "customer=\(customer)")
            _ = try await call(
                "/v1/customers/\(customer)", "invoice_settings[default_payment_method]=\(attached)")
        }
    }

    @Test func whatIsPaidUpgradedNotPaidAndCancelledAtLocalStripeIsFollowed() async throws {
        try await ChildServer.running(Self.script, [StripePeers.localStripe.path]) { child in
            let server = Server(url: "http://127.0.0.1:\(child.port)")
            try await eventually("localstripe answers") {
                do { return try await !server.call("/v1/balance", "", .GET).isEmpty } catch { return false }
            }
            let story = try await StripeStory.started(server.url)
            for (plan, amount, interval) in [
                ("growth", 14_900, "month"), ("enterprise", 49_900, "month"), ("starter", 999_900, "year"),
            ] {
                _ = try await server.call(
                    "/v1/plans",
                    "id=price_\(plan)&amount=\(amount)&currency=usd&interval=\(interval)&product[name]=\(plan)")
            }
            _ = try await server.call(
                "/_config/webhooks/one",
                "url=http://127.0.0.1:\(story.daemon.port)/webhooks/stripe&secret=\(StripeStory.secret)")

            // The customer is made there; the page, which it does not have, is refused.
            let checkout = try await story.call("checkout", StripeStory.checkout)
            #expect(checkout.status == 422 && checkout.text.contains("payment_refused"), "\(checkout.text)")
            let customer = try #require(
                try story.daemon.query("SELECT stripe_customer_id FROM tenants").first?.first)
            try await server.pay(customer, by: "pm_card_visa")
            let subscription = try await server.make(
                "/v1/subscriptions", "customer=\(customer)&items[0][plan]=price_growth")
            // By its own events.
            try await story.becomes("growth")

            // It sends none of a change: the next fetch finds it. It is not consilod's own upgrade, because it takes neither prices of
            // items nor `payment_behavior`, without which consilod upgrades nothing.
            _ = try await server.call("/v1/subscriptions/\(subscription)", "items[0][plan]=price_enterprise")
            try story.fetch()
            try await story.becomes("enterprise")
            try await server.pay(customer, by: "pm_card_chargeCustomerFail")
            _ = try await server.call("/v1/subscriptions/\(subscription)", "items[0][plan]=price_starter")
            try await eventually("the payment is overdue") {
                try story.fetch()
                return try await story.subscription.subscription_status == "past_due"
            }
            try await story.becomes("starter")
            let end = try await story.call("cancel", #"{"at_period_end": false}"#)
            #expect(end.status == 200, "\(end.text)")
            try await story.becomes("free")
        }
    }
}
