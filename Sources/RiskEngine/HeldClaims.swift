import Domain
import Synchronization

/// The claims of this node: those that wait for a slot and those that are worked on. Tenants take turns for the slots.
final class HeldClaims: Sendable {
    private let limits: Limits
    private let claims: Mutex<ClaimSlots>

    /// How much is claimed and worked on at once.
    struct Limits: Sendable, Hashable {
        /// Issues of one tenant worked on at the same time.
        var perTenant: Int
        /// Issues worked on at the same time: more than one tenant may have, so that the next one finds a slot.
        var total: Int
        /// With as many waiting claims, a tenant gets no more.
        var waitingPerTenant: Int
        /// With as many waiting claims, no tenant gets more.
        var waiting: Int
    }

    init(_ limits: Limits) {
        self.limits = limits
        claims = Mutex(ClaimSlots())
    }

    /// All of them.
    var all: [IssueClaim] { claims.withLock { $0.all } }

    /// Whose claims to take next; nil while enough wait.
    var turns: ClaimTurns? { claims.withLock { $0.turns(limits) } }

    /// Adds claims that wait; for how many of them work is to be begun now.
    func add(_ added: [IssueClaim]) -> Int { claims.withLock { $0.add(added, limits) } }

    /// What to work on next, having ended `done`.
    func next(after done: IssueClaim?) -> ClaimSlots.Turn {
        claims.withLock { slots in
            if let done { slots.end(done) }
            return slots.next(limits)
        }
    }

    /// Whether something has been worked on since before `instant`.
    func isWorking(since instant: ContinuousClock.Instant) -> Bool { claims.withLock { $0.isWorking(since: instant) } }
}

/// Claims by tenant, as values.
struct ClaimSlots: Sendable {
    /// What a worker does next.
    struct Turn: Sendable {
        /// To be worked on; nil where the worker is to end.
        var claim: IssueClaim?
        /// Whether it is time to claim more.
        var isMoreWanted: Bool
    }

    /// What waits, by tenant, in the order in which it was claimed; no tenant without claims.
    private var waiting: [TenantID: [IssueClaim]] = [:]
    /// The tenants of `waiting`; the first one's turn is next.
    private var order: [TenantID] = []
    /// What is worked on, by tenant and lease, and since when.
    private var working: [TenantID: [String: (claim: IssueClaim, began: ContinuousClock.Instant)]] = [:]
    /// Workers that were begun and have not ended.
    private(set) var workers = 0
    private var last: TenantID?

    var all: [IssueClaim] { waiting.values.flatMap(\.self) + working.values.flatMap { $0.values.map(\.claim) } }

    func turns(_ limits: HeldClaims.Limits) -> ClaimTurns? {
        guard waiting.values.reduce(0, { $0 + $1.count }) < limits.waiting else { return nil }
        return ClaimTurns(full: Set(waiting.filter { $0.value.count >= limits.waitingPerTenant }.keys), last: last)
    }

    mutating func add(_ claims: [IssueClaim], _ limits: HeldClaims.Limits) -> Int {
        for claim in claims {
            if waiting[claim.tenantID] == nil { order.append(claim.tenantID) }
            waiting[claim.tenantID, default: []].append(claim)
        }
        if let claim = claims.last { last = claim.tenantID }
        let startable = order.reduce(0) {
            $0 + min(waiting[$1]?.count ?? 0, limits.perTenant - (working[$1]?.count ?? 0))
        }
        // Some workers may have begun, but not taken anything yet.
        let idle = workers - working.values.reduce(0) { $0 + $1.count }
        let begun = max(0, min(startable - idle, limits.total - workers))
        workers += begun
        return begun
    }

    mutating func end(_ claim: IssueClaim) {
        working[claim.tenantID]?[claim.leaseToken] = nil
        if working[claim.tenantID]?.isEmpty == true { working[claim.tenantID] = nil }
    }

    func isWorking(since instant: ContinuousClock.Instant) -> Bool {
        working.values.contains { $0.values.contains { $0.began < instant } }
    }

    mutating func next(_ limits: HeldClaims.Limits) -> Turn {
        let turn = order.firstIndex { (working[$0]?.count ?? 0) < limits.perTenant }
        guard let turn, let claim = waiting[order[turn]]?.first else {
            workers -= 1
            return Turn(claim: nil, isMoreWanted: true)
        }
        let tenant = order.remove(at: turn)
        waiting[tenant]?.removeFirst()
        let left = waiting[tenant]?.count ?? 0
        if left > 0 { order.append(tenant) } else { waiting[tenant] = nil }
        working[tenant, default: [:]][claim.leaseToken] = (claim, .now)
        return Turn(claim: claim, isMoreWanted: left == limits.waitingPerTenant - 1)
    }
}
