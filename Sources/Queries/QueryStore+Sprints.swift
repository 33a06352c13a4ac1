import Domain

extension QueryStore {
    /// The sprint of a project that is called `name`, in any case, or the active one; with the others that fit as well.
    ///
    /// Throws ``QueryError``, `.unknownProject` and `.unknownSprint`, and what the store throws.
    ///
    /// - Parameter projectKey: in capital letters.
    func sprint(
        _ id: TenantID, of projectKey: String, named name: String?
    ) async throws -> (sprint: Sprint, others: [Sprint]) {
        guard try await knowsProject(id, projectKey: projectKey) else {
            throw QueryError.unknownProject(slice: nil)
        }
        let found = try await sprints(id, projectKey: projectKey, named: name).sorted { $0.isPreferred(to: $1) }
        guard let sprint = found.first else { throw QueryError.unknownSprint(isNamed: name != nil) }
        return (sprint, Array(found.dropFirst()))
    }
}

extension Sprint {
    /// Of several sprints an active one comes first, then one in the future; then the one that started last.
    fileprivate func isPreferred(to other: Sprint) -> Bool {
        let states = ["active", "future"]
        func rank(_ sprint: Sprint) -> Int { states.firstIndex(of: sprint.state) ?? states.count }
        if rank(self) != rank(other) { return rank(self) < rank(other) }
        if startDate != other.startDate {
            guard let start = startDate else { return false }
            return other.startDate.map { start > $0 } ?? true
        }
        // Jira numbers sprints as they are made.
        return (id.count, id) > (other.id.count, other.id)
    }
}
