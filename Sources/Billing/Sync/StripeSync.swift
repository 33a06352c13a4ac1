public import Domain
public import Logging
import Outbound

/// Brings a tenant's plan in step with its subscription at Stripe: fetches, decides, changes, commits. It may end at any
/// instant: what was not committed is fetched again, and the same is found.
public struct StripeSync: Sendable {
    /// How often and for how long, with the defaults of the daemon.
    public struct Options: Sendable, Hashable {
        /// Time between two fetches of a subscription about which no event comes, in seconds: within it a lost event is healed.
        public var pollSeconds: Int64 = 3600
        /// Lease of a claim, in seconds; a fetch with what follows takes less.
        public var leaseSeconds: Int64 = 120
        /// The longest pause after failures, in seconds.
        public var longestPauseSeconds: Int64 = 900

        public init() {}
    }

    /// Between two fetches that nothing but the time asks for, in seconds.
    private static let shortestPauseSeconds: Int64 = 60

    /// Changes the subscription of a tenant in the one way there is, as long as the lease of the claim is held; nil where the tenant
    /// is unknown. Throws `StorageError(.stale)`, with no effect, when the lease was lost.
    public typealias Change = @Sendable (StripeClaim, SubscriptionChange) async throws -> Tenant?

    let store: any StripeStore
    let client: StripeClient
    let terms: StripeTerms
    let options: Options
    let now: @Sendable () -> Timestamp
    private let certain: @Sendable () -> Timestamp
    private let change: Change
    let logger: Logger

    /// - Parameters:
    ///   - change: what a decision is carried out by.
    ///   - now: the wall clock, for leases and what is recorded.
    ///   - certain: an instant that is certainly not after the true one, by which a grace ends (P12).
    public init(
        store: any StripeStore, client: StripeClient, terms: StripeTerms, options: Options = Options(),
        change: @escaping Change, now: @escaping @Sendable () -> Timestamp,
        certain: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.client = client
        self.terms = terms
        self.options = options
        self.change = change
        self.now = now
        self.certain = certain
        self.logger = logger
    }

    /// How long a fetch that is under way is waited for.
    private static let longestWait = Duration.seconds(5)

    /// Fetches the subscription of one tenant now. A fetch that is under way is waited for, as it may have begun before what is to be
    /// seen; after five seconds it is left to say so later. Without effect for a tenant that is no customer.
    func run(for tenantID: TenantID) async throws {
        let end = ContinuousClock.now.advanced(by: Self.longestWait)
        while true {
            if let claim = try await claim(tenantID) { return try await run(claim) }
            guard ContinuousClock.now < end, try await store.stripeAccount(tenantID) != nil else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Claims a tenant; nil for any that is due.
    func claim(_ tenantID: TenantID?) async throws -> StripeClaim? {
        let now = now()
        return try await store.claimStripeAccount(
            of: tenantID, now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
    }

    /// Works a claim off. Throws what the store throws.
    func run(_ claim: StripeClaim) async throws {
        let id = claim.account.tenantID
        // What was touched later may have its effect after Stripe's answer.
        let intentsBefore = now().adding(seconds: -StripeIntent.busySeconds)
        let subscriptions: [StripeSubscription]
        do throws(StripeFailure) {
            subscriptions = try await client.subscriptions(of: claim.account.customerID, mode: terms.mode)
        } catch {
            return try await fail(claim, error)
        }
        try await completeCancellation(of: claim, subscriptions, untouchedSince: intentsBefore)
        guard let tenant = try await store.tenant(id) else { return }
        let decision = SubscriptionPlanner(terms: terms)
            .decide(subscriptions, known: claim.account, tenant: tenant, now: certain(), seenAt: now())
        report(decision.reading, of: claim)
        try await carryOut(decision, of: claim)
        let at = now()
        let next = at.adding(seconds: options.pollSeconds)
        // What is certain of the time may be behind: a grace that has ended by the clock alone is not looked at all the time.
        let turn = max(decision.turnsAt ?? next, at.adding(seconds: Self.shortestPauseSeconds))
        try await store.commit(
            decision.reading, under: claim, dueAt: min(next, turn), intentsBefore: intentsBefore, now: at)
    }

    /// Changes the tenant as it was decided. Before the commit: a process that ends in between decides the same again.
    private func carryOut(_ decision: SubscriptionPlanner.Decision, of claim: StripeClaim) async throws {
        guard !decision.change.isEmpty, let changed = try await change(claim, decision.change) else { return }
        logger.notice(
            "subscription changed",
            metadata: [
                "tenant": "\(changed.id)", "plan": "\(changed.plan.rawValue)", "status": "\(changed.status.rawValue)",
                "stripe_status": "\(decision.reading.subscription?.status.rawValue ?? "none")",
            ])
    }

    /// Notes a failure. What only an operator can fix is looked at again all the same: nothing else says when it is fixed.
    private func fail(_ claim: StripeClaim, _ failure: StripeFailure) async throws {
        let at = now()
        guard failure != .unreachable(.cancelled) else {
            // The process ends; it is no failure of Stripe's.
            return try await store.giveBack(claim, error: nil, dueAt: at, now: at)
        }
        logger.warning(
            "cannot fetch a subscription", metadata: ["tenant": "\(claim.account.tenantID)", "error": "\(failure)"])
        switch failure {
        case .otherMode: return try await keep(.otherMode, claim)
        case .missing: return try await keep(.customerMissing, claim)
        default: break
        }
        var pause = pause(after: claim)
        if case .rateLimited(let seconds?) = failure { pause = max(pause, seconds) }
        try await store.giveBack(claim, error: "\(failure)", dueAt: at.adding(seconds: pause), now: at)
    }

    /// Has a claim tried again later that could not be worked off for a reason that is not Stripe's.
    func putOff(_ claim: StripeClaim, _ error: any Error) async throws {
        let at = now()
        try await store.giveBack(claim, error: "\(error)", dueAt: at.adding(seconds: pause(after: claim)), now: at)
    }

    private func pause(after claim: StripeClaim) -> Int64 {
        min(options.longestPauseSeconds, Int64(5) << Int64(min(claim.attempts, 10)))
    }

    /// Stores that nothing can be read of a customer. What was known stays, and a grace that has begun ends all the same.
    private func keep(_ problem: StripeProblem, _ claim: StripeClaim) async throws {
        guard let tenant = try await store.tenant(claim.account.tenantID) else { return }
        let decision = SubscriptionPlanner(terms: terms)
            .decide(without: problem, known: claim.account, tenant: tenant, now: certain())
        report(decision.reading, of: claim)
        try await carryOut(decision, of: claim)
        let at = now()
        // What was to be written may have had its effect, which this does not show.
        try await store.commit(
            decision.reading, under: claim, dueAt: at.adding(seconds: options.pollSeconds), intentsBefore: nil, now: at)
    }

    /// Says what an operator must see to, once for each time it begins.
    private func report(_ reading: StripeReading, of claim: StripeClaim) {
        guard let problem = reading.problem, problem != claim.account.problem else { return }
        // Of a customer that is unknown and has bought nothing that goes on, there is nothing to see to.
        let isAtStake = problem != .customerMissing || reading.subscription.map { !$0.status.isOver } ?? false
        logger.log(
            level: isAtStake ? .error : .notice,
            isAtStake ? "subscription needs attention" : "Stripe does not know a customer that has no subscription",
            metadata: [
                "tenant": "\(claim.account.tenantID)", "code": "\(problem.rawValue)",
                "price": "\(reading.subscription?.priceIDs.first ?? "none")",
            ])
    }
}
