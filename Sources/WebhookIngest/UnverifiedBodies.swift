import Domain
import Synchronization

/// The bodies whose signature is not checked yet, by tenant. To send one, a tenant's id is enough, so each tenant has a
/// share only of the bytes in flight and of the connections: a client that knows one id keeps out no other tenant.
final class UnverifiedBodies: Sendable {
    private struct Held {
        var bodies = 0
        var bytes = 0
    }

    private let bodyLimit: Int
    private let byteLimit: Int
    private let held = Mutex<[TenantID: Held]>([:])

    /// - Parameters:
    ///   - bodies: most bodies of one tenant at a time.
    ///   - bytes: most bytes of one tenant's bodies together.
    init(bodies: Int, bytes: Int) {
        bodyLimit = bodies
        byteLimit = bytes
    }

    /// Whether a body of this many more bytes may be begun; it is counted then, and ``end(of:bytes:)`` must follow.
    ///
    /// - Parameter length: as it is announced; nothing is reserved for it.
    func begin(of tenantID: TenantID, length: Int) -> Bool {
        held.withLock { held in
            var own = held[tenantID] ?? Held()
            guard own.bodies < bodyLimit, own.bytes + length <= byteLimit else { return false }
            own.bodies += 1
            held[tenantID] = own
            return true
        }
    }

    /// Counts bytes that have arrived; false, and nothing is counted, when they do not fit.
    func take(_ bytes: Int, of tenantID: TenantID) -> Bool {
        held.withLock { held in
            guard held[tenantID, default: Held()].bytes + bytes <= byteLimit else { return false }
            held[tenantID, default: Held()].bytes += bytes
            return true
        }
    }

    /// A body's signature is checked, or it is given up.
    func end(of tenantID: TenantID, bytes: Int) {
        held.withLock { held in
            guard var own = held[tenantID] else { return }
            own.bodies -= 1
            own.bytes -= bytes
            held[tenantID] = own.bodies > 0 ? own : nil
        }
    }
}
