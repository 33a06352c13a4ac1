import Domain

/// What the workflow statuses mean for one issue.
///
/// The change log tells ids and names only. What Jira says of the current status' category goes first, then what it said of
/// a status wherever an issue was seen in it, then the configured names.
struct StatusNames {
    private let done: Set<String>
    private let blocked: Set<String>
    private let started: Set<String>
    private let current: Status?
    private let catalog: StatusCatalog

    init(_ configuration: RiskConfiguration, of issue: Issue, catalog: StatusCatalog = StatusCatalog()) {
        self.init(configuration, current: issue.status, catalog: catalog)
    }

    init(_ configuration: RiskConfiguration, current: Status?, catalog: StatusCatalog = StatusCatalog()) {
        done = Set(configuration.doneStatusNames.map { $0.lowercased() })
        blocked = Set(configuration.blockedStatusNames.map { $0.lowercased() })
        started = Set(configuration.startedStatusNames.map { $0.lowercased() })
        self.current = current
        self.catalog = catalog
    }

    /// Whether a status completes the work, by its id where that is known, else its name in any case.
    func isDone(_ name: String?, id: String? = nil) -> Bool {
        guard let name = name?.lowercased() else { return false }
        if let current, let category = current.category,
            id != nil && current.id == id || current.name.lowercased() == name
        {
            return category == .done
        }
        if let category = catalog.category(id: id, name: name) { return category == .done }
        return done.contains(name)
    }

    /// Whether another issue's status completes its work, as far as Jira said which category it has.
    func isDone(_ other: Status?) -> Bool {
        guard let other else { return false }
        let category = other.category ?? catalog.category(id: other.id, name: other.name)
        return category.map { $0 == .done } ?? done.contains(other.name.lowercased())
    }

    func isBlocked(_ name: String?, id: String? = nil) -> Bool {
        guard let name = name?.lowercased() else { return false }
        return blocked.contains(name) && !isDone(name, id: id)
    }

    /// Whether work has begun in a status of this name.
    func isStarted(_ name: String?) -> Bool { name.map { started.contains($0.lowercased()) } ?? false }

    /// Whether the issue's work is over.
    var isCurrentDone: Bool { isDone(current?.name, id: current?.id) }
    var isCurrentBlocked: Bool { isBlocked(current?.name, id: current?.id) }
}

extension Change {
    /// Jira's own fields are named in lower case; old exports also know `Status`.
    func concerns(_ name: String) -> Bool { field == name || field.lowercased() == name }
}

extension Comment {
    /// The author's name for people to read.
    var authorName: String { author?.displayName ?? "Unknown" }
}
