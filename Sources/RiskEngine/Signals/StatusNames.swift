import Domain

/// What the names of workflow statuses mean for one issue.
///
/// The change log tells names only. What Jira says of the current status' category goes before the configured names.
struct StatusNames {
    private let done: Set<String>
    private let blocked: Set<String>
    private let started: Set<String>
    private let current: Status?

    init(_ configuration: RiskConfiguration, of issue: Issue) { self.init(configuration, current: issue.status) }

    init(_ configuration: RiskConfiguration, current: Status?) {
        done = Set(configuration.doneStatusNames.map { $0.lowercased() })
        blocked = Set(configuration.blockedStatusNames.map { $0.lowercased() })
        started = Set(configuration.startedStatusNames.map { $0.lowercased() })
        self.current = current
    }

    func isDone(_ name: String?) -> Bool {
        guard let name = name?.lowercased() else { return false }
        if let current, let category = current.category, current.name.lowercased() == name { return category == .done }
        return done.contains(name)
    }

    func isBlocked(_ name: String?) -> Bool {
        guard let name = name?.lowercased() else { return false }
        return blocked.contains(name) && !isDone(name)
    }

    /// Whether work has begun in a status of this name.
    func isStarted(_ name: String?) -> Bool { name.map { started.contains($0.lowercased()) } ?? false }

    /// Whether the issue's work is over.
    var isCurrentDone: Bool { isDone(current?.name) }
    var isCurrentBlocked: Bool { isBlocked(current?.name) }
}

extension Change {
    /// Jira's own fields are named in lower case; old exports also know `Status`.
    func concerns(_ name: String) -> Bool { field == name || field.lowercased() == name }
}

extension Comment {
    /// The author's name for people to read.
    var authorName: String { author?.displayName ?? "Unknown" }
}
