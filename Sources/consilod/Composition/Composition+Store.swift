import Domain
import Foundation
import Logging
import Store

extension Composition {
    /// The store, opened and up to date, and this process as one of its nodes.
    struct StorePart {
        let store: RiskStore
        let node: StoreNode
    }

    /// Opens and migrates the store. A store in a file is locked first, for its leases are ended here: another daemon's
    /// must not be.
    func openStore() async throws -> StorePart {
        var lock: StoreLock?
        if case .sqlite(let path) = configuration.store {
            let taken = try StoreLock(storePath: path, opensStore: true)
            cleanups.onStop("the store's lock") { taken.release() }
            lock = taken
        }
        let metrics = StoreMetrics(factory: registry)
        var opened = try await notifier.keepingStartAlive("opening the store and migrating its schema") {
            try await open(configuration.store, metrics: metrics)
        }
        opened.limits = configuration.tenantLimits
        opened.tellsOwners = configuration.sendsAccountMails
        opened.sellsSubscriptions = configuration.stripe != nil
        opened.now = { [clock] in clock.now }
        let store = opened
        cleanups.onStop("the store") { try store.close() }
        lock?.markUsed()
        if !(try await StoreKey.check(vault, of: store)) {
            try await StoreKey.place(vault, in: store, by: .system("store"))
        }
        let record = try await store.clockRecord()
        clock.begin(after: record)
        let node = StoreNode(host: ProcessInfo.processInfo.hostName, version: Version.current, startedAt: clock.now)
        cleanups.onStop("this node's row") {
            // A node that is not forgotten counts as gone after a minute.
            do { try await store.forget(node) } catch let error as StorageError where error.code == .unavailable {}
        }
        try await store.endLeftLeases()
        if !(await ClockWatch.repair(store, now: clock.now, isSuspected: record.doubtedAt != nil, logger)) {
            throw StorageError(.unavailable, "the store cannot be written")
        }
        return StorePart(store: store, node: node)
    }

    /// Waits for a database server that cannot be reached now: a restart would not bring it back.
    private func open(_ place: StoreLocation, metrics: StoreMetrics) async throws -> RiskStore {
        switch place {
        case .sqlite(let path): return try await RiskStore.sqlite(path: path, now: .now, metrics: metrics)
        case .postgres(let settings):
            while true {
                do {
                    return try await RiskStore.postgres(settings, now: .now, metrics: metrics)
                } catch let error as StorageError where error.code == .unavailable {
                    logger.error(
                        "waiting for the database", metadata: ["place": "\(settings.place)", "error": "\(error)"])
                    notifier.status("waiting for \(settings.place): \(error)")
                    try await Task.sleep(for: .seconds(2))
                }
            }
        }
    }
}
