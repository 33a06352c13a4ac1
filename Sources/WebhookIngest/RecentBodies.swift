import Domain
import Synchronization

/// The bodies that were stored lately, by their verified signature, which is a digest of the body and costs nothing more.
/// The header that names a delivery is not signed: the same body under another name is the same webhook.
///
/// Kept in memory only, of a node's last 32,768 webhooks at least. What is forgotten is stored again, and changes no issue:
/// a column for the digest with its index in the store would cost more than a quarter of the time of every insert.
final class RecentBodies: Sendable {
    private struct Key: Hashable {
        var tenantID: TenantID
        /// The first half of the signature.
        var first, second: UInt64

        init(_ signature: Signature, of tenantID: TenantID) {
            func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            self.tenantID = tenantID
            first = word(signature.digest[0..<8])
            second = word(signature.digest[8..<16])
        }
    }

    private struct State {
        var newer: Set<Key> = []
        var older: Set<Key> = []
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: how many are remembered at least; twice as many at most.
    init(capacity: Int = 32_768) { self.capacity = capacity }

    func contains(_ signature: Signature, of tenantID: TenantID) -> Bool {
        let key = Key(signature, of: tenantID)
        return state.withLock { $0.newer.contains(key) || $0.older.contains(key) }
    }

    /// To be called when the body is on disk.
    func insert(_ signature: Signature, of tenantID: TenantID) {
        let key = Key(signature, of: tenantID)
        state.withLock { state in
            state.newer.insert(key)
            guard state.newer.count >= capacity else { return }
            state.older = state.newer
            state.newer = []
        }
    }
}
