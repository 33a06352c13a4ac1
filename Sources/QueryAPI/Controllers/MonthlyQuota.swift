import Domain
import HTTPTypes
import Logging

/// What a tenant's plan allows in a calendar month (UTC).
struct MonthlyQuota: Sendable {
    var store: any QueryStore
    var logger: Logger

    /// Runs an analysis against the month's quota. The use is reserved first, so that simultaneous requests cannot
    /// pass the limit together, and taken back when the analysis fails.
    func charging<Value>(
        _ tenant: Tenant, _ action: UsageAction, for resourceKey: String, at now: Timestamp,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let month = CalendarMonth(containing: now)
        let reserved = try await store.reserveUsage(
            tenant.id, action: action, resourceKey: resourceKey, limit: tenant.limits[action], from: month.start,
            now: now)
        guard let usageID = reserved else {
            let wait = (month.end.milliseconds - now.milliseconds + 999) / 1000
            throw APIError(
                .quotaExceeded,
                "This month's \(action.rawValue) analyses are used up; the next month starts at \(month.end).",
                headers: [.retryAfter: String(wait)])
        }
        let start = ContinuousClock.now
        do {
            let value = try await work()
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            try await store.completeUsage(
                tenant.id, usageID: usageID, processingTimeMilliseconds: milliseconds)
            return value
        } catch {
            do {
                try await store.cancelUsage(tenant.id, usageID: usageID)
            } catch let cancellation {
                logger.error(
                    "a failed analysis stays charged",
                    metadata: ["tenant": "\(tenant.id)", "usage": "\(usageID)", "error": "\(cancellation)"])
            }
            throw error
        }
    }
}

extension Tenant {
    /// Throws `trial_expired` (402) where the tenant's trial is over.
    func checkTrial(at now: Timestamp) throws {
        guard status == .trial, let end = trialEndsAt, end <= now else { return }
        throw APIError(.trialExpired, "The trial ended at \(end).")
    }
}
