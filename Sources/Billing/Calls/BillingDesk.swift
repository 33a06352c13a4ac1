public import Domain

/// What owners do with their subscription: buy, change and end it, and see to its payment.
///
/// Every write is stored as an intent before it is made, under whose id as the idempotency key Stripe makes it once. Before each
/// write Stripe is asked how things stand, so that what a lost answer has done already is not done again.
///
/// All throw ``Domain/BillingError``, and what the store throws.
public struct BillingDesk: Sendable {
    let sync: StripeSync
    let budget = CallBudget()

    var store: any StripeStore { sync.store }
    var client: StripeClient { sync.client }
    var terms: StripeTerms { sync.terms }

    /// - Parameter sync: reads what was written.
    public init(sync: StripeSync) { self.sync = sync }

    /// The plans that have a price, the lowest first.
    public var plansForSale: [Plan] { Plan.allCases.filter { terms.price(of: $0) != nil }.sorted { $0.rank < $1.rank } }

    /// A tenant as a customer; nil where it is no customer.
    public func account(of tenant: Tenant) async throws -> StripeAccount? { try await store.stripeAccount(tenant.id) }

    /// A page on which means of payment and invoices are seen to; its address, which is a secret.
    public func portal(_ tenant: Tenant, returnURL: String, by actor: Actor) async throws -> String {
        try budget.take(tenant.id)
        guard let account = try await store.stripeAccount(tenant.id) else { throw BillingError.notSubscribed }
        let parameters = "form=\(StripeForm(["return_url": returnURL]).digest)"
        let intent = try await begin(.portal, of: tenant, parameters: parameters, isResumable: false, by: actor)
        let session = try await perform(intent) { () async throws(StripeFailure) -> StripePortalSession in
            try await client.makePortal(
                of: account.customerID, returnURL: returnURL, mode: terms.mode, key: intent.idempotencyKey())
        }
        try await finish(intent, .done(session.id))
        return session.url
    }

    // MARK: Parts

    /// Stores that a write is about to be made.
    func begin(
        _ kind: StripeIntent.Kind, of tenant: Tenant, parameters: String, isResumable: Bool, by actor: Actor
    ) async throws -> StripeIntent {
        let now = sync.now()
        let start = try await store.beginStripeIntent(
            kind, of: tenant.id, parameters: parameters,
            resumableSince: isResumable ? now.adding(seconds: -StripeIntent.resumableSeconds) : nil,
            busySince: now.adding(seconds: -StripeIntent.busySeconds), by: actor, now: now)
        switch start {
        case .begun(let intent): return intent
        case .busy: throw BillingError.underWay(retryAfterSeconds: Int(StripeIntent.busySeconds))
        // It was deleted meanwhile.
        case nil: throw BillingError.inactive
        }
    }

    /// Makes the calls of an intent. Where their outcome is not known it stays open, and the same calls are made again under the
    /// same keys.
    func perform<Value: Sendable>(
        _ intent: StripeIntent, _ calls: () async throws(StripeFailure) -> Value
    ) async throws -> Value {
        do throws(StripeFailure) {
            return try await calls()
        } catch {
            if !error.isUndecided { try await finish(intent, .failed(error.code)) }
            throw BillingError(error)
        }
    }

    /// Makes a write of an intent, unless that was given up meanwhile, as by a node that was at it for too long: what the write is
    /// about may have been changed since. Throws `.underWay` then. From now on others wait as long as a call may take.
    ///
    /// - Parameter isCarriedOn: whether what follows is completed by ``StripeSync`` where this call does not get that far.
    func write<Value: Sendable>(
        _ intent: StripeIntent, isCarriedOn: Bool = false, _ call: () async throws(StripeFailure) -> Value
    ) async throws -> Value {
        try await keepOpen(intent, isCarriedOn: isCarriedOn)
        return try await perform(intent, call)
    }

    func keepOpen(_ intent: StripeIntent, isCarriedOn: Bool = false) async throws {
        guard try await store.touchStripeIntent(intent, isCarriedOn: isCarriedOn, now: sync.now()) else {
            throw BillingError.overtaken
        }
    }

    /// Stores what became of a write; false where it had been given up before.
    @discardableResult
    func finish(_ intent: StripeIntent, _ result: StripeIntentResult) async throws -> Bool {
        try await store.finishStripeIntent(intent, result, now: sync.now())
    }

    /// Throws `.inactive` where a tenant has been suspended or deleted, or is to be deleted, since the call began. The call is over
    /// then, after `undo`.
    func checkMayStillBuy(
        _ tenant: Tenant, _ intent: StripeIntent, undo: () async throws(StripeFailure) -> Void = {}
    ) async throws {
        let present = try await store.tenant(tenant.id)
        guard let present, present.status != .suspended, present.deletesAt == nil else {
            try await perform(intent, undo)
            try await finish(intent, .failed("tenant_inactive"))
            throw BillingError.inactive
        }
    }

    /// The subscriptions of a customer as they stand.
    func subscriptions(of customerID: String) async throws -> [StripeSubscription] {
        do throws(StripeFailure) {
            return try await client.subscriptions(of: customerID, mode: terms.mode)
        } catch {
            throw BillingError(error)
        }
    }

    /// All subscriptions of a tenant as they stand. Throws `.notSubscribed` where it is no customer.
    func subscriptions(of tenant: Tenant) async throws -> [StripeSubscription] {
        guard let account = try await store.stripeAccount(tenant.id) else { throw BillingError.notSubscribed }
        return try await subscriptions(of: account.customerID)
    }

    /// The subscription that counts, as it stands. Throws `.notSubscribed` where no subscription can be changed.
    func current(of tenant: Tenant) async throws -> StripeSubscription {
        guard let current = SubscriptionPlanner.current(of: try await subscriptions(of: tenant)),
            !current.status.isOver
        else { throw BillingError.notSubscribed }
        return current
    }
}

extension StripeFailure {
    /// One word for a row.
    var code: String {
        switch self {
        case .unreachable: "unreachable"
        case .server(let status): "status_\(status)"
        case .rateLimited: "rate_limited"
        case .keyInUse: "idempotency_key_in_use"
        case .unauthorized: "unauthorized"
        case .missing: "resource_missing"
        case .refused(let code, _): code
        case .malformed: "malformed_answer"
        case .otherMode: "mode_mismatch"
        }
    }
}

extension BillingError {
    /// Another call has changed, or is changing, what the call was about. It takes seconds only, so that a retry is worthwhile.
    static let overtaken = BillingError.underWay(retryAfterSeconds: 5)

    /// What a failed call means for who asked.
    init(_ failure: StripeFailure) {
        switch failure {
        case .unreachable, .server, .malformed: self = .unavailable(retryAfterSeconds: 30)
        case .rateLimited(let seconds): self = .unavailable(retryAfterSeconds: Int(seconds ?? 30))
        case .keyInUse: self = .overtaken
        case .unauthorized, .missing, .refused, .otherMode: self = .refused(code: failure.code)
        }
    }
}
