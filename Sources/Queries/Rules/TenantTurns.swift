import Domain
import Synchronization

/// Sees to it that this node computes one thing at a time for a tenant that reads much of its history.
public final class TenantTurns: Sendable {
    private let busy = Mutex<Set<TenantID>>([])

    public init() {}

    /// Runs `body`, unless something of the tenant runs already. Throws ``QueryError/computationUnderWay``, and what `body`
    /// throws.
    func run<Value: Sendable>(
        for tenantID: TenantID, _ body: () async throws -> Value
    ) async throws -> Value {
        guard busy.withLock({ $0.insert(tenantID).inserted }) else { throw QueryError.computationUnderWay }
        defer { _ = busy.withLock { $0.remove(tenantID) } }
        return try await body()
    }
}
