/// What the `sprint_*` webhooks said last of a sprint.
public struct SprintRecord: Sendable, Hashable {
    /// The sprint as the webhook described it.
    public var sprint: Sprint
    /// Whether the newest webhook said that it was deleted.
    public var isDeleted: Bool
    /// The webhook's own time.
    public var sentAt: Timestamp

    public init(sprint: Sprint, isDeleted: Bool, sentAt: Timestamp) {
        self.sprint = sprint
        self.isDeleted = isDeleted
        self.sentAt = sentAt
    }
}

extension IssueState {
    /// The sprints that the issue itself names.
    public var sprintIDs: [String] { (fields.sprints?.value ?? []).map(\.id) }
}
