/// The result of one check whether consilod can do its work.
public struct DiagnosticCheck: Sendable, Hashable, Codable {
    /// The outcomes by the words of the API, best first.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// As it should be.
        case ok
        /// It works, but not all of it, or not for long.
        case warning
        /// It does not work.
        case failed
    }

    /// What was checked: `store`, `jira.webhook`, …; stable, for programs.
    public var name: String
    /// Whether something needs doing.
    public var outcome: Outcome
    /// What was found, in one sentence without secrets.
    public var detail: String
    /// What to do; nil where nothing needs doing.
    public var remedy: String?

    public init(_ name: String, _ outcome: Outcome, _ detail: String, remedy: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.detail = detail
        self.remedy = remedy
    }
}
