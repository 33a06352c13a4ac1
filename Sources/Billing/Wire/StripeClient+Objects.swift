import Domain
import Foundation

extension StripeClient {
    /// How many elements of a list are asked for at once, and how often.
    private static let page = "100"
    private static let mostPages = 20

    /// All of a list. Throws `.malformed` where it does not end: a part of it could say the wrong thing.
    private func all<Element: Decodable & Sendable>(
        _ path: String, _ query: StripeForm, as type: Element.Type, id: (Element) -> String
    ) async throws(StripeFailure) -> [Element] {
        var found: [Element] = []
        for _ in 0..<Self.mostPages {
            var form = query
            form.add("limit", Self.page)
            if let last = found.last { form.add("starting_after", id(last)) }
            let list = try await get(path, form, as: StripeList<Element>.self)
            found += list.data
            guard list.hasMore == true else { return found }
            guard !list.data.isEmpty else { break }
        }
        throw .malformed
    }

    /// All subscriptions of a customer, also those that have ended. Throws `.otherMode` where one is of the other mode, and
    /// `.malformed` where one is in an unknown state.
    func subscriptions(
        of customerID: String, mode: StripeMode
    ) async throws(StripeFailure) -> [StripeSubscription] {
        let found = try await all(
            "/v1/subscriptions", StripeForm(["customer": customerID, "status": "all"]),
            as: StripeSubscriptionObject.self, id: { $0.id })
        guard found.allSatisfy({ StripeMode(livemode: $0.livemode) == mode }) else { throw .otherMode }
        var subscriptions: [StripeSubscription] = []
        for object in found { subscriptions.append(try object.subscription()) }
        return subscriptions
    }

    /// How Stripe has a customer.
    func standing(ofCustomer id: String) async throws(StripeFailure) -> StripeCustomer.Standing {
        do throws(StripeFailure) {
            let customer = try await get("/v1/customers/\(Self.escaped(id))", as: StripeCustomer.self)
            return customer.deleted == true ? .deleted : .present
        } catch {
            guard error == .missing else { throw error }
            return .unknown
        }
    }

    /// Makes a customer; its id.
    func makeCustomer(_ form: StripeForm, mode: StripeMode, key: String) async throws(StripeFailure) -> String {
        let customer = try await post("/v1/customers", form, key: key, as: StripeObject.self)
        // One that does not say is taken: what is of the other mode is unknown to the key.
        if let isLive = customer.livemode, StripeMode(livemode: isLive) != mode { throw .otherMode }
        return customer.id
    }

    /// The pages on which a customer could pay now.
    func openCheckouts(
        of customerID: String, mode: StripeMode
    ) async throws(StripeFailure) -> [StripeCheckoutSession] {
        let found = try await all(
            "/v1/checkout/sessions", StripeForm(["customer": customerID, "status": "open"]),
            as: StripeCheckoutSession.self, id: { $0.id })
        guard found.allSatisfy({ StripeMode(livemode: $0.livemode) == mode }) else { throw .otherMode }
        return found
    }

    /// Whether a page can be paid on now. What an idempotency key repeats shows it as it was made.
    func isOpen(checkout id: String) async throws(StripeFailure) -> Bool {
        try await get("/v1/checkout/sessions/\(Self.escaped(id))", as: StripeCheckoutSession.self).status == "open"
    }

    /// Closes a page, so that nothing can be paid for there any more. Throws where somebody has paid.
    func expireCheckout(_ id: String, key: String) async throws(StripeFailure) {
        _ = try await post(
            "/v1/checkout/sessions/\(Self.escaped(id))/expire", StripeForm(), key: key,
            as: StripeCheckoutSession.self)
    }

    /// Makes a page on which a subscription is paid for.
    func makeCheckout(
        _ form: StripeForm, mode: StripeMode, key: String
    ) async throws(StripeFailure) -> StripeCheckoutSession {
        let session = try await post("/v1/checkout/sessions", form, key: key, as: StripeCheckoutSession.self)
        guard StripeMode(livemode: session.livemode) == mode else { throw .otherMode }
        return session
    }

    /// Makes a page on which a customer sees to its payments.
    func makePortal(
        of customerID: String, returnURL: String, mode: StripeMode, key: String
    ) async throws(StripeFailure) -> StripePortalSession {
        let session = try await post(
            "/v1/billing_portal/sessions", StripeForm(["customer": customerID, "return_url": returnURL]), key: key,
            as: StripePortalSession.self)
        guard StripeMode(livemode: session.livemode) == mode else { throw .otherMode }
        return session
    }

    /// Changes a subscription; whether a change waits for its payment then.
    @discardableResult
    func update(_ subscriptionID: String, _ form: StripeForm, key: String) async throws(StripeFailure) -> Bool {
        try await post(
            "/v1/subscriptions/\(Self.escaped(subscriptionID))", form, key: key, as: StripeSubscriptionObject.self
        ).pendingUpdate != nil
    }

    /// Ends a subscription at once; one that has ended already is no failure.
    func end(_ subscriptionID: String) async throws(StripeFailure) {
        do throws(StripeFailure) {
            try await delete("/v1/subscriptions/\(Self.escaped(subscriptionID))")
        } catch {
            guard error == .missing else { throw error }
        }
    }

    /// Makes a schedule of a subscription, as it is.
    func makeSchedule(
        of subscriptionID: String, key: String
    ) async throws(StripeFailure) -> StripeSchedule {
        try await post(
            "/v1/subscription_schedules", StripeForm(["from_subscription": subscriptionID]), key: key,
            as: StripeSchedule.self)
    }

    /// A schedule as it is.
    func schedule(_ id: String) async throws(StripeFailure) -> StripeSchedule {
        try await get("/v1/subscription_schedules/\(Self.escaped(id))", as: StripeSchedule.self)
    }

    /// Changes a schedule.
    func update(schedule id: String, _ form: StripeForm, key: String) async throws(StripeFailure) {
        _ = try await post(
            "/v1/subscription_schedules/\(Self.escaped(id))", form, key: key, as: StripeSchedule.self)
    }

    /// Has a subscription stay as it is, without its schedule.
    func release(schedule id: String, key: String) async throws(StripeFailure) {
        _ = try await post(
            "/v1/subscription_schedules/\(Self.escaped(id))/release", StripeForm(), key: key, as: StripeObject.self)
    }

    // MARK: For diagnosis

    /// The mode of the key.
    func mode() async throws(StripeFailure) -> StripeMode {
        StripeMode(livemode: try await get("/v1/balance", as: StripeBalance.self).livemode)
    }

    func price(_ id: String) async throws(StripeFailure) -> StripePrice {
        try await get("/v1/prices/\(Self.escaped(id))", as: StripePrice.self)
    }

    func endpoints() async throws(StripeFailure) -> [StripeEndpoint] {
        try await get(
            "/v1/webhook_endpoints", StripeForm(["limit": Self.page]), as: StripeList<StripeEndpoint>.self
        ).data
    }

    /// An id as a part of a path.
    private static func escaped(_ id: String) -> String {
        id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "_-"))) ?? ""
    }
}
