public import Domain

/// The audit log for those who may read it. All throw ``QueryError``, and what the store throws.
public struct AuditTrail: Sendable {
    private let store: any AuditStore

    public init(store: any AuditStore) { self.store = store }

    /// A tenant's rows, newest first: for owners.
    public func page(
        _ filter: AuditFilter, after cursor: String?, limit: Int, for principal: Principal
    ) async throws -> Page<AuditEntry> {
        try await store.auditEntries(
            .tenant(try principal.tenant(to: .administer).id), filter: filter, after: cursor, limit: limit)
    }

    /// The rows of the host's chain, newest first: for the host's owner.
    public func hostPage(
        _ filter: AuditFilter, after cursor: String?, limit: Int
    ) async throws -> Page<AuditEntry> {
        try await store.auditEntries(.host, filter: filter, after: cursor, limit: limit)
    }
}
