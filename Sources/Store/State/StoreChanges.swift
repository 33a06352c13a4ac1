public import Domain
import Synchronization

/// Tells which tenants' data has changed, after the commit: of what people look at, as scores, alerts and the state of the sync.
///
/// Of changes by this process alone. An observer may hear of a transaction that changed nothing.
public final class StoreChanges: Sendable {
    /// A function in a structure: a `Mutex` of the function alone would wrap it once more at each `withLock`, because its
    /// generic form is another one than that of a call.
    private struct Observer: Sendable {
        let notify: @Sendable (TenantID) -> Void
    }

    private let observer = Mutex<Observer?>(nil)

    init() {}

    /// - Parameter observer: called where the commit was, and must not take long; replaces the one before.
    public func observe(_ observer: @escaping @Sendable (TenantID) -> Void) {
        self.observer.withLock { $0 = Observer(notify: observer) }
    }

    /// A transaction was committed.
    func committed(_ changed: ChangedTenants) {
        let ids = changed.all
        guard !ids.isEmpty, let observer = observer.withLock({ $0 }) else { return }
        ids.forEach(observer.notify)
    }
}

/// The tenants of which a transaction changes what people look at.
final class ChangedTenants: Sendable {
    private let ids = Mutex<Set<TenantID>>([])

    func insert(_ id: TenantID) { ids.withLock { _ = $0.insert(id) } }

    var all: Set<TenantID> { ids.withLock { $0 } }
}
