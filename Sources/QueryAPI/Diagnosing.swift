public import Domain

/// Checks whether consilod, and what it depends on, can do its work. No check sends a message or changes anything.
public protocol Diagnosing: Sendable {
    /// What concerns the whole host.
    func hostChecks() async -> [DiagnosticCheck]
    /// What concerns one tenant; asks its Jira where that is not stopped. Throws what the store throws.
    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck]
}
