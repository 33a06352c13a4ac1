import Billing
import Domain
import Foundation
import Logging
import Outbound
import Queries
import Store
import WebhookIngest
import WorkLoop

extension Composition {
    /// What a host has that is connected to Stripe.
    struct StripePart {
        let desk: BillingDesk
        let worker: StripeWorker
        let door: StripeWebhookController
        let diagnosis: StripeDiagnosis
    }

    /// Nil where the host is not connected to Stripe.
    func makeStripe(_ store: RiskStore, _ wakeUps: WakeUpPart) -> StripePart? {
        // Shown, as zero, also by a host without Stripe: a panel of a dashboard is not empty then.
        let metrics = StripeMetrics(factory: registry)
        guard let settings = configuration.stripe else { return nil }
        let client = StripeClient(
            // The operator enters the address.
            client: OutboundClient(
                policy: AddressPolicy(allowedHosts: Set([URL(string: settings.apiURL)?.host].compactMap(\.self))),
                proxies: proxies), url: settings.apiURL, key: settings.key, metrics: metrics)
        cleanups.onStop("the Stripe client") { try await client.shutdown() }
        let subscriptions = Subscriptions(store: store, wakeUps: wakeUps.everywhere, now: { [clock] in clock.now })
        let logger = Logger(label: "billing")
        let sync = StripeSync(
            store: store, client: client, terms: settings.terms, options: settings.options,
            change: { try await subscriptions.change($1, under: $0) }, now: { [clock] in clock.now },
            certain: { [clock] in min(clock.now, clock.certain) }, logger: logger)
        let nudge = Nudge()
        return StripePart(
            desk: BillingDesk(sync: sync),
            worker: StripeWorker(sync: sync, nudges: nudge.stream, logger: logger),
            door: StripeWebhookController(
                signature: StripeSignature(secrets: settings.webhookSecrets), mode: settings.terms.mode, inbox: store,
                now: { [clock] in clock.now }, nudge: { nudge() }, metrics: metrics, logger: logger),
            diagnosis: StripeDiagnosis(
                client: client, terms: settings.terms, publicURL: configuration.http.publicURL))
    }
}
