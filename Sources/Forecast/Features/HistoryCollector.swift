public import Domain

/// Makes the histories of a tenant's issues from their stored pasts, which come in portions and are not kept.
///
/// What issues know of each other has to be noted of all before the first history is made: the sprints that their change
/// logs name, and since when sub-tasks are those of their parents. So it reads twice, and holds one portion at a time.
public struct HistoryCollector: Sendable {
    /// When an issue became the sub-task of another.
    private struct Joining: Sendable {
        var at: Timestamp
        /// The parent's id and key, as far as the change log has them.
        var id: String?
        var key: String?
    }

    private var statuses: StatusCatalog
    private var sprints = SprintCatalog()
    private var created: [IssueID: Timestamp] = [:]
    private var joinings: [IssueID: [Joining]] = [:]

    /// - Parameter statuses: of the site; those that the issues are in are added.
    public init(statuses: StatusCatalog) { self.statuses = statuses }

    /// Notes what other issues have to know of this one.
    ///
    /// - Parameter records: what sprint webhooks said of its sprints.
    public mutating func note(_ past: IssuePast, sprints records: [SprintRecord] = []) {
        let issue = past.issue
        if let status = issue.status { statuses.insert(status) }
        for sprint in issue.sprints { sprints.insert(sprint, seen: past.sprintsToldAt ?? issue.updated) }
        for record in records where !record.isDeleted { sprints.insert(record.sprint, seen: record.sentAt) }
        created[issue.id] = issue.created
        let joined = issue.changes.filter { $0.field.lowercased() == "parent" }
            .map { Joining(at: $0.at, id: $0.to, key: $0.toString) }
        if !joined.isEmpty { joinings[issue.id] = joined }
    }

    /// The history of an issue; all have been noted before.
    public func history(of past: IssuePast) -> IssueHistory {
        let issue = past.issue
        var seen = FirstSights(completeSince: past.knownFrom, goneAt: past.goneAt, links: past.linkedAt)
        for subtask in issue.subtasks ?? [] {
            let joined = joinings[subtask.id]?.last { $0.id == issue.id.rawValue || $0.key == issue.key.rawValue }
            seen.subtasks[subtask.id] = joined?.at ?? created[subtask.id]
        }
        return IssueHistory(
            issue, statuses: statuses, sprints: sprints, seen: seen, commentLengths: past.commentLengths)
    }
}
