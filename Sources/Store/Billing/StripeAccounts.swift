public import Domain
import Foundation

extension RiskStore {
    /// A tenant as a customer of Stripe; nil where it is no customer.
    public func stripeAccount(_ tenantID: TenantID) async throws -> StripeAccount? {
        try await driver.read { connection in
            try connection.selectFirst(
                StripeAccountColumn.self, "FROM stripe_accounts WHERE tenant_id = ?", [.tenant(tenantID)])?.account
        }
    }

    /// Claims a customer whose subscription is to be fetched, and leases it; nil when none is due. Those about whom events wait come
    /// before those whom only the time has made due: somebody may have just paid.
    ///
    /// - Parameter tenantID: claims this one, due or not; nil when it is no customer, or another has claimed it.
    public func claimStripeAccount(
        of tenantID: TenantID?, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> StripeClaim? {
        let isFree = "(leased_until IS NULL OR leased_until <= ?)"
        let (condition, arguments): (String, [SQLValue]) =
            if let tenantID {
                ("tenant_id = ? AND \(isFree)", [.tenant(tenantID), .timestamp(now)])
            } else {
                ("due_at <= ? AND \(isFree)", [.timestamp(now), .timestamp(now)])
            }
        // Mostly nothing is due.
        let isAny = try await driver.read {
            try $0.first("SELECT 1 FROM stripe_accounts WHERE \(condition) LIMIT 1", arguments) != nil
        }
        guard isAny else { return nil }
        return try await driver.write { connection in
            func first(_ more: String) throws -> SQLRecord<StripeAccountColumn>? {
                try connection.selectFirst(
                    StripeAccountColumn.self,
                    """
                    FROM stripe_accounts WHERE \(condition) \(more)
                    ORDER BY due_at LIMIT 1 \(connection.dialect.claiming("stripe_accounts"))
                    """, arguments)
            }
            // By the small index of pending events.
            let hasEvents = "AND tenant_id IN (SELECT e.tenant_id FROM stripe_events AS e WHERE e.state = 'pending')"
            guard let row = try (tenantID == nil ? first(hasEvents) : nil) ?? first("") else { return nil }
            let claim = StripeClaim(
                account: try row.account, leaseToken: UUID().uuidString, generation: try row.integer(.generation),
                attempts: try row.integer(.attempts))
            try connection.run(
                "UPDATE stripe_accounts SET lease_token = ?, leased_until = ? WHERE tenant_id = ?",
                [.text(claim.leaseToken), .timestamp(leaseUntil), .tenant(claim.account.tenantID)])
            return claim
        }
    }

    /// Stores what a fetch found and ends the claim: events that had come before it are applied, writes that it shows the
    /// outcome of are over. Where another event came meanwhile, it is fetched again at once. Throws
    /// `StorageError(.stale)`, with no effect, when the lease was lost.
    ///
    /// - Parameter intentsBefore: a write that was touched last before it has the outcome that the fetch shows; nil where it shows
    ///   none. Where a later one is open still, it is fetched again when that one must have ended.
    public func commit(
        _ reading: StripeReading, under claim: StripeClaim, dueAt: Timestamp, intentsBefore: Timestamp?,
        now: Timestamp
    ) async throws {
        let tellsOwners = tellsOwners
        try await driver.write { connection in
            let generation = try StripeAccountStatements.generation(under: claim, in: connection)
            let (id, subscription) = (claim.account.tenantID, reading.subscription)
            try connection.run(
                """
                UPDATE stripe_accounts SET subscription_id = ?, subscription_status = ?, price_id = ?,
                    current_period_end = ?, cancel_at_period_end = ?, trial_ends_at = ?, subscribed_at = ?,
                    past_due_since = ?, problem = ?, fetched_at = ?, due_at = ?, attempts = 0, last_error = NULL,
                    lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ?
                """,
                [
                    .text(subscription?.id), .text(subscription?.status.rawValue), .text(subscription?.priceIDs.first),
                    .timestamp(subscription?.currentPeriodEnd), .flag(subscription?.cancelAtPeriodEnd ?? false),
                    .timestamp(subscription?.trialEndsAt), .timestamp(subscription?.createdAt),
                    .timestamp(reading.pastDueSince), .text(reading.problem?.rawValue), .timestamp(now),
                    .timestamp(generation == claim.generation ? dueAt : now), .tenant(id),
                ])
            try connection.run(
                "UPDATE tenants SET stripe_subscription_id = ? WHERE id = ?",
                [.text(subscription?.id), .tenant(id)])
            if tellsOwners, let event = reading.event(after: claim.account) {
                try AccountMailStatements.note(event, of: id, now: now, in: connection)
            }
            try connection.run(
                """
                UPDATE stripe_events SET state = 'applied', applied_at = ?
                WHERE tenant_id = ? AND state = 'pending' AND generation <= ?
                """, [.timestamp(now), .tenant(id), .integer(claim.generation)])
            if let intentsBefore {
                try StripeIntentStatements.settle(intentsBefore, of: id, now: now, in: connection)
            }
        }
    }

    /// Ends a claim without a reading; it is tried again at `dueAt`, or at once where another event came meanwhile.
    ///
    /// - Parameter error: why the fetch failed; nil for one that was not made, which counts as no attempt.
    public func giveBack(_ claim: StripeClaim, error: String?, dueAt: Timestamp, now: Timestamp) async throws {
        try await driver.write { connection in
            let generation = try StripeAccountStatements.generation(under: claim, in: connection)
            try connection.run(
                """
                UPDATE stripe_accounts SET due_at = ?, attempts = attempts + ?, last_error = COALESCE(?, last_error),
                    lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ?
                """,
                [
                    .timestamp(generation == claim.generation ? dueAt : now), .integer(error == nil ? 0 : 1),
                    .text(error), .tenant(claim.account.tenantID),
                ])
        }
    }

    /// How the host stands with Stripe.
    public func stripeFigures() async throws -> StripeFigures {
        let now = now()
        return try await driver.read { connection in
            func count(_ rest: String) throws -> Int {
                try connection.first("SELECT COUNT(*) FROM \(rest)", [])?.integer() ?? 0
            }
            var problems: [StripeProblem: Int] = [:]
            for problem in StripeProblem.allCases {
                // Of a customer that is unknown and has bought nothing that goes on, there is nothing to see to.
                let isAtStake = problem == .customerMissing ? "AND \(StripeAccountStatements.hasSubscription)" : ""
                let found = try count("stripe_accounts AS a WHERE a.problem = '\(problem.rawValue)' \(isAtStake)")
                if found > 0 { problems[problem] = found }
            }
            return StripeFigures(
                customers: try count("stripe_accounts"), failing: try count("stripe_accounts WHERE attempts > 2"),
                problems: problems, pendingEvents: try count("stripe_events WHERE state = 'pending'"),
                keptTenants: try connection.first(
                    """
                    SELECT COUNT(*) FROM tenants
                    WHERE deletes_at <= ? AND NOT is_deleted AND \(StripeAccountStatements.isCharged)
                    """, [.timestamp(now)])?.integer() ?? 0)
        }
    }
}

/// The statements on customers that other transactions share.
enum StripeAccountStatements {
    /// Of a row of `stripe_accounts AS a`: it has a subscription that is not over, as far as was fetched.
    static let hasSubscription = """
        a.subscription_id IS NOT NULL AND a.subscription_status NOT IN ('canceled', 'incomplete_expired')
        """

    /// Of a row of `tenants`: a subscription of it renews itself, as far as was fetched. Of several only one is stored, and another
    /// may renew itself. One of a customer that Stripe does not know any more is charged to no one.
    static let isCharged = """
        EXISTS (SELECT 1 FROM stripe_accounts AS a WHERE a.tenant_id = tenants.id AND \(hasSubscription)
            AND (NOT a.cancel_at_period_end OR COALESCE(a.problem, '') = 'several_subscriptions')
            AND COALESCE(a.problem, '') <> 'customer_missing')
        """

    /// Has a subscription fetched at once.
    static func makeDue(_ tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            "UPDATE stripe_accounts SET due_at = ? WHERE tenant_id = ? AND due_at > ?",
            [.timestamp(now), .tenant(tenantID), .timestamp(now)])
    }

    /// Has a subscription fetched, also where it is being fetched now: something was written to it.
    static func fetchAgain(_ tenantID: TenantID, now: Timestamp, in connection: any SQLConnection) throws {
        try connection.run(
            "UPDATE stripe_accounts SET generation = generation + 1 WHERE tenant_id = ?", [.tenant(tenantID)])
        try makeDue(tenantID, now: now, in: connection)
    }

    /// Has a subscription fetched when a write that was touched last at an instant must have ended: nothing else may say so, as
    /// where the process ends and the call is not repeated.
    static func fetchAfterWrite(
        _ tenantID: TenantID, touchedAt: Timestamp, in connection: any SQLConnection
    ) throws {
        let end = SQLValue.timestamp(touchedAt.adding(seconds: StripeIntent.busySeconds + 1))
        try connection.run(
            "UPDATE stripe_accounts SET due_at = ? WHERE tenant_id = ? AND due_at > ?",
            [end, .tenant(tenantID), end])
    }

    /// Makes a tenant a customer. One that is a customer already stays the one it was.
    static func insert(
        _ tenantID: TenantID, customerID: String, now: Timestamp, in connection: any SQLConnection
    ) throws {
        let added = try connection.execute(
            """
            INSERT INTO stripe_accounts (tenant_id, customer_id, due_at, generation) VALUES (?, ?, ?, 0)
            ON CONFLICT (tenant_id) DO NOTHING
            """, [.tenant(tenantID), .text(customerID), .timestamp(now)])
        guard added > 0 else { return }
        try connection.run(
            "UPDATE tenants SET stripe_customer_id = ? WHERE id = ?", [.text(customerID), .tenant(tenantID)])
    }

    /// Makes a tenant another customer, with nothing bought. Without effect where it is no longer the old one.
    static func replace(
        _ tenantID: TenantID, _ old: String, by customerID: String, now: Timestamp, in connection: any SQLConnection
    ) throws {
        // Without the lease: what is being fetched is the old customer's.
        let replaced = try connection.execute(
            """
            UPDATE stripe_accounts SET customer_id = ?, subscription_id = NULL, subscription_status = NULL,
                price_id = NULL, current_period_end = NULL, cancel_at_period_end = FALSE, trial_ends_at = NULL,
                subscribed_at = NULL, past_due_since = NULL, problem = NULL, due_at = ?, generation = generation + 1,
                attempts = 0, last_error = NULL, lease_token = NULL, leased_until = NULL
            WHERE tenant_id = ? AND customer_id = ?
            """, [.text(customerID), .timestamp(now), .tenant(tenantID), .text(old)])
        guard replaced > 0 else { return }
        try connection.run(
            "UPDATE tenants SET stripe_customer_id = ?, stripe_subscription_id = NULL WHERE id = ?",
            [.text(customerID), .tenant(tenantID)])
    }

    /// How many events have come by now; the row is locked. Throws `StorageError(.stale)` where the lease was lost.
    static func generation(under claim: StripeClaim, in connection: any SQLConnection) throws -> Int {
        let row = try connection.first(
            """
            SELECT generation FROM stripe_accounts WHERE tenant_id = ? AND lease_token = ? \(connection.dialect.locking)
            """, [.tenant(claim.account.tenantID), .text(claim.leaseToken)])
        guard let row else { throw StorageError(.stale, "the lease on a tenant's subscription was lost") }
        return try row.integer()
    }
}

private enum StripeAccountColumn: Int, SQLColumns {
    case tenantID, customerID, subscriptionID, subscriptionStatus, priceID, currentPeriodEnd, cancelAtPeriodEnd
    case trialEndsAt, subscribedAt, pastDueSince, problem, fetchedAt, generation, attempts
    static let list = columnList()
}

extension SQLRecord<StripeAccountColumn> {
    fileprivate var account: StripeAccount {
        get throws {
            StripeAccount(
                tenantID: try tenantID(.tenantID), customerID: try text(.customerID), subscription: try subscription,
                pastDueSince: try optionalTimestamp(.pastDueSince), fetchedAt: try optionalTimestamp(.fetchedAt),
                problem: try optionalText(.problem).flatMap { StripeProblem(rawValue: $0) })
        }
    }

    private var subscription: StripeSubscription? {
        get throws {
            guard let id = try optionalText(.subscriptionID), let createdAt = try optionalTimestamp(.subscribedAt)
            else {
                return nil
            }
            return StripeSubscription(
                id: id, status: try choice(.subscriptionStatus, of: StripeSubscription.Status.self),
                priceIDs: try optionalText(.priceID).map { [$0] } ?? [],
                currentPeriodEnd: try optionalTimestamp(.currentPeriodEnd),
                cancelAtPeriodEnd: try flag(.cancelAtPeriodEnd), trialEndsAt: try optionalTimestamp(.trialEndsAt),
                createdAt: createdAt)
        }
    }
}
