import Domain

/// What a commit reads of the store once all that it decides on is locked: with a server one round trip.
struct CommitReading {
    /// The queue row's.
    let generation: Int64
    /// Whether events of the issue wait besides those of the result.
    let hasMore: Bool
    /// The rows of ``SprintStatements/selectMemberships(of:_:)``.
    let memberships: [SQLRow]
    /// What sprint webhooks said of the issue's sprints.
    private let sprints: [SprintRecord]
    /// What was said last of the issue's project.
    private let project: ProjectRecord?
    /// What is known of the site's statuses; nil where the result does not rest on it.
    private let statusCatalog: StatusCatalog?

    /// Throws `StorageError(.stale)` when the claim's lease was lost.
    init(_ result: RescoreResult, for claim: IssueClaim, in connection: any SQLConnection) throws {
        let (tenantID, dialect) = (claim.tenantID, connection.dialect)
        let sprintIDs = Set(result.state.sprintIDs)
        let projectID = result.state.fields.projectID?.value
        var queries = [
            IssueQueueStatements.selectLease(claim, dialect),
            IssueQueueStatements.selectPending(
                claim, besides: result.appliedEvents + result.rejectedEvents.keys, dialect),
            SprintStatements.selectMemberships(of: result.state.id, tenantID),
        ]
        let common = queries.count
        if result.usesStatusCatalog { queries.append(StatusStatements.select(tenantID)) }
        if !sprintIDs.isEmpty {
            queries.append(
                SprintStatements.select(
                    "tenant_id = ? AND \(dialect.isAny("sprint_id"))",
                    [.tenant(tenantID), .array(sprintIDs.map { .text($0) })]))
        }
        if let projectID {
            queries.append(
                ProjectStatements.select("tenant_id = ? AND project_id = ?", [.tenant(tenantID), .text(projectID)]))
        }
        let rows = try connection.query(queries)
        generation = try IssueQueueStatements.generation(rows[0], of: claim)
        hasMore = !rows[1].isEmpty
        memberships = rows[2]
        var others = rows[common...]
        statusCatalog = result.usesStatusCatalog ? try others.popFirst().map { try StatusStatements.catalog($0) } : nil
        sprints = sprintIDs.isEmpty ? [] : try others.popFirst().map { try SprintStatements.records($0) } ?? []
        project = projectID == nil ? nil : try others.popFirst().flatMap { try ProjectStatements.records($0).first }
    }

    /// Whether a sprint's or project's webhook came during the work: it did not find this issue among its own yet.
    func isOutdated(_ result: RescoreResult) -> Bool {
        guard sprints == result.sprintRecords else { return true }
        return project.map { !$0.saysTheSame(as: result.project ?? result.projectRecord) } ?? false
    }

    /// Whether a status that the issue was in before has another category since the work began.
    func hasOtherStatuses(than result: RescoreResult) -> Bool {
        statusCatalog.map { result.isOutdated(by: $0) } ?? false
    }
}
