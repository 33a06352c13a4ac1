import Domain
import Synchronization

/// Keeps the counts of open issues of tenants that have hundreds of thousands, where counting takes tenths of a second: however many
/// pages are open, counting takes about a tenth of one processor. The counts of smaller tenants are always those of now.
final class ProjectRiskCache: Sendable {
    /// Open issues from which counts are kept: counting them takes about 50 ms.
    static let largeTenant = 200_000
    /// How long counts are kept, for each issue counted: ten times what counting it takes.
    static let periodPerIssue = Duration.nanoseconds(2500)

    private struct Entry {
        var risks: [ProjectRisk]
        var period: Duration
        var end: ContinuousClock.Instant
    }

    private let smallest: Int
    private let entries = Mutex<[TenantID: Entry]>([:])

    /// - Parameter smallest: open issues from which the counts of a tenant are kept.
    init(smallest: Int = ProjectRiskCache.largeTenant) { self.smallest = smallest }

    /// The counts that are kept; nil where the caller is to count, and to call ``keep(_:of:at:)``. Once they are too old, one caller
    /// counts and the others get the old ones meanwhile.
    func risks(of id: TenantID, at now: ContinuousClock.Instant = .now) -> [ProjectRisk]? {
        entries.withLock { entries in
            guard let entry = entries[id] else { return nil }
            guard now >= entry.end else { return entry.risks }
            entries[id]?.end = now + entry.period
            return nil
        }
    }

    /// Keeps what was counted where the tenant is large.
    func keep(_ risks: [ProjectRisk], of id: TenantID, at now: ContinuousClock.Instant = .now) {
        let count = risks.reduce(0) { $0 + $1.counts.total }
        entries.withLock { entries in
            guard count >= smallest else {
                entries[id] = nil
                return
            }
            let period = Self.periodPerIssue * count
            entries[id] = Entry(risks: risks, period: period, end: now + period)
        }
    }
}
