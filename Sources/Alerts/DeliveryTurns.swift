import Domain
import Foundation

/// Whose deliveries are next. Pure: tenants take turns, then the channels of a tenant, within what may be under way at once.
struct DeliveryTurns: Sendable, Hashable {
    /// How many deliveries may be under way at once on this node.
    struct Limits: Sendable, Hashable {
        var total = 64
        /// So that sixteen tenants at their worst leave a slot for the next one.
        var perTenant = 4
        /// A peer that does not answer takes these and no more.
        var perPeer = 8
        /// With those that are waited for by themselves (``AlertSink/slowAfter``).
        var withSlow = 256
    }

    /// A channel that waits.
    struct Candidate: Sendable, Hashable {
        var waiting: WaitingChannel
        /// Who is called for it; nil where its target cannot be read, and no host will be.
        var peer: String?
        /// Whether one delivery at a time may be under way.
        var isSerial: Bool

        fileprivate var id: UUID { waiting.channel.id }
    }

    /// What is under way.
    struct Load: Sendable, Hashable {
        private(set) var total = 0
        /// Those that only count for their tenant and channel.
        private(set) var slow = 0
        private(set) var byTenant: [TenantID: Int] = [:]
        private(set) var byPeer: [String: Int] = [:]
        private(set) var byChannel: [UUID: Int] = [:]

        mutating func add(_ tenantID: TenantID, _ peer: String?, _ channelID: UUID, isSlow: Bool = false) {
            byTenant[tenantID, default: 0] += 1
            byChannel[channelID, default: 0] += 1
            guard !isSlow else {
                slow += 1
                return
            }
            total += 1
            if let peer { byPeer[peer, default: 0] += 1 }
        }

        fileprivate func hasRoom(_ limits: Limits) -> Bool {
            total < limits.total && total + slow < limits.withSlow
        }
    }

    var limits = Limits()

    /// Whether another delivery may begin at all.
    func hasRoom(_ load: Load) -> Bool { load.hasRoom(limits) }

    /// How many deliveries to claim of each channel: none where all limits are reached.
    ///
    /// The tenant with the fewest deliveries under way is next, of several the one served longest ago; of its channels in the
    /// same way. A channel may have fewer deliveries due than it gets turns.
    func plan(_ candidates: [Candidate], under load: Load) -> [UUID: Int] {
        var (load, turns) = (load, [UUID: Int]())
        var tenants = Dictionary(grouping: candidates, by: \.waiting.tenantID)
        let servedAt = tenants.mapValues { $0.compactMap(\.waiting.servedAt).max() }
        while load.hasRoom(limits) {
            // Who has nothing more to send within the limits is out of it.
            tenants = tenants.filter { tenant, channels in
                load.byTenant[tenant, default: 0] < limits.perTenant && channels.contains { mayGo($0, load) }
            }
            let next = tenants.keys.min {
                precedes(
                    (load.byTenant[$0, default: 0], servedAt[$0] ?? nil, "\($0)"),
                    (load.byTenant[$1, default: 0], servedAt[$1] ?? nil, "\($1)"))
            }
            guard let next, let channels = tenants[next] else { break }
            let channel = channels.filter { mayGo($0, load) }.min {
                precedes(
                    (load.byChannel[$0.id, default: 0], $0.waiting.servedAt, $0.id.canonicalText),
                    (load.byChannel[$1.id, default: 0], $1.waiting.servedAt, $1.id.canonicalText))
            }
            guard let channel else { break }
            load.add(next, channel.peer, channel.id)
            turns[channel.id, default: 0] += 1
        }
        return turns
    }

    private func mayGo(_ candidate: Candidate, _ load: Load) -> Bool {
        if candidate.isSerial, load.byChannel[candidate.id, default: 0] > 0 { return false }
        return candidate.peer.map { load.byPeer[$0, default: 0] < limits.perPeer } ?? true
    }

    /// The fewer under way, the longer ago served; the name last, so that the order is the same each time.
    private func precedes(_ first: (Int, Timestamp?, String), _ second: (Int, Timestamp?, String)) -> Bool {
        if first.0 != second.0 { return first.0 < second.0 }
        let (one, other) = (first.1?.milliseconds ?? .min, second.1?.milliseconds ?? .min)
        return one != other ? one < other : first.2 < second.2
    }
}
