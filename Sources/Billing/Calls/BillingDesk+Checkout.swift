public import Domain
import Foundation

extension BillingDesk {
    /// A page on which a subscription to a plan is paid for; the tenant becomes a customer. It is not paid for twice: what could be paid for
    /// before is closed first, and then Stripe is asked whether it was.
    ///
    /// - Parameters:
    ///   - successURL: where the browser goes after the payment; `{CHECKOUT_SESSION_ID}` in it is filled in by Stripe.
    ///   - cancelURL: where it goes otherwise.
    public func checkout(
        _ tenant: Tenant, plan: Plan, successURL: String, cancelURL: String, by actor: Actor
    ) async throws -> CheckoutPage {
        guard let price = terms.price(of: plan) else { throw BillingError.notForSale(plan) }
        try budget.take(tenant.id)
        let customerID = try await customer(of: tenant, by: actor)
        let form = StripeForm([
            "mode": "subscription", "customer": customerID, "client_reference_id": "\(tenant.id)",
            "line_items[0][price]": price, "line_items[0][quantity]": "1", "success_url": successURL,
            "cancel_url": cancelURL,
        ])
        // Not the addresses themselves, which may hold secrets of the caller's.
        let parameters = "plan=\(plan.rawValue)&form=\(form.digest)"
        if let page = try await openPage(form, parameters, of: tenant, customerID, by: actor) { return page }
        // The call that is gone on with had made a page that is closed by now; the next one is new.
        guard let page = try await openPage(form, parameters, of: tenant, customerID, by: actor) else {
            throw BillingError.overtaken
        }
        return page
    }

    /// A page that can be paid on, and the only one; nil where what was made is closed already.
    private func openPage(
        _ form: StripeForm, _ parameters: String, of tenant: Tenant, _ customerID: String, by actor: Actor
    ) async throws -> CheckoutPage? {
        let intent = try await begin(.checkout, of: tenant, parameters: parameters, isResumable: true, by: actor)
        // Read once it has begun: what another node has made until then is not closed.
        let own = Set(try await store.stripeResults(of: .checkout, for: tenant.id, parameters: parameters))
        let kept = try await closeOthers(than: own, of: customerID, intent)
        guard try await !isSubscribed(customerID, intent) else {
            try await finish(intent, .failed("already_subscribed"))
            throw BillingError.alreadySubscribed
        }
        // The same page again: the browser was lost, not the purchase.
        if let kept {
            guard try await finish(intent, .done(kept.sessionID)) else { throw BillingError.overtaken }
            return kept
        }
        try await checkMayStillBuy(tenant, intent)
        let session = try await write(intent) { () async throws(StripeFailure) -> StripeCheckoutSession in
            let session = try await client.makeCheckout(form, mode: terms.mode, key: intent.idempotencyKey())
            guard session.url != nil else { throw StripeFailure.malformed }
            return session
        }
        let isOpen = try await perform(intent) { () async throws(StripeFailure) -> Bool in
            try await client.isOpen(checkout: session.id)
        }
        guard isOpen else {
            guard try await finish(intent, .failed("session_closed")) else {
                // Another call has closed it for its own.
                throw BillingError.overtaken
            }
            return nil
        }
        // The page is closed in both cases: its address was given to no one yet.
        try await checkMayStillBuy(tenant, intent) { () async throws(StripeFailure) -> Void in
            try await expire(session.id)
        }
        let page = CheckoutPage(url: session.url ?? "", sessionID: session.id)
        guard try await finish(intent, .done(session.id)) else {
            // The same call at the same time, as of another node, has given out this page.
            let made = try await store.stripeResults(of: .checkout, for: tenant.id, parameters: parameters)
            guard !made.contains(session.id) else { return page }
            // Another call has taken the place of this one, and what it has made may be paid for.
            try await perform(intent) { () async throws(StripeFailure) -> Void in try await expire(session.id) }
            throw BillingError.overtaken
        }
        return page
    }

    /// Deletes a tenant by `deletion`, after the pages on which it could still buy were closed. Meanwhile none is made. Throws
    /// `.stillPaying` where a subscription renews itself, `.underWay` while a page is being made, and what `deletion` throws. A customer
    /// that Stripe does not know is not charged.
    ///
    /// - Parameter isAtOnce: whether the tenant is gone then, and nothing would notice that a subscription which ends later is renewed
    ///   on a page of the portal that is open. Throws `.notEnded` then where one has not ended.
    public func closingSales<Value: Sendable>(
        to tenant: Tenant, isAtOnce: Bool, by actor: Actor, _ deletion: () async throws -> Value
    ) async throws -> Value {
        let intent = try await begin(.closing, of: tenant, parameters: "", isResumable: false, by: actor)
        let value: Value
        do {
            try await closeSales(to: tenant, isAtOnce: isAtOnce)
            // What took too long is no longer in the way of a purchase.
            try await keepOpen(intent)
            value = try await deletion()
        } catch {
            // Another attempt closes them again, and need not wait.
            try await finish(intent, .failed("not_deleted"))
            throw error
        }
        try await finish(intent, .done(nil))
        return value
    }

    private func closeSales(to tenant: Tenant, isAtOnce: Bool) async throws {
        guard let account = try await store.stripeAccount(tenant.id) else { return }
        let subscriptions: [StripeSubscription]
        do throws(StripeFailure) {
            for session in try await client.openCheckouts(of: account.customerID, mode: terms.mode) {
                try await expire(session.id)
            }
            subscriptions = try await client.subscriptions(of: account.customerID, mode: terms.mode)
        } catch {
            guard error == .missing else { throw BillingError(error) }
            return
        }
        guard subscriptions.allSatisfy({ $0.status.isOver || $0.cancelAtPeriodEnd }) else {
            throw BillingError.stillPaying
        }
        guard !isAtOnce || subscriptions.allSatisfy(\.status.isOver) else { throw BillingError.notEnded }
    }

    /// Closes a page. What it does is the same however often it is done, and so it needs no intent.
    private func expire(_ sessionID: String) async throws(StripeFailure) {
        do throws(StripeFailure) {
            try await client.expireCheckout(sessionID, key: "consilod-\(UUID().canonicalText)")
        } catch {
            // It was paid for, or has ended; which of them shows next.
            guard case .refused = error else { throw error }
        }
    }

    /// The customer that a tenant is, or becomes: a new one where Stripe has the one that it was no more.
    private func customer(of tenant: Tenant, by actor: Actor) async throws -> String {
        let account = try await store.stripeAccount(tenant.id)
        if let account {
            guard try await isGone(account) else { return account.customerID }
            if let other = try await customer(after: account) { return other }
        }
        let old = account?.customerID
        let form = StripeForm(["name": tenant.companyName, "metadata[consilod_tenant]": "\(tenant.id)"])
        let parameters = old.map { "replaces=\($0)" } ?? ""
        let intent = try await begin(.customer, of: tenant, parameters: parameters, isResumable: true, by: actor)
        // With the digest: under the same key Stripe refuses a call that says something else, as after the company was renamed.
        let key = intent.idempotencyKey("-\(form.digest.prefix(16))")
        let id = try await write(intent) { () async throws(StripeFailure) -> String in
            try await client.makeCustomer(form, mode: terms.mode, key: key)
        }
        try await finish(intent, .customer(id, replacing: old))
        // Another call may have been faster. A customer that is stored nowhere must not buy: its payment would not be seen.
        guard let stored = try await store.stripeAccount(tenant.id), stored.customerID != old else {
            throw BillingError.overtaken
        }
        return stored.customerID
    }

    /// Carries out what has ended with a customer that is gone: once its row is another's, nothing says what it had bought, and the
    /// tenant would keep a plan for which it does not pay. The customer that another call has put in its place meanwhile; nil for no
    /// other. Throws `.underWay` where Stripe was not asked, as during another fetch.
    private func customer(after gone: StripeAccount) async throws -> String? {
        try await sync.run(for: gone.tenantID)
        guard let present = try await store.stripeAccount(gone.tenantID) else { throw BillingError.inactive }
        guard present.customerID == gone.customerID else { return present.customerID }
        guard present.fetchedAt != gone.fetchedAt else {
            throw BillingError.overtaken
        }
        return nil
    }

    /// Whether nothing can be bought for a customer any more.
    private func isGone(_ account: StripeAccount) async throws -> Bool {
        do throws(StripeFailure) {
            switch try await client.standing(ofCustomer: account.customerID) {
            case .present: return false
            case .deleted: return true
            // Only where a fetch has found the same: with the key of another account no customer is known, and a tenant would pay
            // in both.
            case .unknown: return account.problem == .customerMissing
            }
        } catch {
            throw BillingError(error)
        }
    }

    /// Closes the pages on which the customer could pay, but for one that was made by the same call; that one.
    private func closeOthers(
        than own: Set<String>, of customerID: String, _ intent: StripeIntent
    ) async throws -> CheckoutPage? {
        let open = try await perform(intent) { () async throws(StripeFailure) -> [StripeCheckoutSession] in
            try await client.openCheckouts(of: customerID, mode: terms.mode)
        }
        let kept = open.first { own.contains($0.id) && $0.url != nil }
        for session in open where session.id != kept?.id {
            // The page may be of a call that has taken the place of this one.
            _ = try await write(intent) { () async throws(StripeFailure) -> Bool in
                do throws(StripeFailure) {
                    try await client.expireCheckout(session.id, key: intent.idempotencyKey("-\(session.id)"))
                    return true
                } catch {
                    // It was paid for, or has ended; which of them shows next.
                    guard case .refused = error else { throw error }
                    return false
                }
            }
        }
        return kept.flatMap { page in page.url.map { CheckoutPage(url: $0, sessionID: page.id) } }
    }

    private func isSubscribed(_ customerID: String, _ intent: StripeIntent) async throws -> Bool {
        let all = try await perform(intent) { () async throws(StripeFailure) -> [StripeSubscription] in
            try await client.subscriptions(of: customerID, mode: terms.mode)
        }
        return all.contains { !$0.status.isOver }
    }
}
