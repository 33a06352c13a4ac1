import Domain
import Foundation
import Synchronization

/// The deliveries of this node that are under way.
final class DeliveriesUnderWay: Sendable {
    private struct Entry {
        var item: OutboxItem
        var tenantID: TenantID
        var peer: String?
        /// From when on it is waited for by itself; nil for never.
        var slowAt: ContinuousClock.Instant?
        var leasedUntil: Timestamp
        var task: Task<Void, Never>?
    }
    private let entries = Mutex<[UUID: Entry]>([:])

    /// What they count for.
    var load: DeliveryTurns.Load {
        let now = ContinuousClock.now
        return entries.withLock { entries in
            entries.values.reduce(into: DeliveryTurns.Load()) {
                $0.add($1.tenantID, $1.peer, $1.item.channel.id, isSlow: $1.slowAt.map { $0 <= now } ?? false)
            }
        }
    }

    /// - Parameter slowAfter: see ``AlertSink/slowAfter``.
    func add(
        _ item: OutboxItem, tenantID: TenantID, peer: String?, slowAfter: Duration?, leasedUntil: Timestamp
    ) {
        entries.withLock {
            $0[item.id] = Entry(
                item: item, tenantID: tenantID, peer: peer, slowAt: slowAfter.map { .now + $0 },
                leasedUntil: leasedUntil)
        }
    }

    /// Keeps the task of a delivery, unless it has ended before.
    func keep(_ task: Task<Void, Never>, of item: OutboxItem) { entries.withLock { $0[item.id]?.task = task } }

    func remove(_ item: OutboxItem) { entries.withLock { $0[item.id] = nil } }

    /// Those whose lease ends before `instant`.
    func leased(before instant: Timestamp) -> [OutboxItem] {
        entries.withLock { $0.values.filter { $0.leasedUntil < instant }.map(\.item) }
    }

    func extended(_ items: [OutboxItem], until: Timestamp) {
        entries.withLock { entries in
            for item in items { entries[item.id]?.leasedUntil = until }
        }
    }

    /// Waits until all have ended. When the calling task is cancelled, they are, and end soon.
    func finish() async {
        let tasks = entries.withLock { $0.values.compactMap(\.task) }
        await withTaskCancellationHandler {
            for task in tasks { await task.value }
        } onCancel: {
            for task in tasks { task.cancel() }
        }
    }
}
