public import Domain

/// Checks for `consilod doctor` whether what is configured of Stripe works.
public struct StripeDiagnosis: Sendable {
    private let client: StripeClient
    private let terms: StripeTerms
    private let publicURL: String?

    /// - Parameter publicURL: of this host, at which an endpoint of Stripe's must lead; nil where none is configured.
    public init(client: StripeClient, terms: StripeTerms, publicURL: String?) {
        self.client = client
        self.terms = terms
        self.publicURL = publicURL
    }

    /// The key, the prices and the endpoint.
    public func checks() async -> [DiagnosticCheck] {
        let key = await key()
        guard key.outcome == .ok else { return [key] }
        async let prices = prices()
        async let endpoint = endpoint()
        return [key, await prices, await endpoint]
    }

    private func key() async -> DiagnosticCheck {
        do throws(StripeFailure) {
            let mode = try await client.mode()
            guard mode == terms.mode else {
                return DiagnosticCheck(
                    "stripe", .failed, "the secret key is of the mode \(mode.rawValue), not \(terms.mode.rawValue)",
                    remedy: "set billing.stripe.mode and the key to the same mode")
            }
            return DiagnosticCheck("stripe", .ok, "Stripe accepts the key (\(mode.rawValue))")
        } catch {
            return DiagnosticCheck(
                "stripe", .failed, "\(error)", remedy: "check billing.stripe.key, and the way to api.stripe.com")
        }
    }

    private func prices() async -> DiagnosticCheck {
        var wrong: [String] = []
        for (plan, ids) in terms.prices.sorted(by: { $0.key.rank < $1.key.rank }) {
            for (index, id) in ids.enumerated() {
                do throws(StripeFailure) {
                    let price = try await client.price(id)
                    if StripeMode(livemode: price.livemode) != terms.mode {
                        wrong.append("\(plan.rawValue): \(id) is of the other mode")
                    } else if index == 0, !price.active {
                        wrong.append("\(plan.rawValue): \(id) is archived")
                    }
                } catch {
                    wrong.append("\(plan.rawValue): \(id): \(error)")
                }
            }
        }
        guard wrong.isEmpty else {
            return DiagnosticCheck(
                "stripe.prices", .failed, wrong.joined(separator: "; "), remedy: "correct billing.stripe.prices")
        }
        return DiagnosticCheck("stripe.prices", .ok, "every configured price exists")
    }

    private func endpoint() async -> DiagnosticCheck {
        guard let publicURL else {
            return DiagnosticCheck(
                "stripe.webhook", .warning, "http.public_url is not set",
                remedy: "set it, and add an endpoint at Stripe")
        }
        let addresses = ["\(publicURL)/api/webhooks/stripe", "\(publicURL)/webhooks/stripe"]
        do throws(StripeFailure) {
            let found = try await client.endpoints().filter { addresses.contains($0.url) }
            guard !found.isEmpty else {
                return DiagnosticCheck(
                    "stripe.webhook", .warning, "Stripe has no endpoint \(addresses[0])",
                    remedy: "add it at Stripe (docs/billing.md); until then changes are seen at the next fetch only")
            }
            guard found.contains(where: { $0.status == "enabled" }) else {
                return DiagnosticCheck(
                    "stripe.webhook", .warning, "the endpoint at Stripe is disabled", remedy: "enable it at Stripe")
            }
            return DiagnosticCheck("stripe.webhook", .ok, "Stripe sends events to this host")
        } catch {
            return DiagnosticCheck(
                "stripe.webhook", .warning, "the endpoints cannot be read: \(error)",
                remedy: "a restricted key needs the right to read webhook endpoints for this check")
        }
    }
}
