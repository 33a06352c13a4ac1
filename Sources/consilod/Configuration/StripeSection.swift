import Billing
import Domain
import Foundation
import Outbound

/// The connection with Stripe.
struct StripeSettings: Sendable {
    /// Of the API, without a trailing slash.
    var apiURL: String
    var key: Secret<String>
    /// What events are signed with.
    var webhookSecrets: [Secret<String>]
    var terms: StripeTerms
    var options: StripeSync.Options
    /// Where browsers may be sent after a payment, in lower case.
    var returnHosts: Set<String>
}

/// Reads the `billing.stripe` section.
enum StripeSection {
    private static let key = "billing.stripe"

    /// Nil where no secret key is given: then the host is not connected to Stripe. Throws ``ConfigurationError`` naming the key.
    ///
    /// - Parameters:
    ///   - isBilling: whether plans lock anything: what is sold must be.
    ///   - publicURL: browsers may be sent back there.
    ///   - missing: called where the secret of the endpoint is missing, with the error that it is for the daemon.
    static func settings(
        _ settings: Settings, isBilling: Bool, publicURL: String?, missing: (ConfigurationError) throws -> Void
    ) throws -> StripeSettings? {
        let mode = try settings.choice("\(key).mode", default: StripeMode.test)
        let secretKey = settings.secret("\(key).key")
        let webhookSecrets = (settings.secret("\(key).webhook.secret")?.revealed ?? "")
            .split { $0 == "," || $0.isWhitespace }.map { Secret(String($0)) }
        let graceDays = try settings.integer("\(key).grace_days", default: 7, in: 0...60)
        var options = StripeSync.Options()
        options.pollSeconds = Int64(try settings.integer("\(key).poll_minutes", default: 60, in: 1...1440)) * 60
        let hosts = settings.list("\(key).return_hosts", default: [])
        let prices = try prices(settings)
        let apiURL = try apiURL(settings)
        try settings.rejectWrongKinds()
        guard let secretKey else { return nil }
        guard isBilling else {
            throw ConfigurationError(
                "\(key).key is set and billing.enabled is not true: tenants would pay for what nothing locks; set billing.enabled"
            )
        }
        try check(secretKey, is: mode)
        guard !prices.isEmpty else {
            throw ConfigurationError(
                "\(key).prices must have a price of at least one plan, as \(key).key is set")
        }
        if webhookSecrets.isEmpty {
            try missing(
                ConfigurationError(
                    """
                    \(key).webhook.secret is not set: give the signing secret of the endpoint at Stripe as the credential \
                    'billing-stripe-webhook-secret' or as CONSILOD_BILLING_STRIPE_WEBHOOK_SECRET
                    """))
        }
        let own = publicURL.flatMap { URLComponents(string: $0)?.host }
        return StripeSettings(
            apiURL: apiURL, key: secretKey, webhookSecrets: webhookSecrets,
            terms: StripeTerms(mode: mode, prices: prices, graceDays: graceDays), options: options,
            returnHosts: Set((hosts + [own].compactMap(\.self)).map { $0.lowercased() }))
    }

    /// A key says which mode it is of; nothing of it is repeated.
    private static func check(_ secretKey: Secret<String>, is mode: StripeMode) throws {
        let other: StripeMode = mode == .test ? .live : .test
        let text = secretKey.revealed
        guard !text.hasPrefix("pk_") else {
            throw ConfigurationError("\(key).key is a publishable key; a secret or restricted one is needed")
        }
        guard !["sk_", "rk_"].contains(where: { text.hasPrefix($0 + other.rawValue) }) else {
            throw ConfigurationError("\(key).key is a key of the mode \(other.rawValue), and \(key).mode is not")
        }
    }

    private static func prices(_ settings: Settings) throws -> [Plan: [String]] {
        var prices: [Plan: [String]] = [:]
        for plan in Plan.allCases where plan != .free {
            let ids = settings.list("\(key).prices.\(plan.rawValue)", default: [])
            guard ids.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 255 }) else {
                throw ConfigurationError("\(key).prices.\(plan.rawValue) must list ids of prices, like price_1MoBy5")
            }
            if !ids.isEmpty { prices[plan] = ids }
        }
        let all = prices.values.flatMap(\.self)
        guard Set(all).count == all.count else {
            throw ConfigurationError("\(key).prices has the same price twice")
        }
        return prices
    }

    private static func apiURL(_ settings: Settings) throws -> String {
        guard let text = settings.string("\(key).api_url") else { return StripeClient.standardURL }
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host
        else { throw ConfigurationError("\(key).api_url must be an https address") }
        // The key is sent with each call.
        guard scheme == "https" || AddressPolicy.isLoopback(host: host) else {
            throw ConfigurationError(
                "\(key).api_url must be an https address: \(key).key would be sent in the clear; plain http is for loopback addresses only"
            )
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
