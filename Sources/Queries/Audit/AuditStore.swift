public import Domain

/// What the doors need of the audit log. What changes something in the store is recorded by the store itself.
public protocol AuditStore: Sendable {
    /// Records an act that changes nothing in the store. Without effect for a part of consilod.
    func record(_ act: AuditAct, in chain: AuditChain, by actor: Actor, now: Timestamp) async throws
    /// The rows of a chain, newest first.
    func auditEntries(
        _ chain: AuditChain, filter: AuditFilter, after cursor: String?, limit: Int
    ) async throws -> Page<AuditEntry>
}
