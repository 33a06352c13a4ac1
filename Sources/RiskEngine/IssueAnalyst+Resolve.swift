import Domain

extension IssueAnalyst {
    /// The state as a plain issue, with what is known besides its own webhooks: what sprint webhooks said of its sprints,
    /// and whether its work is over. All callers get this one answer. Nil while too little is known.
    ///
    /// - Parameter until: for an analysis of the past, its instant: what sprint webhooks said later is left out.
    func resolve(
        _ state: IssueState, of tenantID: TenantID, until: Timestamp?
    ) async throws -> (issue: Issue, sprintRecords: [SprintRecord])? {
        guard var issue = IssueFold.issue(from: state) else { return nil }
        let records = try await store.sprintRecords(tenantID: tenantID, sprintIDs: state.sprintIDs)
        if let told = state.fields.sprints?.version {
            issue.take(records.filter { $0.sentAt <= until ?? $0.sentAt }, over: told)
        }
        if issue.status?.category == nil, scorer.isDone(issue.status) { issue.status?.category = .done }
        return (issue, records)
    }

    /// Whether the work on the issue is over, as ``resolve(_:of:until:)`` says.
    func isDone(_ state: IssueState) -> Bool { scorer.isDone(state.fields.status?.value ?? nil) }
}

extension Issue {
    /// Puts what sprint webhooks said in the place of the issue's own copies, where it is not older than they. A deleted
    /// sprint does not belong to the issue.
    mutating func take(_ records: [SprintRecord], over told: Version) {
        let newer = Dictionary(
            records.filter { $0.sentAt >= told.sentAt }.map { ($0.sprint.id, $0) },
            uniquingKeysWith: { first, _ in first })
        sprints = sprints.compactMap { own in
            guard let record = newer[own.id] else { return own }
            return record.isDeleted ? nil : record.sprint
        }
    }
}
