public import Domain
import Foundation
public import Logging

/// What a tenant's plan allows in a calendar month (UTC).
public struct MonthlyQuota: Sendable {
    private let store: any QueryStore
    private let logger: Logger

    public init(store: any QueryStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// What a tenant has used in the month of `now`.
    public func used(by tenant: Tenant, at now: Timestamp) async throws -> (count: UsageCount, month: CalendarMonth) {
        let month = CalendarMonth(containing: now)
        return (try await store.usage(tenant.id, from: month.start, to: month.end), month)
    }

    /// What a tenant used on each day of a month.
    public func days(of tenant: Tenant, in month: CalendarMonth) async throws -> [UsageDay] {
        try await store.usageDays(tenant.id, from: month.start, to: month.end)
    }

    /// Runs an analysis against the month's quota. The use is reserved first, so that simultaneous requests cannot
    /// pass the limit together, and refunded when the analysis fails.
    ///
    /// Throws `QueryError.quotaExceeded`, and what `work` and the store throw.
    func charging<Value>(
        _ tenant: Tenant, _ action: UsageAction, for resourceKey: String, by actor: Actor, at now: Timestamp,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let month = CalendarMonth(containing: now)
        let reservation = try await store.reserveUsage(
            tenant.id, action: action, resourceKey: resourceKey, in: month, by: actor, now: now)
        let usageID: UUID
        switch reservation {
        case .reserved(let id): usageID = id
        case .usedUp(let limit):
            throw QueryError.quotaExceeded(
                action, limit: limit, plan: tenant.plan, nextMonthAt: month.end,
                retryAfterSeconds: (month.end.milliseconds - now.milliseconds + 999) / 1000)
        }
        let start = ContinuousClock.now
        do {
            let value = try await work()
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            try await store.completeUsage(
                tenant.id, usageID: usageID, processingTimeMilliseconds: milliseconds, by: actor)
            return value
        } catch {
            do {
                try await store.cancelUsage(tenant.id, usageID: usageID, by: actor)
            } catch let cancellation {
                logger.error(
                    "could not refund the quota of a failed analysis",
                    metadata: ["tenant": "\(tenant.id)", "usage": "\(usageID)", "error": "\(cancellation)"])
            }
            throw error
        }
    }
}
