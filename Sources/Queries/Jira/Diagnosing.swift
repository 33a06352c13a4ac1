public import Domain

/// Checks what concerns the whole host. No check sends a message or changes anything.
public protocol HostDiagnosing: Sendable {
    /// Never fails: what cannot be checked is itself a failed check.
    func checks() async -> [DiagnosticCheck]
}

/// Checks what concerns one tenant. No check sends a message or changes anything.
public protocol TenantDiagnosing: Sendable {
    /// Calls the tenant's Jira where that is not stopped. Throws what the store throws.
    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck]
}
