import Domain

extension IssueAnalyst {
    /// The state as a plain issue, with what is known besides its own webhooks: what sprint webhooks said of its sprints,
    /// and whether its work is over. All callers get this one answer. Nil while too little is known.
    ///
    /// - Parameters:
    ///   - until: for an analysis of the past, its instant: what sprint webhooks said later is left out.
    ///   - sprints: what was asked of the store before, for the same claim.
    func resolve(
        _ state: IssueState, of work: IssueWork, until: Timestamp?, sprints: inout SprintLookup
    ) async throws -> (issue: Issue, sprintRecords: [SprintRecord])? {
        guard var issue = IssueFold.issue(from: state) else { return nil }
        let records = try await sprints.records(of: state.sprintIDs) {
            try await store.sprintRecords(tenantID: work.tenant.id, sprintIDs: $0)
        }
        scorer.complete(
            &issue, of: state, sprints: records, project: work.project, statuses: work.statuses, until: until)
        return (issue, records)
    }
}

/// What sprint webhooks said of the sprints of one issue: each is asked for once, however many instants its claim looks at.
struct SprintLookup {
    private var asked: Set<String> = []
    private var known: [SprintRecord] = []

    init() {}

    /// - Parameter loaded: what was said of all sprints that `state` names; nil where that was not asked for.
    init(loaded: [SprintRecord]?, of state: IssueState) {
        guard let loaded else { return }
        asked = Set(state.sprintIDs)
        known = loaded.sorted { $0.sprint.id < $1.sprint.id }
    }

    /// What was said of the sprints `ids`, by id.
    mutating func records(
        of ids: [String], _ load: ([String]) async throws -> [SprintRecord]
    ) async throws -> [SprintRecord] {
        let new = ids.filter { !asked.contains($0) }
        if !new.isEmpty {
            known = (known + (try await load(new))).sorted { $0.sprint.id < $1.sprint.id }
            asked.formUnion(new)
        }
        return known.filter { ids.contains($0.sprint.id) }
    }
}

extension Issue {
    /// Puts what was said of the issue's project in the place of its own copy, where it is not older: the key of a renamed
    /// project, and with it the issue's; an issue of a project that is gone is gone, too.
    mutating func take(_ project: ProjectRecord, over told: Version?) {
        guard project.id == projectID, told.map({ project.toldAt >= $0.at }) ?? true else { return }
        if project.key != projectKey {
            key = key.moved(toProject: project.key)
            projectKey = project.key
        }
        if project.isGone { isDeleted = true }
    }

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
