public import Domain

/// One check of whether consilod can do its work.
public struct DiagnosticCheck: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// In order.
        case ok
        /// It works in part, or will stop working soon.
        case warning
        /// It does not work.
        case failed
    }

    /// What was checked: `store`, `jira.webhook`, …; stable, for programs.
    public var name: String
    public var outcome: Outcome
    /// What was found, in one sentence without secrets.
    public var detail: String
    /// What to do about it; nil where no action is needed.
    public var remedy: String?

    public init(_ name: String, _ outcome: Outcome, _ detail: String, remedy: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.detail = detail
        self.remedy = remedy
    }
}

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
