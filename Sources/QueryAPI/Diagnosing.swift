public import Domain

/// One thing that was looked at to see whether consilod can do its work.
public struct DiagnosticCheck: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// As it should be.
        case ok
        /// It works, but not all of it, or not for long.
        case warning
        /// It does not work.
        case failed
    }

    /// What was looked at: `store`, `jira.webhook`, …; stable, for programs.
    public var name: String
    public var outcome: Outcome
    /// What was found, in one sentence without secrets.
    public var detail: String
    /// What to do about it; nil where nothing is to be done.
    public var remedy: String?

    public init(_ name: String, _ outcome: Outcome, _ detail: String, remedy: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.detail = detail
        self.remedy = remedy
    }
}

/// Looks whether consilod, and what it depends on, can do its work. No check sends a message or changes anything.
public protocol Diagnosing: Sendable {
    /// What concerns the whole host.
    func hostChecks() async -> [DiagnosticCheck]
    /// What concerns one tenant; asks its Jira where that is not stopped. Throws what the store throws.
    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck]
}
