import Domain
import Synchronization

/// How many calls of a tenant are carried out. Each asks Stripe several times, and Stripe has one limit for the whole host: a client of one
/// tenant that loops would delay the payments of all others (P11). Each node counts for itself.
final class CallBudget: Sendable {
    /// A front end makes a few; a loop is refused before Stripe's 25 a second in test mode are near.
    static let callsPerWindow = 60
    private static let window = Duration.seconds(60)
    private static let mostKept = 1000

    private struct Count {
        var since: ContinuousClock.Instant
        var calls = 0
    }

    private let counts = Mutex<[TenantID: Count]>([:])

    /// Counts a call. Throws `.tooMany` where there were as many as may be.
    func take(_ tenantID: TenantID, at now: ContinuousClock.Instant = .now) throws {
        let wait = counts.withLock { counts -> Duration? in
            if counts.count >= Self.mostKept { counts = counts.filter { now - $0.value.since < Self.window } }
            var count = counts[tenantID] ?? Count(since: now)
            if now - count.since >= Self.window { count = Count(since: now) }
            guard count.calls < Self.callsPerWindow else { return Self.window - (now - count.since) }
            count.calls += 1
            counts[tenantID] = count
            return nil
        }
        guard let wait else { return }
        throw BillingError.tooMany(retryAfterSeconds: Int(wait.components.seconds) + 1)
    }
}
