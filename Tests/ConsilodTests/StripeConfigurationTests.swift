import Billing
import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

@Suite struct StripeConfigurationTests {
    private static let good = [
        "CONSILOD_ENCRYPTION_KEY": DaemonProcess.encryptionKey, "CONSILOD_BILLING_ENABLED": "true",
        "CONSILOD_BILLING_STRIPE_KEY": "sk_test_abcdef",
        "CONSILOD_BILLING_STRIPE_WEBHOOK_SECRET": "whsec_one, whsec_two",
        "CONSILOD_BILLING_STRIPE_PRICES_GROWTH": "price_1,price_2",
        "CONSILOD_HTTP_PUBLIC_URL": "https://Risk.example.com",
    ]

    private func settings(_ more: [String: String] = [:], without name: String? = nil) async throws -> StripeSettings? {
        var environment = Self.good.merging(more) { $1 }
        if let name { environment[name] = nil }
        return try DaemonConfiguration(
            try await Settings(file: nil, environment: environment), environment: environment
        ).stripe
    }

    @Test func aHostWithAKeyIsConnected() async throws {
        let stripe = try #require(
            try await settings(["CONSILOD_BILLING_STRIPE_RETURN_HOSTS": "App.example.com"]))
        #expect(stripe.webhookSecrets.map(\.revealed) == ["whsec_one", "whsec_two"])
        #expect(stripe.terms.mode == .test && stripe.terms.graceDays == 7)
        #expect(stripe.terms.prices == [.growth: ["price_1", "price_2"]])
        #expect(stripe.apiURL == "https://api.stripe.com" && stripe.options.pollSeconds == 3600)
        #expect(stripe.returnHosts == ["risk.example.com", "app.example.com"])
        #expect(try await settings(without: "CONSILOD_BILLING_STRIPE_KEY") == nil)
    }

    @Test(arguments: [
        "https://stripe.example.com", "http://127.0.0.1:4242", "http://localhost:4242", "http://[::1]:4242",
    ])
    func theKeyIsSentToAnAddressThatNoOneReadsOnTheWay(address: String) async throws {
        let found = try await settings(["CONSILOD_BILLING_STRIPE_API_URL": address + "/"])
        #expect(found?.apiURL == address)
    }

    @Test(arguments: [
        "http://stripe.example.com", "http://10.0.0.7:4242", "http://127.0.0.1.example.com", "http://[2001:db8::1]",
        "http://localhost@stripe.example.com", "http://localhost.example.com",
    ])
    func theKeyIsNotSentInTheClear(address: String) async {
        let error = await #expect(throws: ConfigurationError.self) {
            try await settings(["CONSILOD_BILLING_STRIPE_API_URL": address])
        }
        #expect(error?.description.contains("billing.stripe.api_url must be an https address") == true)
    }

    @Test(arguments: [
        ["CONSILOD_BILLING_STRIPE_MODE": "live"], ["CONSILOD_BILLING_STRIPE_KEY": "sk_live_abcdef"],
        ["CONSILOD_BILLING_STRIPE_KEY": "rk_live_abcdef"], ["CONSILOD_BILLING_STRIPE_KEY": "pk_test_abcdef"],
        ["CONSILOD_BILLING_STRIPE_WEBHOOK_SECRET": ""], ["CONSILOD_BILLING_STRIPE_PRICES_GROWTH": ""],
        ["CONSILOD_BILLING_STRIPE_PRICES_STARTER": "price_1"], ["CONSILOD_BILLING_STRIPE_API_URL": "ftp://x"],
        ["CONSILOD_BILLING_STRIPE_GRACE_DAYS": "61"], ["CONSILOD_BILLING_STRIPE_MODE": "both"],
        ["CONSILOD_BILLING_ENABLED": "false"], ["CONSILOD_BILLING_STRIPE_API_URL": "http://stripe.example.com"],
    ])
    func whatCannotWorkIsRefusedAndNoSecretIsShown(wrong: [String: String]) async {
        let error = await #expect(throws: ConfigurationError.self) { try await settings(wrong) }
        let text = error?.description ?? ""
        #expect(text.contains("billing.stripe."), "\(text)")
        #expect(!text.contains("abcdef") && !text.contains("whsec_one"), "\(text)")
    }
}
